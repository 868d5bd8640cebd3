//! Random valid messages, cut anywhere on their way: whoever is behind the codec sees the same.

use std::cell::RefCell;
use std::rc::Rc;

use ferroway_core::{Connections, Io};
use ferroway_http::h1::client::ClientConn;
use ferroway_http::h1::server::serve;

use crate::support::client::{Call, Shelf};
use crate::support::server::{Script, connection_info, ok, settings};
use crate::support::{Peer, quoted, run, undated};

const CONNECTIONS: u64 = 200;

/// SplitMix64: small, seeded, good enough.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("less than a usize")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Up to `n - 1` of these.
    fn text(&mut self, of: &[u8], n: usize) -> String {
        (0..self.below(n)).map(|_| char::from(*self.one(of))).collect()
    }

    /// The same letters in any case.
    fn mixed_case(&mut self, name: &str) -> String {
        name.chars().map(|c| if self.chance(50) { c.to_ascii_uppercase() } else { c }).collect()
    }

    /// Bytes of any kind, more often few than many.
    fn bytes(&mut self) -> Vec<u8> {
        let limit = *self.one(&[1, 10, 90, 3000]);
        (0..self.below(limit)).map(|_| *self.one(b"ab\r\n0 \0\xff{}")).collect()
    }

    /// In pieces of any size, at times of single bytes.
    fn cut(&mut self, mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let largest = *self.one(&[1, 3, 20, 500, 100_000]);
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at((1 + self.below(largest)).min(bytes.len()));
            pieces.push(piece.to_vec());
            bytes = rest;
        }
        pieces
    }
}

/// A message's fields and body: as bytes, and as whoever reads it sees them.
#[derive(Default)]
struct Message {
    fields: String,
    body: Vec<u8>,
    fields_view: String,
    body_view: String,
}

impl Message {
    fn random(random: &mut Random) -> Self {
        let mut message = Self::default();
        let mut views = Vec::new();
        for number in 0..random.below(6) {
            let name = format!("{}-{number}", random.one(&["x", "accept", "sec-a.b", "cookie", "te-x"]));
            let value = random.text(b"abc\"/;,= \t~!%0", 40).trim_matches([' ', '\t']).to_owned();
            let (before, after) = (random.text(b" \t", 3), random.text(b" \t", 3));
            message.fields.push_str(&format!("{}:{before}{value}{after}\r\n", random.mixed_case(&name)));
            views.push(format!("{name}: {}", value.escape_default()));
        }
        if !views.is_empty() {
            message.fields_view = format!(" [{}]", views.join(", "));
        }
        message
    }

    fn with_body(mut self, random: &mut Random) -> Self {
        let content = random.bytes();
        let mut trailers = String::new();
        if random.chance(50) {
            self.fields.push_str(&format!("{}: {}\r\n", random.mixed_case("content-length"), content.len()));
            self.body.clone_from(&content);
        } else {
            self.fields.push_str(&format!("{}:chunked\r\n", random.mixed_case("transfer-encoding")));
            trailers = self.chunks(random, &content);
        }
        self.body_view = quoted(&content) + &trailers;
        self
    }

    /// Writes the content in chunks; the view of the trailer fields behind it.
    fn chunks(&mut self, random: &mut Random, content: &[u8]) -> String {
        let extension =
            |random: &mut Random| (*random.one(&["", "", ";a", ";a=b", " \t;c=\"d e\""])).to_owned();
        for chunk in random.cut(content) {
            let zeros = "0".repeat(random.below(3));
            let size = format!("{zeros}{:x}{}\r\n", chunk.len(), extension(random));
            self.body.extend_from_slice(size.as_bytes());
            self.body.extend_from_slice(&chunk);
            self.body.extend_from_slice(b"\r\n");
        }
        self.body.extend_from_slice(format!("0{}\r\n", extension(random)).as_bytes());
        let trailer = random.chance(30);
        self.body.extend_from_slice(if trailer { b"X-Sum: 1\r\n\r\n" } else { b"\r\n" });
        if trailer { " +[x-sum: 1]".to_owned() } else { String::new() }
    }
}

/// A request: its bytes, its target, and what a handler sees.
fn request(random: &mut Random) -> (Vec<u8>, String, String) {
    let method = *random.one(&["GET", "POST", "PUT", "PURGE", "m-x"]);
    let target = format!("/{}", random.text(b"ab/0-~!'();:@$,%?=&", 30).replace('%', "%2F"));
    let message = Message::random(random);
    let message = if random.chance(60) { message.with_body(random) } else { message };
    let head = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n{}\r\n", message.fields);
    let view = format!("{method} {target} a{}{}", message.fields_view, message.body_view);
    ([head.as_bytes(), &message.body].concat(), target, view)
}

#[test]
fn requests_cut_anywhere_look_the_same() {
    run(async {
        for seed in 0..CONNECTIONS {
            let mut random = Random(seed);
            let count = 1 + random.below(4);
            let (mut wire, mut answers, mut views) = (Vec::new(), String::new(), Vec::new());
            for _ in 0..count {
                let (bytes, target, view) = request(&mut random);
                wire.extend(bytes);
                answers.push_str(&ok(&target));
                views.push(view);
            }
            let (client, server) = tokio::io::duplex(*random.one(&[10, 1000, 1 << 20]));
            let script = Rc::new(Script { replies: RefCell::new([].into()), ..Script::default() });
            let (handler, registration) = (script.clone(), Connections::default().enter());
            let serving = tokio::task::spawn_local(async move {
                serve(Io::Other(Box::new(server)), connection_info(), &settings(), &*handler, &registration)
                    .await;
            });
            let mut peer = Peer::new(client);
            let got = peer.exchange(&random.cut(&wire)).await;
            assert_eq!(undated(&got), answers, "seed {seed}");
            drop(peer);
            serving.await.expect("no panic");
            assert_eq!(script.seen.take(), views, "seed {seed}");
        }
    });
}

#[test]
fn responses_cut_anywhere_look_the_same() {
    run(async {
        for seed in 0..CONNECTIONS {
            let mut random = Random(seed);
            let (ours, theirs) = tokio::io::duplex(*random.one(&[10, 1000, 1 << 20]));
            let shelf = Rc::new(Shelf::default());
            let mut conn = Some(ClientConn::new(Io::Other(Box::new(ours)), Some(shelf.clone())));
            let mut peer = Peer::new(theirs);
            for _ in 0..=random.below(4) {
                let message = Message::random(&mut random).with_body(&mut random);
                let status = 200 + random.below(400);
                let phrase = random.text(b"abc -", 10);
                let interim =
                    if random.chance(20) { "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" } else { "" };
                let head = format!("{interim}HTTP/1.1 {status} {phrase}\r\n{}\r\n", message.fields);
                let bodiless = status == 204 || status == 304;
                let body = if bodiless { Vec::new() } else { message.body };
                let content = if bodiless { "" } else { &message.body_view };
                let hints = if interim.is_empty() { "" } else { "103 [link: x], " };
                let conn = conn.take().or_else(|| shelf.take()).expect("the connection was kept");
                let calling = tokio::task::spawn_local(Call::new("GET", "/1").make(conn));
                peer.quiet().await;
                peer.exchange(&random.cut(&[head.as_bytes(), &body].concat())).await;
                let got = calling.await.expect("no panic");
                let view = format!("{hints}{status}{}{content}", message.fields_view);
                if status == 304 {
                    // The length that it tells of is among its fields.
                    assert!(got.starts_with(&format!("{hints}304")), "seed {seed}: {got}");
                } else {
                    assert_eq!(got, view, "seed {seed}");
                }
            }
        }
    });
}
