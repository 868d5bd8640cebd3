//! WebSockets over HTTP/2: extended CONNECT (RFC 8441).

use ferroway_http::h2::server::Limits;

use crate::support::frames::{
    ACK, END_HEADERS, END_STREAM, HEADERS, SETTINGS, block, data, field, frame, head, hello, last_data,
    request, reset,
};
use crate::support::{Served, run, settings};

/// A request for this protocol, with more fields.
fn connect(stream: u32, path: &str, protocol: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let block = [head("CONNECT", path, &[]), field(":protocol", protocol), block(more)].concat();
    frame(HEADERS, END_HEADERS, stream, &block)
}

#[test]
fn it_is_offered() {
    run(async {
        for (extended_connect, offered) in [(true, true), (false, false)] {
            let limits = Limits { extended_connect, ..Limits::default() };
            let mut served = Served::start(settings(), limits);
            let first = served.raw(hello(&[])).await;
            let settings = first[9..].chunks(6).take_while(|setting| setting[0] == 0);
            // SETTINGS_ENABLE_CONNECT_PROTOCOL.
            let found = settings.into_iter().any(|setting| setting == [0, 8, 0, 0, 0, 1]);
            assert_eq!(found, offered, "{first:?}");
        }
    });
}

#[test]
fn bytes_go_both_ways() {
    run(async {
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange(connect(1, "/tunnel", "websocket", &[])).await, ["1: HEADERS 200"]);
        assert_eq!(served.exchange(data(1, b"one")).await, ["1: DATA \"one\""]);
        // Beside other requests.
        assert_eq!(served.exchange(request(3, "/x")).await, ["3: HEADERS 200", "3: DATA \"/x\", end"]);
        assert_eq!(served.exchange(data(1, b"\0\xff")).await, ["1: DATA \"\\0\u{fffd}\""]);
        assert_eq!(served.exchange(last_data(1, b"two")).await, ["1: DATA \"twobye\"", "1: DATA \"\", end"]);
        assert_eq!(served.leave().await, ["200 sent 0", "200 sent 2"]);
    });
}

#[test]
fn a_tunnel_ends_with_its_stream() {
    run(async {
        let mut served = Served::greeted().await;
        assert_eq!(served.exchange(connect(1, "/tunnel", "websocket", &[])).await, ["1: HEADERS 200"]);
        assert_eq!(
            served.exchange([reset(1, 8), request(3, "/x")].concat()).await,
            ["3: HEADERS 200", "3: DATA \"/x\", end"]
        );
        assert_eq!(served.leave().await, ["200 sent 0", "200 sent 2"]);
    });
}

#[test]
fn many_bytes_keep_to_the_windows() {
    run(async {
        let mut served = Served::start(settings(), Limits::default());
        served.greet(&[(4, 100)]).await;
        assert_eq!(served.exchange(connect(1, "/tunnel", "websocket", &[])).await, ["1: HEADERS 200"]);
        let came = served.exchange(data(1, &[b'x'; 300])).await;
        assert_eq!(came, ["1: DATA of 100"]);
        let more = crate::support::frames::window_update(1, 1000);
        let came: usize = served
            .exchange(more)
            .await
            .iter()
            .filter_map(|frame| frame.strip_prefix("1: DATA of ")?.parse::<usize>().ok())
            .sum();
        assert_eq!(came, 200);
    });
}

#[test]
fn what_is_ambiguous_is_refused() {
    const MALFORMED: &[&str] = &["1: RST_STREAM PROTOCOL_ERROR"];
    const NOT_IMPLEMENTED: &[&str] = &["1: HEADERS other, end", "1: RST_STREAM NO_ERROR"];
    let plain = [(":method", "CONNECT"), (":authority", "a.test:443")];
    let get = [head("GET", "/tunnel", &[]), field(":protocol", "websocket")].concat();
    let without_path =
        [(":method", "CONNECT"), (":scheme", "http"), (":authority", "a.test"), (":protocol", "websocket")];
    for (name, bytes, expected) in [
        ("no protocol", frame(HEADERS, END_HEADERS, 1, &block(&plain)), NOT_IMPLEMENTED),
        ("another protocol", connect(1, "/tunnel", "connect-udp", &[]), NOT_IMPLEMENTED),
        ("in another case", connect(1, "/tunnel", "WebSocket", &[]), NOT_IMPLEMENTED),
        ("another method", frame(HEADERS, END_HEADERS | END_STREAM, 1, &get), MALFORMED),
        ("no path", frame(HEADERS, END_HEADERS, 1, &block(&without_path)), MALFORMED),
        ("a length", connect(1, "/tunnel", "websocket", &[("content-length", "3")]), MALFORMED),
        ("an upgrade", connect(1, "/tunnel", "websocket", &[("upgrade", "websocket")]), MALFORMED),
    ] {
        run(async {
            let mut served = Served::greeted().await;
            assert_eq!(served.exchange(bytes).await, expected, "{name}");
            assert_eq!(served.leave().await, [""; 0], "{name}");
        });
    }
    run(async {
        let mut served = Served::start(settings(), Limits { extended_connect: false, ..Limits::default() });
        served.send(hello(&[])).await;
        served.frames().await;
        served.send(frame(SETTINGS, ACK, 0, &[])).await;
        assert_eq!(served.exchange(connect(1, "/tunnel", "websocket", &[])).await, MALFORMED, "not offered");
    });
}

#[test]
fn a_server_that_does_not_switch() {
    run(async {
        let mut served = Served::greeted().await;
        // A success would mean that the tunnel is open.
        let came = served.exchange(connect(1, "/x", "websocket", &[])).await;
        assert_eq!(came[0], "1: HEADERS other");
        assert_eq!(served.leave().await, ["501 sent 15 not_implemented"]);
    });
    run(async {
        let mut served = Served::greeted().await;
        let came = served.exchange(connect(1, "/missing", "websocket", &[])).await;
        assert_eq!(came[..2], ["1: HEADERS 404", "1: DATA \"/missing\", end"]);
        assert_eq!(served.leave().await, ["404 sent 8"]);
    });
}
