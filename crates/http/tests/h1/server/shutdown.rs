//! The end of the process, as connections meet it.

use ferroway_core::Phase::{Closed as Cut, Draining, Terminating};

use crate::support::Step::Enter;
use crate::support::server::{Act, Case, Reply, check, ok, ok_close};
use crate::support::*;

const GET: &str = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn connections_end_in_order() {
    let slow = || [Reply::after([Act::Work(seconds(5))])];
    check([
        Case::new("terminating changes nothing")
            .steps([Enter(Terminating), send(GET), get(ok("/1")), send(GET), get(ok("/1"))])
            .seen(["GET /1 a", "GET /1 a"]),
        Case::new("idle connections close")
            .steps([send(GET), get(ok("/1")), Enter(Draining), Closed])
            .seen(["GET /1 a"]),
        Case::new("so do new ones that say nothing").steps([wait(1), Enter(Draining), Closed]),
        Case::new("busy ones finish")
            .replies(slow())
            .steps([send(GET), wait(1), Enter(Draining), get(""), wait(5), get(ok_close("/1")), Closed])
            .seen(["GET /1 a"]),
        Case::new("a request that is on its way is answered")
            .steps([
                send("GET /1 HTT"),
                wait(1),
                Enter(Draining),
                get(""),
                send("P/1.1\r\nHost: a\r\n\r\n"),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["GET /1 a"]),
        Case::new("a response that has begun goes on, and its connection is closed behind it")
            .replies([Reply::plain().pieces(Some(2), [data("a"), Piece::Pause(seconds(2)), data("b")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\na"),
                Enter(Draining),
                get(""),
                wait(2),
                get("b"),
                Closed,
            ])
            .seen(["GET /1 a"])
            .sent(["200 whole 2 of 0"]),
        Case::new("what is pipelined behind the last answer is not handled")
            .replies(slow())
            .steps([
                send([GET, GET].concat()),
                wait(1),
                Enter(Draining),
                wait(5),
                get(ok_close("/1")),
                Closed,
            ])
            .seen(["GET /1 a"]),
    ]);
}

#[test]
fn the_end_cuts_what_is_left() {
    check([
        Case::new("a handler that works")
            .replies([Reply::after([Act::WorkForEver])])
            .steps([send(GET), wait(1), Enter(Cut), Closed])
            .seen(["GET /1 a (given up)"]),
        Case::new("a response that has begun")
            .replies([Reply::plain().pieces(Some(2), [data("a"), Piece::Pause(seconds(2)), data("b")])])
            .steps([
                send(GET),
                get("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: now\r\n\r\na"),
                Enter(Cut),
                Closed,
            ])
            .seen(["GET /1 a"])
            .sent(["200 broken off 1 of 0"]),
        Case::new("half a head").steps([send("GET /1 HTT"), wait(1), Enter(Cut), Closed]),
        Case::new("an idle connection")
            .steps([send(GET), get(ok("/1")), Enter(Cut), Closed])
            .seen(["GET /1 a"]),
    ]);
}
