//! Clients that want to cost more than they pay. Each ends its connection, or is harmless: what it makes the
//! process hold is bounded, whatever it sends and does not read.

use std::time::Duration;

use ferroway_http::h2::PREFACE;
use ferroway_http::h2::server::Limits;

use crate::support::frames::{
    ACK, CONTINUATION, END_HEADERS, END_STREAM, HEADERS, PING, SETTINGS, block, data, field, frame, head,
    indexed_field, post, request, reset, settings_frame, window_update,
};
use crate::support::{Served, run, settings};

const CALM: &str = "ENHANCE_YOUR_CALM";

/// The odd numbers from this one on.
fn streams(from: u32, count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(move |n| from + 2 * n)
}

fn told_to_calm_down(frames: &[String]) -> bool {
    frames.iter().any(|frame| frame.starts_with("GOAWAY") && frame.ends_with(CALM))
}

/// Whether the connection still serves.
async fn serves(served: &mut Served, stream: u32) -> bool {
    let frames = served.exchange(request(stream, "/x")).await;
    frames.iter().any(|frame| frame.starts_with(&format!("{stream}: DATA")))
}

#[test]
fn rapid_resets() {
    run(async {
        // All in one go.
        let mut served = Served::greeted().await;
        let flood: Vec<u8> = streams(1, 1000)
            .flat_map(|stream| [request(stream, "/ever"), reset(stream, 8)].concat())
            .collect();
        assert!(told_to_calm_down(&served.exchange(flood).await));
        assert!(served.seen().len() <= 200, "requests that were begun");
    });
    run(async {
        // One by one, so that each request has been begun.
        let mut served = Served::greeted().await;
        let mut survived = 0;
        for stream in streams(1, 1000) {
            served.send(request(stream, "/ever")).await;
            assert_eq!(served.frames().await, [""; 0]);
            if told_to_calm_down(&served.exchange(reset(stream, 8)).await) {
                break;
            }
            survived += 1;
        }
        assert_eq!(survived, 200);
    });
    run(async {
        // A client that gives up every other request is no attacker.
        let mut served = Served::greeted().await;
        for stream in (1..4001).step_by(4) {
            let frames =
                served.exchange([request(stream, "/ever"), request(stream + 2, "/x")].concat()).await;
            assert_eq!(frames.len(), 2, "{frames:?}");
            assert_eq!(served.exchange(reset(stream, 8)).await, [""; 0]);
        }
    });
}

#[test]
fn requests_that_are_none() {
    run(async {
        let mut served = Served::greeted().await;
        let mut calm = false;
        for stream in streams(1, 1000) {
            let bad = frame(HEADERS, END_STREAM | END_HEADERS, stream, &head("GET", "/%zz", &[]));
            calm = told_to_calm_down(&served.exchange(bad).await);
            if calm {
                break;
            }
        }
        assert!(calm);
    });
    run(async {
        // Streams that the codec itself must reset (CVE-2025-8671).
        let mut served = Served::greeted().await;
        let mut calm = false;
        for stream in streams(1, 1000) {
            let bad = [post(stream, "/ever", &[("content-length", "1")]), data(stream, b"12")].concat();
            calm = told_to_calm_down(&served.exchange(bad).await);
            if calm {
                break;
            }
        }
        assert!(calm);
    });
    // The codec takes these for faults of the connection.
    for bad in [window_update(1, 0), window_update(0, 0)] {
        run(async {
            let mut served = Served::greeted().await;
            let frames = served.exchange([post(1, "/ever", &[]), bad].concat()).await;
            assert_eq!(frames, ["GOAWAY after 1, PROTOCOL_ERROR", "closed"]);
        });
    }
}

#[test]
fn endless_heads() {
    let opening = |block: &[u8]| frame(HEADERS, END_STREAM, 1, block);
    run(async {
        // Fields without end.
        let mut served = Served::greeted().await;
        served.send(opening(&head("GET", "/x", &[]))).await;
        let piece = frame(CONTINUATION, 0, 1, &field("x", &"y".repeat(16_000)));
        let mut sent = 0;
        let frames = loop {
            let frames = served.exchange(&piece).await;
            sent += piece.len();
            if !frames.is_empty() {
                break frames;
            }
            assert!(sent < 16 << 20, "16 MiB were taken");
        };
        assert!(frames.last().is_some_and(|frame| frame == "closed"), "{frames:?}");
    });
    run(async {
        // Frames without fields.
        let mut served = Served::greeted().await;
        served.send(opening(&head("GET", "/x", &[]))).await;
        let frames = served.exchange(frame(CONTINUATION, 0, 1, b"").repeat(10_000)).await;
        assert!(told_to_calm_down(&frames), "{frames:?}");
    });
}

