//! Whole connections, written field by field, and cut anywhere.

use super::{Oddity, PREFACE, Watch};

const DATA: u8 = 0;
const END: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn settings() -> Vec<u8> {
    frame(super::SETTINGS, 0, 0, &[])
}

fn headers(stream: u32, block: &[u8]) -> Vec<u8> {
    frame(super::HEADERS, END, stream, block)
}

/// A string as it is (RFC 7541 section 5.2).
fn text(text: &str) -> Vec<u8> {
    let mut bytes = match text.len() {
        short @ ..127 => vec![u8::try_from(short).expect("short")],
        long => {
            let long = long - 127;
            let [low, high] = [long & 127 | 128, long >> 7].map(|part| u8::try_from(part).expect("7 bits"));
            vec![127, low, high]
        }
    };
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A literal field; `first` says whether it is indexed, and the index of its name.
fn literal(first: u8, name: &str, value: &str) -> Vec<u8> {
    let name = if name.is_empty() { Vec::new() } else { text(name) };
    [vec![first], name, text(value)].concat()
}

/// `GET`, `http` and a path.
fn request(path: &[u8]) -> Vec<u8> {
    [&[0x82, 0x86], path].concat()
}

/// What a connection makes, in one go, byte by byte, and in two parts cut at each place.
fn check(name: &str, frames: &[Vec<u8>], expected: &[Oddity]) {
    let bytes = [PREFACE.as_slice(), &frames.concat()].concat();
    let told = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut watch, mut told) = (Watch::new(4096), Vec::new());
        for piece in pieces {
            watch.see(piece, |oddity| told.push(oddity));
        }
        told
    };
    assert_eq!(told(&mut std::iter::once(&*bytes)), expected, "{name}");
    assert_eq!(told(&mut bytes.chunks(1)), expected, "{name}, byte by byte");
    for at in 0..bytes.len() {
        let (one, other) = bytes.split_at(at);
        assert_eq!(told(&mut [one, other].into_iter()), expected, "{name}, cut at {at}");
    }
}

#[test]
fn first_frames() {
    check("settings", &[settings()], &[]);
    check("full settings", &[frame(super::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]), settings()], &[]);
    check("an acknowledgement", &[frame(super::SETTINGS, super::ACK, 0, &[])], &[Oddity::NoSettings]);
    check("a request", &[headers(1, &request(&[0x84]))], &[Oddity::NoSettings]);
    check("a ping", &[frame(6, 0, 0, &[0; 8]), settings()], &[Oddity::NoSettings]);
}

#[test]
fn fragments() {
    let hash = Oddity::Fragment(1);
    // `/#` in Huffman's code, and `/` alone: 011000 111111111010, 011000.
    let (coded, clean) = ([0x63, 0xfe, 0xbf].as_slice(), [0x63].as_slice());
    let huffman = |path: &[u8]| [&[0x04, 0x80 | u8::try_from(path.len()).expect("short")], path].concat();
    for (name, path, expected) in [
        ("the root", vec![0x84], &[][..]),
        ("a path", literal(0x04, "", "/a?b=%23"), &[]),
        ("a fragment", literal(0x04, "", "/a#b"), &[hash]),
        ("never indexed", literal(0x14, "", "/a?b#c"), &[hash]),
        ("by the other name", literal(0x05, "", "/#"), &[hash]),
        ("a name that is spelled out", literal(0x00, ":path", "/#"), &[hash]),
        ("another field", [vec![0x84], literal(0x00, "x-path", "/#")].concat(), &[]),
        ("another pseudo field", [vec![0x84], literal(0x01, "", "a#b")].concat(), &[]),
        ("a long path", literal(0x04, "", &format!("/{}#", "x".repeat(400))), &[hash]),
        ("coded", huffman(coded), &[hash]),
        ("coded, clean", huffman(clean), &[]),
    ] {
        check(name, &[settings(), headers(1, &request(&path))], expected);
    }
    // Kept in the table, behind another field, and taken from there; and its name alone.
    let kept = [literal(0x44, "", "/#"), literal(0x40, "x", "y")].concat();
    let frames = [
        settings(),
        headers(1, &request(&kept)),
        headers(3, &request(&[0x80 | 63])),
        headers(5, &request(&[0x80 | 62, 0x84])),
        headers(
            7,
            &request(
                &literal(0x0f, "", "/")[..1].iter().chain(&[63 - 15, 1, b'/']).copied().collect::<Vec<_>>(),
            ),
        ),
    ];
    check("from the table", &frames, &[hash, Oddity::Fragment(3)]);
    // As trailers it is something else.
    let frames = [settings(), headers(1, &request(&[0x84])), headers(1, &literal(0x04, "", "/#"))];
    check("in trailers", &frames, &[Oddity::PseudoTrailer(1)]);
}

