//! Deadlines of an entry point (specification section 1.6).

use crate::support::server::{Act, Case, Content, Reply, check, ok, ok_close};
use crate::support::*;

const GET: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";

#[test]
fn clients_that_send_too_slowly() {
    check([
        Case::new("nothing at all").steps([closed_after(60)]),
        Case::new("a head that does not end").steps([send("GET / HTTP/1.1\r\n"), closed_after(60)]),
        Case::new("a head that comes drop by drop").steps([
            send("GET"),
            wait(30),
            send(" / HTTP/1.1\r\n"),
            wait(29),
            send("Host: a\r\n"),
            closed_after(1),
        ]),
        Case::new("the second head has its own time, from its first byte on")
            .steps([send(GET), get(ok("/1")), wait(100), send("GET"), closed_after(60)])
            .seen(["GET /1 a"]),
        Case::new("no second request")
            .steps([send(GET), get(ok("/1")), wait(100), send(GET), get(ok("/1")), closed_after(180)])
            .seen(["GET /1 a", "GET /1 a"]),
        Case::new("no limits at all")
            .settings(|settings| (settings.read_timeout, settings.idle_timeout) = (None, None))
            .steps([
                wait(10_000),
                send("GET"),
                wait(10_000),
                send(&GET[3..]),
                get(ok("/1")),
                wait(10_000),
                send(GET),
                get(ok("/1")),
            ])
            .seen(["GET /1 a", "GET /1 a"]),
        Case::new("a body that does not come")
            .steps([send(POST), send("he"), get(""), wait(60), get(ok_close("/1")), Closed])
            .seen(["POST /1 a \"he\" !the request body did not arrive within the read timeout"]),
        Case::new("a body that comes drop by drop")
            .steps([
                send(POST),
                wait(30),
                send("he"),
                wait(29),
                send("l"),
                wait(1),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["POST /1 a \"hel\" !the request body did not arrive within the read timeout"]),
        Case::new("a body that is read late, but was there in time")
            .replies([Reply::after([Act::Work(seconds(100)), Act::ReadAll])])
            .steps([send(POST), send("hello"), wait(100), get(ok("/1"))])
            .seen(["POST /1 a \"hello\""]),
        Case::new("the read timeout is not for responses")
            .replies([Reply::after([Act::ReadAll, Act::Work(seconds(1000))])])
            .steps([send(POST), send("hello"), wait(1000), get(ok("/1"))])
            .seen(["POST /1 a \"hello\""]),
        Case::new("a body that is still sent back when its time is over")
            .replies([Reply::after([]).content(Content::Echo)])
            .steps([
                send(POST),
                send("he"),
                get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\n\r\nhe"),
                closed_after(60),
            ])
            .seen(["POST /1 a"])
            .sent(["200 broken off 2 of 2"]),
    ]);
}

#[test]
fn clients_that_read_too_slowly() {
    let large = || [Reply::plain().content(Content::Full(vec![b'x'; 100_000]))];
    // The head is 80 bytes long.
    check([
        Case::new("nothing is taken for three minutes")
            .pipe(1000)
            .replies(large())
            .steps([send(GET), wait(181), Step::Take(1000), Closed])
            .seen(["GET /1 a"])
            .sent(["200 broken off 920 of 0"]),
        Case::new("something is taken now and then")
            .pipe(1000)
            .replies(large())
            .steps([
                send(GET),
                wait(170),
                Step::Take(100),
                wait(170),
                Step::Take(100),
                wait(170),
                Step::Take(99_880),
            ])
            .seen(["GET /1 a"])
            .sent(["200 whole 100000 of 0"]),
        Case::new("write timeout")
            .pipe(1000)
            .settings(|settings| settings.write_timeout = Some(seconds(10)))
            .replies(large())
            .steps([send(GET), wait(5), Step::Take(500), wait(6), Step::Take(1000), Closed])
            .seen(["GET /1 a"])
            .sent(["200 broken off 1420 of 0"]),
        Case::new("a server that is slow is no stall")
            .replies([Reply::plain().pieces(Some(2), [data("a"), Piece::Pause(seconds(1000)), data("b")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\na"),
                wait(1000),
                get("b"),
            ])
            .seen(["GET /1 a"]),
    ]);
}