#[test]
fn small_heads_that_stand_for_large_ones() {
    run(async {
        // A field of 4000 bytes, once, and then by its index: 16 MB in 4 kB. The table has 4096 bytes.
        let mut served = Served::greeted().await;
        let first = [head("GET", "/x", &[]), indexed_field("x", &"y".repeat(4000))].concat();
        let frames = served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 1, &first)).await;
        assert_eq!(frames.len(), 2, "{frames:?}");
        let bomb = [head("GET", "/x", &[]), vec![0x80 | 62; 4000]].concat();
        let frames = served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 3, &bomb)).await;
        // 431, or the end: the request reaches nobody.
        assert!(!frames.iter().any(|frame| frame.contains("DATA")), "{frames:?}");
        assert_eq!(served.seen(), ["200 sent 2"]);
    });
    run(async {
        // Many crumbs of a cookie, each of one byte on the wire: 431 by their number.
        let mut served = Served::greeted().await;
        let first = [head("GET", "/x", &[]), indexed_field("cookie", "a=1")].concat();
        assert_eq!(served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 1, &first)).await.len(), 2);
        let crumbs = [head("GET", "/x", &[]), vec![0x80 | 62; 10_000]].concat();
        let frames = served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 3, &crumbs)).await;
        assert_eq!(frames, ["3: HEADERS other, end"]);
        assert!(serves(&mut served, 5).await);
    });
    run(async {
        // Large heads of requests that do not end, each small on the wire: only so many at once.
        let mut served = Served::greeted().await;
        let first = [head("GET", "/x", &[]), indexed_field("cookie", &"y".repeat(4000))].concat();
        assert_eq!(served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 1, &first)).await.len(), 2);
        let large = [head("GET", "/ever", &[]), vec![0x80 | 62; 200]].concat();
        let mut refused = 0;
        for stream in streams(3, 20) {
            let frames = served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, stream, &large)).await;
            refused += usize::from(frames == [format!("{stream}: RST_STREAM REFUSED_STREAM")]);
        }
        assert_eq!(refused, 18, "800 kB each, and room for 2 MiB");
        assert!(serves(&mut served, 101).await);
        // What ends makes room.
        assert_eq!(served.exchange(reset(3, 8)).await, [""; 0]);
        assert_eq!(served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 103, &large)).await, [""; 0]);
    });
}

#[test]
fn floods_of_control_frames() {
    let ping = frame(PING, 0, 0, b"12345678");
    for (name, flood) in [
        ("PING", ping.repeat(10_000)),
        ("SETTINGS", settings_frame(&[(4, 65_535), (1, 0), (1, 4096)]).repeat(10_000)),
        ("SETTINGS ack", frame(SETTINGS, ACK, 0, &[]).repeat(2)),
        ("WINDOW_UPDATE", window_update(0, 1).repeat(10_000)),
        ("unknown", frame(0xbe, 0, 0, b"x").repeat(10_000)),
        ("PRIORITY", frame(2, 0, 1, &[0, 0, 0, 0, 1]).repeat(10_000)),
    ] {
        run(async {
            let mut served = Served::greeted().await;
            // In pieces, and reading what comes, as an attacker does who wants to go on.
            for piece in flood.chunks(64 * 1024) {
                served.send(piece).await;
                served.frames_in_pieces().await;
            }
            let ended = served.has_ended();
            assert!(ended || serves(&mut served, 1).await, "{name}: neither ended nor harmless");
        });
    }
    run(async {
        // Answers that are not read: no more is taken than there is room for answers.
        let mut served = Served::greeted().await;
        let taken = served.write_until_blocked(&ping.repeat(1000)).await;
        assert!(taken < 4 << 20, "{taken} bytes of pings are waiting for answers");
    });
}

