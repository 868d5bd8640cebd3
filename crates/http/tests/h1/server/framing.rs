//! How responses go onto the wire.

use crate::support::server::{Act, Case, Content, Reply, check, ok};
use crate::support::*;

const GET: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn bodies_of_known_and_unknown_length() {
    check([
        Case::new("known length, in pieces")
            .replies([Reply::plain().pieces(Some(5), [data("he"), Piece::Pause(seconds(1)), data("llo")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\n\r\nhe"),
                wait(1),
                get("llo"),
            ])
            .seen(["GET /1 a"])
            .sent(["200 whole 5 of 0"]),
        Case::new("unknown length: each piece at once")
            .replies([Reply::plain()
                .pieces(None, [data("he"), Piece::Pause(seconds(1)), data("llo"), data(" you")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n2\r\nhe\r\n"),
                wait(1),
                get("3\r\nllo\r\n4\r\n you\r\n0\r\n\r\n"),
            ])
            .seen(["GET /1 a"])
            .sent(["200 whole 9 of 0"]),
        Case::new("a head that waits for its body goes out")
            .replies([Reply::plain().pieces(None, [Piece::Pause(seconds(1)), data("x")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n"),
                wait(1),
                get("1\r\nx\r\n0\r\n\r\n"),
            ])
            .seen(["GET /1 a"]),
        Case::new("unknown length and nothing in it")
            .replies([Reply::plain().pieces(None, [])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n0\r\n\r\n"),
            ])
            .seen(["GET /1 a"]),
        Case::new("nothing at all")
            .replies([Reply::plain().content(Content::Nothing)])
            .steps([send(GET), get("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: now\r\n\r\n")])
            .seen(["GET /1 a"]),
        Case::new("trailers")
            .replies([Reply::plain()
                .fields(&[("trailer", "x-sum")])
                .pieces(None, [data("x"), Piece::Trailers(&[("x-sum", "1"), ("x-more", "2")])])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n\
                     1\r\nx\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
            ])
            .seen(["GET /1 a"]),
        Case::new("trailers have no place behind a known length")
            .replies([Reply::plain().pieces(Some(1), [data("x"), Piece::Trailers(&[("x-sum", "1")])])])
            .steps([send(GET), get("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nDate: now\r\n\r\nx")])
            .seen(["GET /1 a"]),
        Case::new("more than was announced is cut")
            .replies([Reply::plain().pieces(Some(2), [data("abc"), data("d")])])
            .steps([send(GET), get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\nab")])
            .seen(["GET /1 a"]),
        Case::new("HTTP/1.0 knows no chunks")
            .replies([
                Reply::plain().pieces(None, [data("ab"), data("c"), Piece::Trailers(&[("x-sum", "1")])])
            ])
            .steps([send("GET /1 HTTP/1.0\r\n\r\n"), get("HTTP/1.0 200 OK\r\nDate: now\r\n\r\nabc"), Closed])
            .seen(["GET /1  1.0"])
            .sent(["200 whole 3 of 0"]),
    ]);
}

#[test]
fn large_pieces_through_a_narrow_connection() {
    let large = vec![b'x'; 70_000];
    let whole = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n11170\r\n{}\r\n1\r\ny\r\n0\r\n\r\n",
        "x".repeat(70_000)
    );
    for pipe in [1, 7, 1000, 100_000] {
        check([Case::new("chunked")
            .pipe(pipe)
            .replies([Reply::plain().pieces(None, [data(large.clone()), data("y")])])
            .steps([send(GET), get(whole.clone())])
            .seen(["GET /1 a"])
            .sent(["200 whole 70001 of 0"])]);
    }
}

#[test]
fn responses_without_a_body() {
    let plain = Reply::plain;
    check([
        Case::new("HEAD tells the length that it was told")
            .replies([plain().fields(&[("content-length", "70")]).content(Content::Nothing)])
            .steps([
                send("HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
                get("HTTP/1.1 200 OK\r\nContent-Length: 70\r\nDate: now\r\n\r\n"),
            ])
            .seen(["HEAD /1 a"]),
        Case::new("HEAD tells the length of a body that is there, and does not send it")
            .replies([plain()])
            .steps([
                send("HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
                get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\n"),
                send(GET),
                get(ok("/1")),
            ])
            .seen(["HEAD /1 a", "GET /1 a"])
            .sent(["200 whole 0 of 0", "200 whole 2 of 0"]),
        Case::new("HEAD of unknown length")
            .replies([plain().pieces(None, [data("x")])])
            .steps([
                send("HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
                get("HTTP/1.1 200 OK\r\nDate: now\r\n\r\n"),
                send(GET),
                get(ok("/1")),
            ])
            .seen(["HEAD /1 a", "GET /1 a"]),
        Case::new("204 has neither body nor length")
            .replies([plain().status(204).fields(&[("content-length", "2")])])
            .steps([send(GET), get("HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n"), send(GET), get(ok("/1"))])
            .seen(["GET /1 a", "GET /1 a"]),
        Case::new("304 keeps the length of what it stands for")
            .replies([plain().status(304).fields(&[("content-length", "70")]).content(Content::Nothing)])
            .steps([
                send(GET),
                get("HTTP/1.1 304 Not Modified\r\nContent-Length: 70\r\nDate: now\r\n\r\n"),
                send(GET),
                get(ok("/1")),
            ])
            .seen(["GET /1 a", "GET /1 a"]),
        Case::new("a status without a phrase")
            .replies([plain().status(799)])
            .steps([
                send(GET),
                get("HTTP/1.1 799 status code 799\r\nContent-Length: 2\r\nDate: now\r\n\r\n/1"),
            ])
            .seen(["GET /1 a"]),
    ]);
}

#[test]
fn interim_responses() {
    let hints = Act::Interim(103, &[("link", "</a.css>"), ("content-length", "5"), ("connection", "x")]);
    check([
        Case::new("come first, and at once")
            .replies([Reply::after([hints.clone(), Act::Work(seconds(1)), Act::Interim(102, &[])])])
            .steps([
                send(GET),
                get("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"),
                wait(1),
                get(format!("HTTP/1.1 102 Processing\r\n\r\n{}", ok("/1"))),
            ])
            .seen(["GET /1 a"])
            .sent(["200 whole 2 of 0"]),
        Case::new("are not for HTTP/1.0")
            .replies([Reply::after([hints])])
            .steps([
                send("GET /1 HTTP/1.0\r\n\r\n"),
                get("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\n/1"),
                Closed,
            ])
            .seen(["GET /1  1.0"]),
        Case::new("belong to their own request")
            .replies([Reply::after([Act::Interim(103, &[])]), Reply::plain()])
            .steps([
                send([GET, GET].concat()),
                get(format!("HTTP/1.1 103 Early Hints\r\n\r\n{}{}", ok("/1"), ok("/1"))),
            ])
            .seen(["GET /1 a", "GET /1 a"]),
    ]);
}
