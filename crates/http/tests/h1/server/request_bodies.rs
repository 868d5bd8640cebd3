//! Request bodies that are read, not read, or malformed.

use crate::support::server::{Act, Case, Content, Reply, check, ok, ok_close};
use crate::support::*;

const NEXT: &str = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

fn post(length: usize) -> String {
    format!("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")
}

const CHUNKED: &str = "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn bodies_are_read_as_they_come() {
    check([
        Case::new("length, in pieces")
            .steps([send_pieces([&post(5), "he", "l", "lo"]), get(ok("/1")), send(NEXT), get(ok("/2"))])
            .seen(["POST /1 a \"hello\"", "GET /2 a"])
            .sent(["200 whole 2 of 5", "200 whole 2 of 0"]),
        Case::new("chunks, byte by byte, with extensions and trailers")
            .steps([
                send(CHUNKED),
                send_bytewise("3;a=b\r\nabc\r\n00A \t;c\r\n0123456789\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"),
                get(ok("/1")),
                send(NEXT),
                get(ok("/2")),
            ])
            .seen(["POST /1 a \"abc0123456789\" +[x-a: 1, x-b: 2]", "GET /2 a"])
            .sent(["200 whole 2 of 13", "200 whole 2 of 0"]),
        Case::new("announced trailers")
            .steps([
                send("POST /1 HTTP/1.1\r\nHost: a\r\nTrailer: X-A\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"),
                send("0\r\nX-A: 1\r\nContent-Length: 7\r\nAuthorization: me\r\n\r\n"),
                get(ok("/1")),
            ])
            .seen(["POST /1 a [trailer: X-A] te +[x-a: 1]"]),
        Case::new("a body on GET")
            .steps([send("GET /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"), send(NEXT), get([ok("/1"), ok("/2")].concat())])
            .seen(["GET /1 a \"hi\"", "GET /2 a"]),
        Case::new("large, through a narrow connection")
            .pipe(1000)
            .steps([send(post(200_000)), send(vec![b'x'; 200_000]), get(ok("/1"))])
            .seen(["POST /1 a <200000 bytes>"]),
        Case::new("sent back while it comes")
            .replies([Reply::after([]).content(Content::Echo)])
            .steps([
                send(CHUNKED),
                get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: now\r\n\r\n"),
                send("3\r\nabc\r\n"),
                get("3\r\nabc\r\n"),
                send("2\r\nd"),
                get("1\r\nd\r\n"),
                send("e\r\n0\r\nX-T: 1\r\n\r\n"),
                get("1\r\ne\r\n0\r\nX-T: 1\r\n\r\n"),
                send(NEXT),
                get(ok("/2")),
            ])
            .seen(["POST /1 a", "GET /2 a"])
            .sent(["200 whole 5 of 5", "200 whole 2 of 0"]),
    ]);
}

#[test]
fn bodies_that_nobody_reads() {
    let unread = || [Reply::after([])];
    check([
        Case::new("small: read away")
            .replies(unread())
            .steps([send(post(5) + "hello" + NEXT), get([ok("/1"), ok("/2")].concat())])
            .seen(["POST /1 a", "GET /2 a"]),
        Case::new("small, and it comes later")
            .replies(unread())
            .steps([send(post(5)), get(ok("/1")), send("hello"), send(NEXT), get(ok("/2"))])
            .seen(["POST /1 a", "GET /2 a"]),
        Case::new("small, and it never comes")
            .replies(unread())
            .steps([send(post(5)), get(ok("/1")), send("hell"), closed_after(0)])
            .seen(["POST /1 a"]),
        Case::new("as large as is read away")
            .replies(unread())
            .steps([
                send(post(256 << 10)),
                get(ok("/1")),
                send(vec![b'x'; 256 << 10]),
                send(NEXT),
                get(ok("/2")),
            ])
            .seen(["POST /1 a", "GET /2 a"]),
        Case::new("larger")
            .replies(unread())
            .steps([send(post((256 << 10) + 1)), get(ok_close("/1")), Closed])
            .seen(["POST /1 a"]),
        Case::new("what is behind a larger one is no request")
            .replies(unread())
            .steps([send(post(1 << 20)), get(ok_close("/1")), send([NEXT, NEXT].concat()), Closed])
            .seen(["POST /1 a"]),
        Case::new("read in part")
            .replies([Reply::after([Act::Read(3)])])
            .steps([send(post(5) + "hello" + NEXT), get([ok("/1"), ok("/2")].concat())])
            .seen(["POST /1 a \"hel\"", "GET /2 a"]),
        Case::new("chunks: their end may be anywhere")
            .replies(unread())
            .steps([send([CHUNKED, "3\r\nabc\r\n"].concat()), get(ok_close("/1")), Closed])
            .seen(["POST /1 a"]),
        Case::new("chunks, read in part")
            .replies([Reply::after([Act::Read(1)])])
            .steps([
                send([CHUNKED, "3\r\nabc\r\n"].concat()),
                get(ok_close("/1")),
                send("0\r\n\r\n"),
                send(NEXT),
                Closed,
            ])
            .seen(["POST /1 a \"a\""]),
    ]);
}

#[test]
fn malformed_chunks_end_the_connection() {
    for (chunks, seen) in [
        ("x\r\n", "POST /1 a !malformed request body: invalid chunk size"),
        (
            "3\r\nabcd\r\n0\r\n\r\n",
            "POST /1 a \"abc\" !malformed request body: a chunk is longer than announced",
        ),
        (
            "3\r\nabc\n0\r\n\r\n",
            "POST /1 a \"abc\" !malformed request body: a chunk is longer than announced",
        ),
        ("3\nabc\r\n0\r\n\r\n", "POST /1 a !malformed request body: a chunk line without CRLF"),
        ("+3\r\nabc\r\n0\r\n\r\n", "POST /1 a !malformed request body: invalid chunk size"),
        ("0\r\nX : 1\r\n\r\n", "POST /1 a !malformed request body: malformed trailer fields"),
        ("0\r\nX\n\r\n", "POST /1 a !malformed request body: a trailer line without CRLF"),
    ] {
        check([Case::new(chunks)
            .steps([send([CHUNKED, chunks, NEXT].concat()), get(ok_close("/1")), Closed])
            .seen([seen])]);
    }
}

#[test]
fn bodies_that_break_off() {
    let closed = "POST /1 a \"he\" !the client closed the connection before the end of the request body";
    check([
        Case::new("length")
            .steps([send(post(5) + "he"), Finish, get(ok("/1")), Closed])
            .seen([closed])
            .sent(["200 whole 2 of 2"]),
        Case::new("chunks")
            .steps([send([CHUNKED, "5\r\nhe"].concat()), Finish, get(ok_close("/1")), Closed])
            .seen([closed]),
        Case::new("gone altogether")
            .steps([send(post(5) + "he"), Vanish])
            .seen([closed])
            .sent(["200 broken off 2 of 2"]),
    ]);
}
