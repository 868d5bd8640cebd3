//! Which connections live on, and the order of what goes over them.

use crate::support::server::{Act, Case, Content, Reply, check, ok, ok_close};
use crate::support::*;

const GET_1: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_2: &str = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn connections_live_on_or_not() {
    check([
        Case::new("one request after the other")
            .steps([send(GET_1), get(ok("/1")), wait(100), send(GET_2), get(ok("/2"))])
            .seen(["GET /1 a", "GET /2 a"])
            .sent(["200 whole 2 of 0", "200 whole 2 of 0"]),
        Case::new("byte by byte")
            .steps([send_bytewise(GET_1), get(ok("/1")), send_bytewise(GET_2), get(ok("/2"))])
            .seen(["GET /1 a", "GET /2 a"]),
        Case::new("Connection: close")
            .steps([
                send("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\nX: y\r\n\r\n"),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["GET /1 a [x: y] connection=x"]),
        Case::new("nothing is read behind Connection: close")
            .steps([
                send("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                send(GET_2),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["GET /1 a"]),
        Case::new("HTTP/1.0")
            .steps([
                send("GET /1 HTTP/1.0\r\n\r\n"),
                get("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\n/1"),
                Closed,
            ])
            .seen(["GET /1  1.0"]),
        Case::new("HTTP/1.0 with keep-alive")
            .steps([
                send("GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"),
                get("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nDate: now\r\nConnection: keep-alive\r\n\r\n/1"),
                send(GET_2),
                get(ok("/2")),
            ])
            .seen(["GET /1 a 1.0", "GET /2 a"]),
        Case::new("the client ends after its answer")
            .steps([send(GET_1), get(ok("/1")), Finish, Closed])
            .seen(["GET /1 a"]),
        Case::new("the client ends within a head").steps([send("GET /1 HTTP/1.1\r\nHo"), Finish, Closed]),
        Case::new("the client says nothing at all").steps([Finish, Closed]),
        Case::new("the server's own fields").replies([Reply::plain().fields(&[
            ("x-a", "1"),
            ("date", "mine"),
            ("set-cookie", "a"),
            ("set-cookie", "b"),
            ("connection", "x"),
            ("transfer-encoding", "chunked"),
            ("content-length", "7"),
            ("etag", "\"e\""),
            ("www-authenticate", "Basic"),
        ])])
            .steps([
                send(GET_1),
                get(
                    "HTTP/1.1 200 OK\r\nX-A: 1\r\nDate: mine\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nEtag: \"e\"\r\n\
                     Www-Authenticate: Basic\r\nContent-Length: 2\r\n\r\n/1",
                ),
            ])
            .seen(["GET /1 a"]),
    ]);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let all = [GET_1, "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", GET_2].concat();
    let chunked =
        "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n";
    check([
        Case::new("at once").steps([send(all), get([ok("/1"), ok("/2"), ok("/2")].concat())]).seen([
            "GET /1 a",
            "POST /2 a \"hello\"",
            "GET /2 a",
        ]),
        Case::new("the first is slow")
            .replies([Reply::after([Act::Work(seconds(5))]), Reply::plain()])
            .steps([send([GET_1, GET_2].concat()), get(""), wait(5), get([ok("/1"), ok("/2")].concat())])
            .seen(["GET /1 a", "GET /2 a"]),
        Case::new("behind chunks and trailers")
            .steps([send([chunked, GET_2].concat()), get([ok("/1"), ok("/2")].concat())])
            .seen(["POST /1 a \"abc\" +[x-t: 1]", "GET /2 a"]),
        Case::new("behind a body that nobody read")
            .replies([Reply::after([])])
            .steps([
                send(
                    "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\nGET /evil HTTP/1.1\r\nHost: a",
                ),
                send(GET_2),
                get([ok("/1"), ok("/2")].concat()),
            ])
            .seen(["POST /1 a", "GET /2 a"]),
        Case::new("the last one closes")
            .steps([
                send([GET_1, "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"].concat()),
                get([ok("/1"), ok_close("/2")].concat()),
                Closed,
            ])
            .seen(["GET /1 a", "GET /2 a"]),
        Case::new("the client has finished")
            .steps([send([GET_1, GET_2].concat()), Finish, get([ok("/1"), ok("/2")].concat()), Closed])
            .seen(["GET /1 a", "GET /2 a"]),
    ]);
}

#[test]
fn a_line_end_behind_a_body_is_passed_over() {
    // Old browsers send one; RFC 9112 section 2.2.
    let post = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\n";
    let bad = server_refusal();
    check([
        Case::new("in one piece")
            .steps([send([post, GET_2].concat()), get([ok("/1"), ok("/2")].concat())])
            .seen(["POST /1 a \"hi\"", "GET /2 a"]),
        Case::new("on its own")
            .steps([send_bytewise(post), get(ok("/1")), send(GET_2), get(ok("/2"))])
            .seen(["POST /1 a \"hi\"", "GET /2 a"]),
        Case::new("only one")
            .steps([send([post, "\r\n", GET_2].concat()), get(ok("/1") + &bad), Closed])
            .seen(["POST /1 a \"hi\""]),
        Case::new("not in front of the first request").steps([
            send(["\r\n", GET_1].concat()),
            get(bad.clone()),
            Closed,
        ]),
        Case::new("not behind a request without a body")
            .steps([send([GET_1, "\r\n", GET_2].concat()), get(ok("/1") + &bad), Closed])
            .seen(["GET /1 a"]),
    ]);
}

fn server_refusal() -> String {
    crate::support::server::refused("400 Bad Request", "400 Bad Request")
}

#[test]
fn age_and_number_end_a_connection() {
    check([
        Case::new("keepAliveMaxRequests")
            .settings(|settings| settings.keep_alive_max_requests = Some(2))
            .steps([send(GET_1), get(ok("/1")), send(GET_2), get(ok_close("/2")), Closed])
            .seen(["GET /1 a", "GET /2 a"]),
        Case::new("keepAliveMaxTime")
            .settings(|settings| settings.keep_alive_max_time = Some(seconds(100)))
            .steps([
                send(GET_1),
                get(ok("/1")),
                wait(98),
                send(GET_2),
                get(ok("/2")),
                wait(2),
                send(GET_1),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["GET /1 a", "GET /2 a", "GET /1 a"]),
        Case::new("a response that ends with the connection ends it")
            .replies([Reply::plain().pieces(None, [data("ab")])])
            .steps([
                send("GET /1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"),
                get("HTTP/1.0 200 OK\r\nDate: now\r\n\r\nab"),
                Closed,
            ])
            .seen(["GET /1 a 1.0"]),
        Case::new("a client that reads slowly gets everything")
            .pipe(100)
            .replies([Reply::plain().content(Content::Full(vec![b'x'; 1000])), Reply::plain()])
            .steps([send(GET_1), wait(5), Step::Take(78), Step::Take(1000), send(GET_2), get(ok("/2"))])
            .seen(["GET /1 a", "GET /2 a"]),
    ]);
}
