use crate::testing::{check_problems, check_sent};

#[test]
fn it_is_an_allow_list() {
    check_sent(
        "ipWhiteList: {sourceRange: [127.0.0.1]}",
        &[("GET /", "GET /"), ("GET / | @peer: 127.0.0.2", "403 | \"Forbidden\"")],
    );
    check_sent(
        "ipWhiteList: {sourceRange: [10.0.0.1], ipStrategy: {depth: 1}}",
        &[("GET / | X-Forwarded-For: 10.0.0.1", "GET / | X-Forwarded-For: 10.0.0.1")],
    );
    check_problems(&[("ipWhiteList: {sourceRange: []}", "sourceRange is empty")]);
}