#[test]
fn data_that_nobody_reads() {
    run(async {
        // Tiny frames, each a buffer of its own.
        let mut served = Served::greeted().await;
        served.send(post(1, "/ever", &[])).await;
        let mut sent = 0;
        while !told_to_calm_down(&served.exchange(data(1, b"x").repeat(1000)).await) {
            sent += 1000;
            assert!(sent < 40_000, "{sent} frames are held");
        }
    });
    run(async {
        // Small messages that fill a window are what gRPC clients send.
        let mut served = Served::greeted().await;
        served.send(post(1, "/ever", &[])).await;
        for _ in 0..16 {
            assert_eq!(served.exchange(data(1, &[0; 32]).repeat(1000)).await, [""; 0]);
        }
        assert!(serves(&mut served, 3).await);
    });
    run(async {
        // Empty ones.
        let mut served = Served::greeted().await;
        served.send(post(1, "/read", &[])).await;
        assert!(told_to_calm_down(&served.exchange(data(1, b"").repeat(1000)).await));
    });
}

#[test]
fn responses_that_nobody_reads() {
    run(async {
        // Windows wide open, and nothing is read from the socket: what is handed over stays small.
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, i32::MAX as u32)]).await;
        served.send(window_update(0, i32::MAX as u32 - 65_535)).await;
        served.send(streams(1, 250).flat_map(|n| request(n, "/big")).collect::<Vec<_>>()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        // 250 times 300 kB were answered; 1 MiB is in the pipe.
        assert!(served.seen().len() < 10, "responses that were taken to be sent");
        tokio::time::sleep(Duration::from_secs(185)).await;
        let broken = served.seen().iter().filter(|line| line.contains("broken off")).count();
        assert!(broken > 200, "{broken} responses were given up");
    });
    run(async {
        // No window at all: the streams are held for so long as a stalled client is.
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, 0)]).await;
        let frames =
            served.exchange(streams(1, 250).flat_map(|n| request(n, "/big")).collect::<Vec<_>>()).await;
        assert_eq!(frames.len(), 250);
        // No more than the limit.
        assert_eq!(served.exchange(request(501, "/x")).await, ["501: RST_STREAM REFUSED_STREAM"]);
        tokio::time::sleep(Duration::from_secs(182)).await;
        assert!(served.frames().await.iter().any(|frame| frame == "1: RST_STREAM INTERNAL_ERROR"));
    });
    run(async {
        // A window that flips.
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, 0)]).await;
        served.send(streams(1, 200).flat_map(|n| request(n, "/big")).collect::<Vec<_>>()).await;
        for _ in 0..500 {
            served.send([settings_frame(&[(4, 1)]), settings_frame(&[(4, 0)])].concat()).await;
            served.frames_in_pieces().await;
        }
        let frames = served.exchange(request(401, "/x")).await;
        assert!(frames.iter().any(|frame| frame == "401: HEADERS 200"), "{frames:?}");
    });
}

#[test]
fn blocks_that_are_no_hpack() {
    run(async {
        for block in [
            &[0x80][..],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x3f, 0xe1, 0xff, 0x03],
            &block(&[("", "x")]),
        ] {
            let mut served = Served::greeted().await;
            let frames = served.exchange(frame(HEADERS, END_STREAM | END_HEADERS, 1, block)).await;
            assert!(frames.last().is_some_and(|frame| frame == "closed"), "{block:?}: {frames:?}");
        }
    });
}

#[test]
fn no_settings_behind_the_preface() {
    run(async {
        for first in [request(1, "/x"), frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, ACK, 0, &[])] {
            let mut served = Served::start(settings(), Limits::default());
            let frames = served.exchange([PREFACE.as_slice(), &first, &request(3, "/x")].concat()).await;
            assert_eq!(frames.first().map(String::as_str), Some("SETTINGS"), "{frames:?}");
            let end = ["GOAWAY after 0, PROTOCOL_ERROR", "closed"];
            assert!(frames.ends_with(&end.map(str::to_owned)), "{frames:?}");
            assert_eq!(served.seen(), [""; 0]);
        }
    });
}

#[test]
fn pseudo_fields_in_trailers_that_nobody_reads() {
    run(async {
        let mut served = Served::greeted().await;
        let trailers = |stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &block(&[(":path", "/x")]));
        let mut frames = Vec::new();
        for stream in streams(1, 200) {
            frames.extend(served.exchange([post(stream, "/ever", &[]), trailers(stream)].concat()).await);
            if served.has_ended() {
                break;
            }
        }
        assert_eq!(frames, ["GOAWAY after 199, PROTOCOL_ERROR", "closed"]);
    });
}
