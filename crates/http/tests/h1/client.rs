//! The side towards servers.

use crate::support::client::{Call, Case, check};
use crate::support::*;

const ASKED: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn get_1() -> Call {
    Call::new("GET", "/1")
}

/// A request with a body of five bytes.
fn post() -> Call {
    Call::new("POST", "/1").body(Some(5), [data("hello")])
}

const POSTED: &str = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

#[test]
fn requests_on_the_wire() {
    for (call, bytes) in [
        (get_1(), ASKED),
        (Call::new("GET", "http://b/x?y"), "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Call::new("OPTIONS", "*"), "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Call::new("M-X", "/"), "M-X / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Call::new("POST", "/"), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        (Call::new("PUT", "/"), "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        (Call::new("DELETE", "/"), "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            Call::new("DELETE", "/").body(Some(2), [data("hi")]),
            "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        ),
        (
            Call::new("POST", "/")
                .body(None, [data("hello"), data(" you"), Piece::Trailers(&[("x-sum", "1")])]),
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4\r\n you\r\n0\r\nX-Sum: 1\r\n\r\n",
        ),
        (
            Call::new("POST", "/").body(None, []),
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            get_1().te().upgrade("websocket").fields(&[
                ("sec-websocket-key", "k"),
                ("x-a", "1"),
                ("x-a", "2"),
            ]),
            "GET /1 HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: k\r\nX-A: 1\r\nX-A: 2\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nTe: trailers\r\n\r\n",
        ),
        (
            // What frames a message or belongs to a connection is the codec's alone.
            get_1().fields(&[
                ("content-length", "7"),
                ("transfer-encoding", "chunked"),
                ("connection", "close"),
                ("upgrade", "x"),
                ("cookie", "a=b"),
            ]),
            "GET /1 HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n\r\n",
        ),
    ] {
        check([Case::new(bytes).round(call, [get(bytes), send(OK)], "200 \"ok\"; kept")]);
    }
}

#[test]
fn responses_in_every_framing() {
    let head = || Call::new("HEAD", "/1");
    for (call, response, gets) in [
        (
            get_1(),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello",
            "200 [x-a: 1] \"hello\"; kept",
        ),
        (get_1(), "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200; kept"),
        (get_1(), "HTTP/1.1 799 any \u{7e} phrase\r\nContent-Length: 0\r\n\r\n", "799; kept"),
        (
            get_1(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "200 \"abcde\"; kept",
        ),
        (
            get_1(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\
             Content-Length: 9\r\nX-U: 2\r\n\r\n",
            "200 [trailer: X-T] \"a\" +[x-t: 1, x-u: 2]; kept",
        ),
        (get_1(), "HTTP/1.1 204 No Content\r\n\r\n", "204; kept"),
        (get_1(), "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "204; kept"),
        (get_1(), "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 [content-length: 5]; kept"),
        (head(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 [content-length: 5]; kept"),
        (head(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200; kept"),
        (head(), "HTTP/1.1 200 OK\r\n\r\n", "200; kept"),
        // Hop-by-hop fields stay behind.
        (
            get_1(),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
             Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nX-A: 1\r\n\r\n",
            "200 [x-a: 1]; kept",
        ),
        (
            get_1(),
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
            "200 \"a\"; kept",
        ),
    ] {
        check([
            Case::new(response)
                .round(call.clone(), [get(ASKED.replace("GET", call.method())), send(response)], gets)
                .round(get_1(), [get(ASKED), send(OK)], "200 \"ok\"; kept"),
            Case::new(response).round(
                call.clone(),
                [get(ASKED.replace("GET", call.method())), send_bytewise(response)],
                gets,
            ),
        ]);
    }
}

#[test]
fn responses_that_end_their_connection() {
    for (response, gets) in [
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "200 \"ok\"; dropped"),
        ("HTTP/1.1 200 OK\r\nConnection: X, CLOSE\r\nContent-Length: 0\r\n\r\n", "200; dropped"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 \"ok\"; dropped"),
        // Bytes that nobody asked for.
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", "200 \"ok\"; dropped"),
        ("HTTP/1.1 204 No Content\r\n\r\nx", "204; dropped"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n", "200; dropped"),
    ] {
        check([Case::new(response).round(get_1(), [get(ASKED), send(response), Closed], gets)]);
    }
    let until_close = "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nall that comes";
    check([
        Case::new("until the server ends").round(
            get_1(),
            [get(ASKED), send(until_close), get(""), send(" and more"), Finish, Closed],
            "200 [x-a: 1] \"all that comes and more\"; dropped",
        ),
        Case::new("HTTP/1.0, until the server ends").round(
            get_1(),
            [get(ASKED), send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nx"), Finish, Closed],
            "200 \"x\"; dropped",
        ),
        Case::new("a response that is given up").round(
            get_1().reads(2),
            [get(ASKED), send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), Closed],
            "200 \"he\"; dropped",
        ),
    ]);
}

#[test]
fn responses_that_are_none() {
    let closed = "!the server closed the connection before it answered; dropped";
    let truncated = "!the server closed the connection within the response head; dropped";
    for (response, gets) in [
        ("", closed),
        ("HTTP/1.1 200 OK\r\nContent-Le", truncated),
        ("HTT", truncated),
        ("SSH-2.0-OpenSSH_9\r\n", "!malformed response: malformed start line; dropped"),
        ("\0", "!malformed response: malformed start line; dropped"),
        (
            "HTTP/1.1 103 Early Hints\r\n\r\n",
            "103, !the server closed the connection before it answered; dropped",
        ),
    ] {
        check([
            Case::new(response).round(get_1(), [get(ASKED), send(response), Vanish], gets),
            Case::new(response).round(get_1(), [get(ASKED), send(response), Finish, Closed], gets),
        ]);
    }
    for (response, gets) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "invalid Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "invalid Content-Length"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "both Content-Length and Transfer-Encoding",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "unsupported transfer encoding"),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed Transfer-Encoding"),
        ("HTTP/1.1 200 OK\nContent-Length: 1\n\na", "line without CRLF"),
        ("HTTP/1.1 20 OK\r\n\r\n", "malformed status code"),
        ("HTTP/1.1 099 OK\r\n\r\n", "malformed status code"),
        ("HTTP/2 200 OK\r\n\r\n", "unsupported protocol version"),
        ("HTTP/1.1 200 OK\r\nX a: 1\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "invalid header name"),
        ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "invalid header value"),
        ("GET / HTTP/1.1\r\n\r\n", "unsupported protocol version"),
    ] {
        let gets: &'static str = format!("!malformed response: {gets}; dropped").leak();
        check([Case::new(response).round(get_1(), [get(ASKED), send(response), Closed], gets)]);
    }
}

#[test]
fn heads_are_bounded() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat((1 << 20) + 64 * 1024));
    let interim = |n: usize| "HTTP/1.1 102 Processing\r\n\r\n".repeat(n);
    check([
        Case::new("a head without an end")
            .round(get_1(), [get(ASKED), send(endless), Closed], "!the response head is too large; dropped"),
        Case::new("interim responses without an end").round(
            get_1(),
            [get(ASKED), send(interim(65)), Closed],
            concat!(
                "102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, ",
                "!the response head is too large; dropped"
            ),
        ),
        Case::new("the last one that is waited for: those that nobody has taken are bounded, too").round(
            get_1(),
            [get(ASKED), send(interim(64) + OK)],
            "102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 102, 200 \"ok\"; kept",
        ),
    ]);
}

#[test]
fn bodies_that_break_off() {
    let short = "!the server closed the connection before the end of the response body; dropped";
    for (response, gets) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", format!("200 \"he\" {short}")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", format!("200 {short}")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", format!("200 \"he\" {short}")),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", format!("200 \"he\" {short}")),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n",
            format!("200 \"he\" {short}"),
        ),
    ] {
        let gets: &'static str = gets.leak();
        check([Case::new(response).round(get_1(), [get(ASKED), send(response), Finish, Closed], gets)]);
    }
    for (chunks, gets) in [
        ("x\r\n", "200 !malformed response body: invalid chunk size; dropped"),
        ("2\r\nhell", "200 \"he\" !malformed response body: a chunk is longer than announced; dropped"),
        ("0\r\nX : 1\r\n\r\n", "200 !malformed response body: malformed trailer fields; dropped"),
    ] {
        let response = ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunks].concat();
        check([Case::new(chunks).round(get_1(), [get(ASKED), send(response), Closed], gets)]);
    }
}

