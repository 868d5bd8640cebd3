//! Headers of both versions: what is accepted, and that reading takes exactly them. The answers are those of
//! Traefik 3.7.15 except where `v2.rs` says otherwise, and it takes ports such as `+1` and further words.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::*;

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A header of version 2 with this command, family and length, and what follows.
fn v2(command: u8, family: u8, length: u16, rest: &[u8]) -> Vec<u8> {
    [V2, &[command, family], &length.to_be_bytes(), rest].concat()
}

fn addresses(source: &str, destination: &str) -> Option<Addresses> {
    let address = |text: &str| text.parse().expect("an address");
    Some(Addresses { source: address(source), destination: address(destination) })
}

const BYTES4: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8, 0, 11, 0, 22];

/// Headers that are accepted, with what they say.
fn headers() -> Vec<(Vec<u8>, Option<Addresses>)> {
    let four = addresses("1.2.3.4:11", "5.6.7.8:22");
    let six = addresses("[::1]:11", "[2001:db8::2]:22");
    let text = |text: &str| text.as_bytes().to_vec();
    let mut bytes6 = [0; 36];
    bytes6[15] = 1;
    bytes6[16..20].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    bytes6[31..].copy_from_slice(&[2, 0, 11, 0, 22]);
    let longest = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    assert_eq!(longest.len(), MAX_V1);
    vec![
        (text("PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\n"), four),
        (text("PROXY TCP6 ::1 2001:db8::2 11 22\r\n"), six),
        (text("PROXY TCP6 ::ffff:1.2.3.4 5.6.7.8 11 22\r\n"), four),
        (text("PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n"), addresses("1.2.3.4:0", "5.6.7.8:65535")),
        (text("PROXY UNKNOWN\r\n"), None),
        (text(longest), None),
        (v2(0x21, 0x11, 12, BYTES4), four),
        (v2(0x21, 0x12, 12, BYTES4), four),
        (v2(0x21, 0x21, 36, &bytes6), six),
        (v2(0x21, 0x11, 17, &[BYTES4, b"\x01\0\x02h2"].concat()), four),
        (v2(0x21, 0x11, 14, &[BYTES4, b"\x01\xff"].concat()), four),
        (v2(0x21, 0x11, 4080, &[BYTES4, &[4; 4068]].concat()), four),
        (v2(0x20, 0x00, 0, b""), None),
        (v2(0x20, 0x11, 12, BYTES4), None),
        (v2(0x21, 0x00, 0, b""), None),
        (v2(0x21, 0x31, 216, &[b'x'; 216]), None),
    ]
}

#[test]
fn headers_are_parsed_wherever_they_are_cut() {
    for (header, addresses) in headers() {
        let expected = Parsed::Header(Header { addresses, length: header.len() });
        assert_eq!(parse(&header), Ok(expected.clone()));
        assert_eq!(parse(&[&header[..], b"PROXY"].concat()), Ok(expected), "what is behind does not matter");
        for end in 0..header.len() {
            let parsed = parse(&header[..end]).expect("a prefix of a header");
            let signature = if header[0] == b'P' { 5 } else { V2.len() };
            match parsed {
                Parsed::Undecided => assert!(end < signature),
                Parsed::Incomplete(needed) => {
                    assert!(end >= signature && needed > end && needed <= header.len())
                }
                parsed => panic!("{parsed:?} of {end} bytes"),
            }
        }
    }
}

#[test]
fn malformed_headers_are_refused() {
    let long = format!("PROXY TCP4 {}\r\n", "1".repeat(96));
    let short = "PROXY UNKNOWN ".to_owned() + &"x".repeat(MAX_V1 - 14);
    for (text, expected) in [
        ("PROXY TCP4 1.2.3 5.6.7.8 11 22\r\n", "an address is not one of the protocol's kind"),
        ("PROXY TCP4 ::1 ::2 11 22\r\n", "an address is not one of the protocol's kind"),
        ("PROXY TCP4 1.2.3.4 5.6.7.8 11 99999\r\n", "a port is not a number up to 65535"),
        ("PROXY TCP4 1.2.3.4 5.6.7.8 +1 22\r\n", "a port is not a number up to 65535"),
        ("PROXY TCP4 1.2.3.4 5.6.7.8  22\r\n", "a port is not a number up to 65535"),
        ("PROXY TCP4 1.2.3.4 5.6.7.8 11 22 33\r\n", "expected two addresses and two ports"),
        ("PROXY TCP4 1.2.3.4\r\n", "expected two addresses and two ports"),
        ("PROXY TCP4 1.2.3.4 5.6.7.8 11 22\n", "the line ends without carriage return"),
        ("PROXY UDP4 1.2.3.4 5.6.7.8 11 22\r\n", "the protocol is not TCP4, TCP6 or UNKNOWN"),
        ("PROXY \r\n", "the protocol is not TCP4, TCP6 or UNKNOWN"),
        ("PROXYTCP4\r\n", "no space behind PROXY"),
        (&long, "no line end within 107 bytes"),
        (&short, "no line end within 107 bytes"),
    ] {
        assert_eq!(parse(text.as_bytes()), Err(Malformed(expected)), "{text}");
    }
    assert_eq!(parse(b"PROXY \xff\r\n"), Err(Malformed("the line is not text")));
    for (header, expected) in [
        (v2(0x21, 0x11, 4, &BYTES4[..4]), "too short for its addresses"),
        (v2(0x21, 0x21, 12, BYTES4), "too short for its addresses"),
        (v2(0x31, 0x11, 12, BYTES4), "neither version 2 with the command PROXY nor LOCAL"),
        (v2(0x22, 0x11, 12, BYTES4), "neither version 2 with the command PROXY nor LOCAL"),
        (v2(0x21, 0x51, 12, BYTES4), "unknown address family or transport"),
        (v2(0x21, 0x13, 12, BYTES4), "unknown address family or transport"),
        (v2(0x21, 0x11, 4081, b""), "longer than 4096 bytes"),
    ] {
        assert_eq!(parse(&header), Err(Malformed(expected)));
    }
}

