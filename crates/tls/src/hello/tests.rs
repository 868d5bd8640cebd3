use proptest::prelude::*;
use rustls::pki_types::ServerName;

use super::*;
use crate::testing::careless;

/// A ClientHello as rustls sends it.
fn hello(name: &str, alpn: &[&[u8]]) -> Vec<u8> {
    let connector = crate::testing::connector(&crate::ClientOptions { alpn, ..careless() });
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(connector.config().clone(), name).unwrap();
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// The same handshake message in records of this many bytes.
fn in_records(hello: &[u8], size: usize) -> Vec<u8> {
    let record = |part: &[u8]| {
        [&[HANDSHAKE, 3, 1], &u16::try_from(part.len()).unwrap().to_be_bytes()[..], part].concat()
    };
    hello[5..].chunks(size).flat_map(record).collect()
}

fn check(bytes: &[u8], expected: &str) {
    let seen = match Sniffer::default().read(bytes) {
        Ok(Sniffed::Incomplete) => "incomplete".to_owned(),
        Ok(Sniffed::Plain) => "plain".to_owned(),
        Ok(Sniffed::PostgresSslRequest) => "postgres".to_owned(),
        Ok(Sniffed::Hello(hello)) => {
            let alpn: Vec<_> = hello.alpn().map(String::from_utf8_lossy).collect();
            format!("{} {}", hello.server_name().unwrap_or("-"), alpn.join(","))
        }
        Err(error) => format!("error, alert of {}", error.alert().len()),
    };
    assert_eq!(seen, expected, "{bytes:02x?}");
}

#[test]
fn first_bytes_tell_what_it_is() {
    check(b"", "incomplete");
    check(b"G", "plain");
    check(b"GET / HTTP/1.1\r\n\r\n", "plain");
    check(&POSTGRES_SSL_REQUEST[..7], "incomplete");
    check(POSTGRES_SSL_REQUEST, "postgres");
    check(b"\0\0\0\x08\x04\xd2\x16\x30", "plain");
    check(b"\0", "incomplete");
    check(b"\x16", "incomplete");
    check(b"\x16\x03\x01\x00\x05hello", "error, alert of 7");
    check(b"\x16garbage garbage garbage", "error, alert of 7");
    check(b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10", "error, alert of 7");
    // A ServerHello is no ClientHello.
    check(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "error, alert of 7");
}

#[test]
fn names_and_protocols_are_read() {
    check(&hello("a.Example.COM", &[b"h2", b"http/1.1"]), "a.example.com h2,http/1.1");
    check(&hello("127.0.0.1", &[]), "- ");
    let whole = hello("a.test", &[b"h2"]);
    check(&whole[..whole.len() - 1], "incomplete");
    check(&[&whole[..], b"more"].concat(), "a.test h2");
    check(&in_records(&whole, 1), "a.test h2");
}

#[test]
fn a_hello_of_more_than_64_kib_is_refused() {
    // The length in the message is the one that is refused, or the buffer's.
    for length in [0x00_ff_ff_u32, 0x01_00_00, 0xff_ff_ff] {
        let message = [&[1][..], &length.to_be_bytes()[1..], &vec![0; 70_000]].concat();
        let bytes = in_records(&[&[0; 5][..], &message].concat(), 16_000);
        let mut sniffer = Sniffer::default();
        let read = (1..=bytes.len()).step_by(1000).find(|length| sniffer.read(&bytes[..*length]).is_err());
        assert!(read.is_some_and(|read| read <= MAX_HELLO + 5000), "{length:x}: {read:?}");
    }
    // Records that never become a message.
    let empty = [HANDSHAKE, 3, 1, 0, 0].repeat(20_000);
    assert!(Sniffer::default().read(&empty).is_err());
}

proptest! {
    #[test]
    fn any_split_gives_the_same(cuts in prop::collection::vec(1_usize..400, 1..20), record in 1_usize..2000) {
        let whole = in_records(&hello("split.test", &[b"h2"]), record);
        let (mut sniffer, mut length) = (Sniffer::default(), 0);
        for cut in cuts {
            length = (length + cut).min(whole.len() - 1);
            prop_assert!(matches!(sniffer.read(&whole[..length]), Ok(Sniffed::Incomplete)));
        }
        let Ok(Sniffed::Hello(hello)) = sniffer.read(&whole) else { panic!("not whole") };
        prop_assert_eq!(hello.server_name(), Some("split.test"));
        prop_assert_eq!(hello.into_parts().2, whole.len());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), first in 0_u8..4) {
        let start: &[u8] = [&[][..], &[HANDSHAKE], &[HANDSHAKE, 3, 1, 0, 40, 1, 0], &[SSL2]][usize::from(first)];
        let _ = Sniffer::default().read(&[start, &bytes].concat());
    }
}
