//! `Expect: 100-continue` (RFC 9110 section 10.1.1).

use crate::support::server::{Act, Case, Content, Reply, check, ok, ok_close};
use crate::support::*;

const HEAD: &str = "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const NEXT: &str = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
const SEEN: &str = "POST /1 a [expect: 100-continue] \"hello\"";

#[test]
fn clients_that_wait_and_clients_that_do_not() {
    check([
        Case::new("patient")
            .steps([send(HEAD), get(CONTINUE), send("hello"), get(ok("/1")), send(NEXT), get(ok("/2"))])
            .seen([SEEN, "GET /2 a"]),
        Case::new("patient, with chunks")
            .steps([
                send("POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
                get(CONTINUE),
                send("5\r\nhello\r\n0\r\n\r\n"),
                get(ok("/1")),
                send(NEXT),
                get(ok("/2")),
            ])
            .seen([SEEN, "GET /2 a"]),
        Case::new("eager: the body is there already, nobody has to be told to go on")
            .steps([send([HEAD, "hello"].concat()), get(ok("/1")), send(NEXT), get(ok("/2"))])
            .seen([SEEN, "GET /2 a"]),
        Case::new("half eager")
            .steps([send([HEAD, "he"].concat()), get(CONTINUE), send("llo"), get(ok("/1"))])
            .seen([SEEN]),
        Case::new("told only when the body is read")
            .replies([Reply::after([Act::Work(seconds(5)), Act::ReadAll])])
            .steps([send(HEAD), get(""), wait(5), get(CONTINUE), send("hello"), get(ok("/1"))])
            .seen([SEEN]),
        Case::new("no body to wait for")
            .steps([send("GET /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"), get(ok("/1"))])
            .seen(["GET /1 a [expect: 100-continue]"]),
        Case::new("HTTP/1.0 does not know it")
            .steps([
                send("POST /1 HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
                get(""),
                send("hi"),
                get("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\n/1"),
                Closed,
            ])
            .seen(["POST /1  1.0 [expect: 100-continue] \"hi\""]),
    ]);
}

#[test]
fn a_refused_body_closes_the_connection() {
    check([
        Case::new("the client obeys")
            .replies([Reply::after([]).status(417)])
            .steps([
                send(HEAD),
                get("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nDate: now\r\nConnection: close\r\n\r\n/1"),
                Closed,
            ])
            .seen(["POST /1 a [expect: 100-continue]"]),
        Case::new("what comes behind the answer is no request")
            .replies([Reply::after([])])
            .steps([send(HEAD), get(ok_close("/1")), send([NEXT, NEXT].concat()), Closed])
            .seen(["POST /1 a [expect: 100-continue]"]),
        Case::new("the body was there already")
            .replies([Reply::after([])])
            .steps([send([HEAD, "hello"].concat()), get(ok_close("/1")), Closed])
            .seen(["POST /1 a [expect: 100-continue]"]),
    ]);
}

#[test]
fn nothing_stands_in_the_middle_of_another_response() {
    check([
        // The final response has begun; a body that is read only now was not asked for in time.
        Case::new("a response that has begun")
            .replies([Reply::after([]).content(Content::Echo)])
            .steps([
                send(HEAD),
                get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\nConnection: close\r\n\r\n"),
                send("hello"),
                get("hello"),
                Closed,
            ])
            .seen(["POST /1 a [expect: 100-continue]"]),
        Case::new("an interim response that is half written")
            .pipe(10)
            .replies([Reply::after([
                Act::Interim(103, &[("link", "</a.css>")]),
                Act::Work(seconds(1)),
                Act::ReadAll,
            ])])
            .steps([
                send(HEAD),
                wait(2),
                get(format!("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n{CONTINUE}")),
                send("hello"),
                get(ok("/1")),
            ])
            .seen([SEEN]),
        Case::new("an interim response behind it")
            .pipe(10)
            .replies([Reply::after([Act::Read(1), Act::Interim(103, &[]), Act::ReadAll])])
            .steps([
                send(HEAD),
                get(CONTINUE),
                send("hello"),
                get(format!("HTTP/1.1 103 Early Hints\r\n\r\n{}", ok("/1"))),
            ])
            .seen(["POST /1 a [expect: 100-continue] \"h\" \"ello\""]),
    ]);
}
