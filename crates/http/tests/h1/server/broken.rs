//! Responses that break off, and clients that go away.

use crate::support::server::{Act, Case, Content, Reply, check};
use crate::support::*;

const GET: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const NEXT: &str = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn a_response_that_broke_off_does_not_look_whole() {
    let later = [data("ab"), Piece::Pause(seconds(1)), Piece::Break];
    check([
        Case::new("length: short")
            .replies([Reply::plain().pieces(Some(5), later.clone())])
            .steps([
                send([GET, NEXT].concat()),
                get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\n\r\nab"),
                closed_after(1),
            ])
            .seen(["GET /1 a"])
            .sent(["200 broken off 2 of 0"]),
        Case::new("chunked: no last chunk")
            .replies([Reply::plain().pieces(None, later)])
            .steps([
                send([GET, NEXT].concat()),
                get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n2\r\nab\r\n"),
                closed_after(1),
            ])
            .seen(["GET /1 a"])
            .sent(["200 broken off 2 of 0"]),
        Case::new("it ends before its length")
            .replies([Reply::plain().pieces(Some(5), [data("ab"), Piece::Pause(seconds(1))])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\n\r\nab"),
                closed_after(1),
            ])
            .seen(["GET /1 a"])
            .sent(["200 broken off 2 of 0"]),
        Case::new("nothing of it was there yet: an empty answer")
            .replies([Reply::plain().pieces(Some(5), [Piece::Break])])
            .steps([send(GET), Closed])
            .seen(["GET /1 a"])
            .sent(["200 broken off 0 of 0"]),
    ]);
}

#[test]
fn nobody_works_for_a_client_that_has_gone() {
    let for_ever = || [Reply::after([Act::ReadAll, Act::WorkForEver])];
    let gone = "HTTP/1.1 499 status code 499\r\nContent-Length: 21\r\nDate: now\r\nConnection: close\r\n\r\n\
                Client Closed Request";
    check([
        Case::new("gone while the handler works")
            .replies(for_ever())
            .steps([send(GET), wait(1), Vanish])
            .seen(["GET /1 a (given up)"])
            .sent(["499 broken off 21 of 0 client_closed"]),
        Case::new("it sends nothing more: taken for gone, as by Go's server, but told so")
            .replies(for_ever())
            .steps([send(GET), wait(1), Finish, get(gone), Closed])
            .seen(["GET /1 a (given up)"])
            .sent(["499 whole 21 of 0 client_closed"]),
        Case::new("an answer that is there is sent all the same")
            .steps([
                send(GET),
                Finish,
                get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\n/1"),
                Closed,
            ])
            .seen(["GET /1 a"]),
        Case::new("gone while the response is written")
            .replies([Reply::plain().pieces(None, [data("a"), Piece::Pause(seconds(1000)), data("b")])])
            .steps([send(GET), wait(1), Vanish])
            .seen(["GET /1 a"])
            .sent(["200 broken off 1 of 0"]),
        Case::new("gone while it should read")
            .pipe(100)
            .replies([Reply::plain().content(Content::Full(vec![b'x'; 1000]))])
            .steps([send(GET), wait(1), Vanish])
            .seen(["GET /1 a"]),
    ]);
}