/// Headers with bytes changed, cut out or doubled: nothing panics, and no answer claims more than there is.
#[test]
fn damaged_headers_are_harmless() {
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % bound
    };
    let headers = headers();
    for _ in 0..100_000 {
        let mut bytes = headers[below(headers.len())].0.clone();
        bytes.truncate(300);
        for _ in 0..below(4) {
            let at = below(bytes.len());
            match below(3) {
                0 => bytes[at] = u8::try_from(below(256)).expect("a byte"),
                1 => bytes.insert(at, bytes[at]),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        match parse(&bytes) {
            Ok(Parsed::Header(header)) => assert!(header.length <= bytes.len() && header.length <= MAX_V2),
            Ok(Parsed::Incomplete(needed)) => assert!(needed > bytes.len() && needed <= MAX_V2),
            Ok(Parsed::Undecided) => assert!(bytes.len() < V2.len()),
            Ok(Parsed::NotAHeader) | Err(_) => {}
        }
    }
}

#[test]
fn data_is_no_header() {
    for data in
        [&b"GET / HTTP/1.1\r\n"[..], b"POST /", b"PRI * HTTP/2.0\r\n", b"\x16\x03\x01", b"\r\n\r\nx", b"\0"]
    {
        assert_eq!(parse(data), Ok(Parsed::NotAHeader), "{data:?}");
    }
}

#[test]
fn what_is_written_is_read() {
    for (source, destination, text) in [
        ("1.2.3.4:11", "5.6.7.8:22", "PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\n"),
        ("[::ffff:1.2.3.4]:11", "5.6.7.8:22", "PROXY TCP4 1.2.3.4 5.6.7.8 11 22\r\n"),
        ("[::1]:11", "[::2]:65535", "PROXY TCP6 ::1 ::2 11 65535\r\n"),
        ("1.2.3.4:11", "[::2]:22", "PROXY TCP6 ::ffff:1.2.3.4 ::2 11 22\r\n"),
    ] {
        let sent = addresses(source, destination).expect("addresses");
        assert_eq!(encode(Version::V1, &sent), text.as_bytes());
        let canonical = |address: std::net::SocketAddr| (address.ip().to_canonical(), address.port());
        for version in [Version::V1, Version::V2] {
            let Ok(Parsed::Header(header)) = parse(&encode(version, &sent)) else { panic!("{text}") };
            let read = header.addresses.expect("addresses");
            assert_eq!(canonical(read.source), canonical(sent.source));
            assert_eq!(canonical(read.destination), canonical(sent.destination));
        }
    }
    let v2 = encode(Version::V2, &addresses("127.0.0.1:4711", "127.0.0.1:443").expect("addresses"));
    assert_eq!(v2, [V2, b"\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\x12\x67\x01\xbb"].concat());
    assert_eq!([0, 1, 2, 3].map(Version::new), [None, Some(Version::V1), Some(Version::V2), None]);
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("listening");
    client.set_nodelay(true).expect("a socket");
    (client, listener.accept().await.expect("connected").0)
}

/// Reads until the client has closed.
async fn rest(mut server: TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    server.read_to_end(&mut rest).await.expect("closed in order");
    rest
}

#[tokio::test]
async fn exactly_the_header_is_taken() {
    const DATA: &[u8] = b"PROXY TCP4 not for us";
    for (header, expected) in headers() {
        // Long headers are cut less often, for the time it takes.
        for cut in (1..header.len()).step_by(1 + header.len() / 40) {
            let (mut client, server) = pair().await;
            client.write_all(&header[..cut]).await.expect("connected");
            let writing = async {
                tokio::task::yield_now().await;
                client.write_all(&[&header[cut..], DATA].concat()).await.expect("connected");
                client.shutdown().await.expect("connected");
            };
            let (read, ()) = tokio::join!(read_header(&server, None), writing);
            assert_eq!(read.expect("a header"), expected);
            assert_eq!(rest(server).await, DATA);
        }
    }
}

#[tokio::test]
async fn data_is_left_alone() {
    for data in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"PROX", b"", b"\r\n\r\n"] {
        let (mut client, server) = pair().await;
        client.write_all(data).await.expect("connected");
        client.shutdown().await.expect("connected");
        assert_eq!(read_header(&server, None).await.expect("no header"), None);
        assert_eq!(rest(server).await, data);
    }
}

#[tokio::test]
async fn broken_headers_are_told_apart() {
    for (data, closes, expected) in [
        (&b"PROXY TCP4 1.2"[..], true, "the connection ended within the PROXY protocol header"),
        (b"PROXY TCP4 1.2", false, "the PROXY protocol header did not come in time"),
        (
            b"PROXY TCP5 1.2\r\n",
            false,
            "malformed PROXY protocol header: the protocol is not TCP4, TCP6 or UNKNOWN",
        ),
        (b"PROX", false, ""),
        (b"", false, ""),
    ] {
        let (mut client, server) = pair().await;
        client.write_all(data).await.expect("connected");
        if closes {
            client.shutdown().await.expect("connected");
        }
        let deadline = Instant::now() + Duration::from_millis(30);
        let error = read_header(&server, Some(deadline)).await.err().map(|error| error.to_string());
        assert_eq!(error.unwrap_or_default(), expected, "{data:?}");
    }
}
