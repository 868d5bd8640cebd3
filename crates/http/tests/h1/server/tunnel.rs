//! `101 Switching Protocols`: raw bytes in both directions.

use crate::support::server::{Case, Content, Reply, check, ok};
use crate::support::*;
use ferroway_core::Phase;

const UPGRADE: &str =
    "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SEEN: &str = "GET /1 a upgrade=websocket";

fn switch() -> [Reply; 1] {
    let fields = &[("upgrade", "websocket"), ("sec-websocket-accept", "x")];
    [Reply::plain().status(101).fields(fields).content(Content::Tunnel)]
}

#[test]
fn bytes_go_both_ways() {
    check([
        Case::new("one after the other")
            .replies(switch())
            .steps([
                send(UPGRADE),
                get([SWITCHED, "hi "].concat()),
                wait(10_000),
                send("\0\r\n\r\nGET"),
                get("\0\r\n\r\nGET"),
                Finish,
                get("bye"),
                Closed,
            ])
            .seen([SEEN])
            .sent(["101 whole 0 of 0"]),
        Case::new("bytes that came with the request")
            .replies(switch())
            .steps([
                send([UPGRADE, "early "].concat()),
                get([SWITCHED, "hi early "].concat()),
                Finish,
                get("bye"),
                Closed,
            ])
            .seen([SEEN]),
        Case::new("many bytes through a narrow connection")
            .pipe(64)
            .replies(switch())
            .steps([
                send(UPGRADE),
                get([SWITCHED, "hi "].concat()),
                send("x".repeat(40)),
                get("x".repeat(40)),
                Finish,
                get("bye"),
                Closed,
            ])
            .seen([SEEN]),
        Case::new("a client that vanishes").replies(switch()).steps([send(UPGRADE), Vanish]).seen([SEEN]),
        Case::new("the end of the grace time cuts it")
            .replies(switch())
            .steps([
                send(UPGRADE),
                get([SWITCHED, "hi "].concat()),
                Step::Enter(Phase::Draining),
                send("still "),
                get("still "),
                Step::Enter(Phase::Closed),
                Closed,
            ])
            .seen([SEEN]),
    ]);
}

#[test]
fn a_switch_that_does_not_take_place() {
    check([
        Case::new("refused: the connection lives on")
            .steps([send(UPGRADE), get(ok("/1")), send(UPGRADE), get(ok("/1"))])
            .seen([SEEN, SEEN]),
        Case::new("not without Connection: upgrade")
            .steps([send("GET /1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"), get(ok("/1"))])
            .seen(["GET /1 a"]),
        Case::new("not to HTTP/2")
            .steps([
                send("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"),
                get(ok("/1")),
            ])
            .seen(["GET /1 a"]),
    ]);
}