#[test]
fn trailers() {
    let odd = Oddity::PseudoTrailer(1);
    for (name, block, expected) in [
        ("none", vec![], &[][..]),
        ("ordinary ones", literal(0x00, "x-sum", "7"), &[]),
        ("a field of the static table", vec![0x80 | 16], &[]),
        ("a pseudo field of the static table", vec![0x80 | 8], &[odd]),
        ("a name of the static table", literal(0x01, "", "a"), &[odd]),
        ("behind ordinary ones", [literal(0x00, "x-sum", "7"), vec![0x82]].concat(), &[odd]),
        ("spelled out", literal(0x00, ":x", "7"), &[odd]),
        // `:path` in Huffman's code.
        ("coded", [&[0x00, 0x84, 0xb9, 0x58, 0xd3, 0x3f], &*text("x")].concat(), &[odd]),
        ("without a value", literal(0x00, ":x", ""), &[odd]),
        ("behind a change of the table's size", vec![0x3f, 0xe1, 0x1e, 0x82], &[odd]),
        ("kept", vec![0x80 | 64], &[odd]),
        ("kept by its name", vec![0x0f, 64 - 15, 1, b'x'], &[odd]),
        ("an ordinary one that was kept", vec![0x80 | 63], &[]),
        ("added before an ordinary one", [literal(0x40, "x", "y"), vec![0x80 | 65]].concat(), &[odd]),
        ("what nobody has added", vec![0x80 | 90], &[]),
    ] {
        let kept =
            [literal(0x44, "", "/kept"), literal(0x40, "x-a", "1"), literal(0x40, "x-b", "2")].concat();
        let frames = [
            settings(),
            headers(1, &request(&kept)),
            frame(DATA, 0, 1, b":path"),
            frame(super::HEADERS, END | 1, 1, &block),
            // What follows is understood.
            headers(3, &request(&[0x84])),
            frame(super::HEADERS, END | 1, 3, &literal(0x00, "x", "y")),
        ];
        check(name, &frames, expected);
    }
}

#[test]
fn frames() {
    let block = request(&literal(0x04, "", "/a#b"));
    let padded = [&[3], &*block, &[0x80 | 8; 3]].concat();
    let prior = [&[0, 0, 0, 0, 7], &*block].concat();
    let both = [&[2, 0, 0, 0, 0, 7], &*block, &[0x80 | 8; 2]].concat();
    let (flags, next) = (END | super::PADDED | super::PRIORITY, headers(3, &request(&[0x84])));
    for (name, frames) in [
        ("padding", vec![frame(super::HEADERS, END | super::PADDED, 1, &padded)]),
        ("a priority", vec![frame(super::HEADERS, END | super::PRIORITY, 1, &prior)]),
        ("both", vec![frame(super::HEADERS, flags, 1, &both)]),
        (
            "a block in several frames",
            vec![
                frame(super::HEADERS, 0, 1, &block[..4]),
                frame(super::CONTINUATION, 0, 1, &[]),
                frame(super::CONTINUATION, 0, 1, &block[4..6]),
                frame(super::CONTINUATION, END, 1, &block[6..]),
            ],
        ),
        (
            "the first frame padded and empty",
            vec![
                frame(super::HEADERS, super::PADDED, 1, &[4, 0, 0, 0, 0]),
                frame(super::CONTINUATION, END, 1, &block),
            ],
        ),
    ] {
        let frames = [settings(), frames.concat(), frame(DATA, 1, 1, &[0x82; 300]), next.clone()];
        check(name, &frames, &[Oddity::Fragment(1)]);
    }
}

#[test]
fn a_table_is_no_longer_than_it_can_be() {
    let mut watch = Watch::new(4096);
    watch.see(PREFACE, |_| {});
    watch.see(&settings(), |_| {});
    let mut told = Vec::new();
    for stream in 0..200 {
        let block = [literal(0x44, "", "/#"), literal(0x40, "x", "y")].concat();
        watch.see(&headers(2 * stream + 1, &block), |oddity| told.push(oddity));
    }
    // The 128th is the oldest that a table of 4096 bytes can hold.
    watch.see(&headers(1001, &[0xff, 62 + 127 - 127]), |oddity| told.push(oddity));
    watch.see(&headers(1003, &[0xff, 62 + 128 - 127]), |oddity| told.push(oddity));
    assert_eq!(told.len(), 201);
    assert_eq!(told.last(), Some(&Oddity::Fragment(1001)));
}