#[test]
fn interim_responses() {
    check([
        Case::new("are passed on")
            .round(
                get_1(),
                [
                    get(ASKED),
                    send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
                    get(""),
                    send_bytewise("HTTP/1.1 102 Processing\r\n\r\n"),
                    send(OK),
                ],
                "103 [link: </a>], 102, 200 \"ok\"; kept",
            )
            .round(get_1(), [get(ASKED), send(OK)], "200 \"ok\"; kept"),
        Case::new("have no body, whatever they say").round(
            get_1(),
            [get(ASKED), send(["HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n", OK].concat())],
            "103, 200 \"ok\"; kept",
        ),
        Case::new("nobody waits for their connection to live on").round(
            get_1(),
            [get(ASKED), send(["HTTP/1.0 103 Early Hints\r\n\r\n", OK].concat())],
            "103, 200 \"ok\"; kept",
        ),
    ]);
}

const EXPECTING: &str = "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

#[test]
fn bodies_wait_for_the_servers_word() {
    let expecting = || post().fields(&[("expect", "100-continue")]);
    check([
        Case::new("the server wants it").round(
            expecting(),
            [get(EXPECTING), send("HTTP/1.1 100 Continue\r\n\r\n"), get("hello"), send(OK)],
            "200 \"ok\"; kept",
        ),
        Case::new("the server says nothing: after a second it is sent all the same").round(
            expecting(),
            [
                get(EXPECTING),
                Step::Wait(std::time::Duration::from_millis(990)),
                get(""),
                wait(1),
                get("hello"),
                send(OK),
            ],
            "200 \"ok\"; kept",
        ),
        Case::new("the server does not want it").round(
            expecting(),
            [get(EXPECTING), send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"), Closed],
            "417; dropped",
        ),
        Case::new("another interim response is no such word").round(
            expecting(),
            [
                get(EXPECTING),
                send("HTTP/1.1 103 Early Hints\r\n\r\n"),
                get(""),
                send("HTTP/1.1 100 Continue\r\n\r\n"),
                get("hello"),
                send(OK),
            ],
            "103, 200 \"ok\"; kept",
        ),
    ]);
}

#[test]
fn responses_before_the_request_is_sent() {
    let slow = || Call::new("POST", "/1").body(Some(5), [data("he"), Piece::Pause(seconds(5)), data("llo")]);
    let begun = [POSTED, "he"].concat();
    check([
        Case::new("the response waits for the rest of the request").round(
            slow(),
            [
                get(begun.clone()),
                send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"),
                get(""),
                wait(5),
                get("llo"),
                send("k"),
            ],
            "200 \"ok\"; kept",
        ),
        Case::new("the response is over first").round(slow(), [get(begun.clone()), send(OK), Closed], "200 \"ok\"; dropped"),
        Case::new("so is one without a body").round(
            slow(),
            [get(begun.clone()), send("HTTP/1.1 204 No Content\r\n\r\n"), Closed],
            "204; dropped",
        ),
        Case::new("the request breaks off").round(
            Call::new("POST", "/1").body(Some(5), [data("he"), Piece::Pause(seconds(5)), Piece::Break]),
            [get(begun.clone()), wait(5), Closed],
            "!the server closed the connection before the end of the response body (some of the request was sent); dropped",
        ),
        Case::new("the request is shorter than it said").round(
            Call::new("POST", "/1").body(Some(5), [data("he"), Piece::Pause(seconds(5))]),
            [get(begun), wait(5), Closed],
            "!the server closed the connection before the end of the response body (some of the request was sent); dropped",
        ),
        Case::new("the server stops reading, and still answers")
            .pipe(100)
            .round(
                Call::new("POST", "/1").body(Some(1000), [data(vec![b'x'; 1000])]),
                [Step::Take(60), send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"), Vanish],
                "413 \"no\"; dropped",
            ),
        Case::new("nothing was sent: the request can be repeated")
            .round(post(), [Vanish], "!the server closed the connection before it answered (some of the request was sent); dropped"),
    ]);
}

#[test]
fn a_refused_large_body_may_be_unread() {
    let large = |n: u64| {
        let length = usize::try_from(n).expect("small");
        Call::new("POST", "/1").body(Some(n), [data(vec![b'x'; length])])
    };
    let sent = |n: u64| {
        let length = usize::try_from(n).expect("small");
        get(format!("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: {n}\r\n\r\n{}", "x".repeat(length)))
    };
    let refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    check([
        Case::new("a small one is taken for read").round(
            large(16_384),
            [sent(16_384), send(refused)],
            "403; kept",
        ),
        Case::new("a large one is not").round(
            large(16_385),
            [sent(16_385), send(refused), Closed],
            "403; dropped",
        ),
        Case::new("one that was accepted is read").round(
            large(100_000),
            [sent(100_000), send(OK)],
            "200 \"ok\"; kept",
        ),
    ]);
}

#[test]
fn switched_protocols() {
    let asked = "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\nX-A: 1\r\n\r\n";
    check([
        Case::new("agreed").round(
            get_1().upgrade("x"),
            [get(asked), send([switched, "early "].concat()), get("ping"), send("late"), Finish, Closed],
            "101 [x-a: 1] then \"early late\"; dropped",
        ),
        Case::new("declined").round(get_1().upgrade("x"), [get(asked), send(OK)], "200 \"ok\"; kept"),
    ]);
}

/// A server that echoes: both directions stream at once, through a connection that holds less than either.
#[test]
fn both_directions_at_once() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    const SIZE: usize = 1 << 20;
    run(async {
        let (ours, theirs) = tokio::io::duplex(1000);
        let (mut from_us, mut to_us) = tokio::io::split(theirs);
        let echoing = tokio::task::spawn_local(async move {
            let mut head = [0; "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n".len()];
            from_us.read_exact(&mut head).await?;
            to_us.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n").await?;
            tokio::io::copy(&mut from_us.take(SIZE as u64), &mut to_us).await
        });
        let conn = ferroway_http::h1::client::ClientConn::new(ferroway_core::Io::Other(Box::new(ours)), None);
        let pieces = vec![data(vec![b'x'; SIZE / 4]); 4];
        let got = Call::new("POST", "/1").body_of(SIZE as u64, pieces).make(conn).await;
        assert_eq!(got, "200 <1048576 bytes>");
        assert_eq!(echoing.await.expect("no panic").expect("memory does not fail"), SIZE as u64);
    });
}
