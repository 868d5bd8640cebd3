use crate::testing::{check_problems, sent};

/// Whether a request passes, for each request.
fn check(middleware: &str, cases: &[(&str, bool)]) {
    for (request, passes) in cases {
        let sent = sent(&format!("ipAllowList: {{{middleware}}}"), &format!("GET / | {request}"));
        assert_eq!(sent.starts_with("GET /"), *passes, "{request:?} through {middleware} gives {sent}");
    }
}

#[test]
fn the_peer_is_the_client() {
    check(
        "sourceRange: [127.0.0.1, 127.0.1.0/24, '2001:db8::/32']",
        &[
            ("@peer: 127.0.0.1", true),
            ("@peer: ::ffff:127.0.0.1", true),
            ("@peer: 127.0.1.9", true),
            ("@peer: 127.0.0.2", false),
            ("@peer: 127.0.2.0", false),
            ("@peer: 2001:db8:1::1", true),
            ("@peer: 2001:db9::1", false),
            ("@peer: 127.0.0.2 | X-Forwarded-For: 127.0.0.1", false),
        ],
    );
}

#[test]
fn ranges() {
    check("sourceRange: [127.0.0.5/8]", &[("@peer: 127.9.9.9", true)]);
    check(
        "sourceRange: ['::ffff:127.0.0.0/104']",
        &[("@peer: 127.0.0.1", true), ("@peer: 128.0.0.1", false)],
    );
    check("sourceRange: ['::ffff:127.0.0.1']", &[("@peer: 127.0.0.1", true)]);
    check("sourceRange: ['::/0']", &[("@peer: 127.0.0.1", false), ("@peer: ::1", true)]);
    check("sourceRange: [0.0.0.0/0]", &[("@peer: ::1", false), ("@peer: 255.255.255.255", true)]);
    check(
        "sourceRange: [10.0.0.0/8, 10.1.0.0/16, 9.0.0.0/8, 10.255.255.255, 12.0.0.0/31]",
        &[
            ("@peer: 8.255.255.255", false),
            ("@peer: 9.0.0.0", true),
            ("@peer: 10.200.0.1", true),
            ("@peer: 10.255.255.255", true),
            ("@peer: 11.0.0.0", false),
            ("@peer: 12.0.0.1", true),
            ("@peer: 12.0.0.2", false),
        ],
    );
}

#[test]
fn depth_counts_from_the_right() {
    check(
        "sourceRange: [10.0.0.1], ipStrategy: {depth: 2}",
        &[
            ("X-Forwarded-For: 10.0.0.2,10.0.0.1,x", true),
            ("X-Forwarded-For: 10.0.0.1, x", true),
            ("X-Forwarded-For:  10.0.0.1 ,x", true),
            ("X-Forwarded-For: 10.0.0.1,", true),
            ("X-Forwarded-For: 10.0.0.1:80,x", true),
            ("X-Forwarded-For: ::ffff:10.0.0.1,x", true),
            ("X-Forwarded-For: a | X-Forwarded-For: 10.0.0.1 | X-Forwarded-For: b", true),
            ("X-Forwarded-For: [10.0.0.1],x", false),
            ("X-Forwarded-For: 10.0.0.1", false),
            ("X-Forwarded-For: ", false),
            ("X-Forwarded-For: x,10.0.0.1", false),
            ("X-None: 1", false),
        ],
    );
    check("sourceRange: [127.0.0.1], ipStrategy: {depth: -1}", &[("X-Forwarded-For: 1.1.1.1", true)]);
    check(
        "sourceRange: [10.0.0.1], ipStrategy: {depth: 1, excludedIPs: [10.0.0.1]}",
        &[("X-Forwarded-For: 10.0.0.1", true)],
    );
}

#[test]
fn excluded_addresses_are_passed_over() {
    check(
        "sourceRange: [10.0.0.1], ipStrategy: {excludedIPs: [10.0.0.2, 192.168.0.0/16]}",
        &[
            ("X-Forwarded-For: 10.0.0.1,10.0.0.2,192.168.1.1", true),
            ("X-Forwarded-For: 10.0.0.1,,", true),
            ("X-Forwarded-For: 10.0.0.1,::ffff:10.0.0.2", true),
            ("X-Forwarded-For: 10.0.0.3, 10.0.0.2", false),
            ("X-Forwarded-For: 10.0.0.1, 10.0.0.2:90", false),
            ("X-Forwarded-For: 10.0.0.1,garbage,10.0.0.2", false),
            ("X-Forwarded-For: 10.0.0.2", false),
            ("X-None: 1", false),
        ],
    );
}

#[test]
fn ipv6_subnets() {
    check(
        "sourceRange: ['2001:db8::'], ipStrategy: {depth: 1, ipv6Subnet: 64}",
        &[
            ("X-Forwarded-For: 2001:db8::1234", true),
            ("X-Forwarded-For: [2001:db8::5]:80", true),
            ("X-Forwarded-For: 2001:db8::5%eth0", true),
            ("X-Forwarded-For: 2001:db8:0:1::1", false),
            ("X-Forwarded-For: [2001:db8::5]", false),
            ("X-Forwarded-For: 10.0.0.1", false),
        ],
    );
    check("sourceRange: ['2001:db8::'], ipStrategy: {ipv6Subnet: 64}", &[("@peer: 2001:db8::9", true)]);
    check(
        "sourceRange: ['::1'], ipStrategy: {ipv6Subnet: 128}",
        &[("@peer: ::1", true), ("@peer: ::2", false)],
    );
    // Excluded addresses know no subnets.
    check(
        "sourceRange: ['2001:db8::'], ipStrategy: {excludedIPs: [1.1.1.1], ipv6Subnet: 64}",
        &[("X-Forwarded-For: 2001:db8::1234", false)],
    );
}

#[test]
fn reject_status() {
    for (options, expected) in [
        ("", "403 | \"Forbidden\""),
        (", rejectStatusCode: 0", "403 | \"Forbidden\""),
        (", rejectStatusCode: 404", "404 | \"Not Found\""),
        (", rejectStatusCode: 413", "413 | \"Request Entity Too Large\""),
        (", rejectStatusCode: 418", "418 | \"I'm a teapot\""),
        (", rejectStatusCode: 511", "511 | \"Network Authentication Required\""),
    ] {
        assert_eq!(
            sent(&format!("ipAllowList: {{sourceRange: [1.1.1.1]{options}}}"), "GET /"),
            expected,
            "{options}"
        );
    }
}

#[test]
fn bad_options() {
    check_problems(&[
        ("ipAllowList: {sourceRange: []}", "sourceRange is empty"),
        ("ipAllowList: {rejectStatusCode: 404}", "sourceRange is empty"),
        (
            "ipAllowList: {sourceRange: [1.1.1.1, foo]}",
            "cannot parse CIDRs [\"1.1.1.1\", \"foo\"]: invalid CIDR address: \"foo\"",
        ),
        ("ipAllowList: {sourceRange: [1.2.3.4/99]}", "cannot parse CIDRs"),
        ("ipAllowList: {sourceRange: ['']}", "cannot parse CIDRs"),
        ("ipAllowList: {sourceRange: [127.000.0.1]}", "cannot parse CIDRs"),
        ("ipAllowList: {sourceRange: ['fe80::1%eth0']}", "cannot parse CIDRs"),
        (
            "ipAllowList: {sourceRange: ['::1'], ipStrategy: {excludedIPs: [foo]}}",
            "ipStrategy.excludedIPs: invalid CIDR",
        ),
        ("ipAllowList: {sourceRange: ['::1'], ipStrategy: {ipv6Subnet: 0}}", "invalid IPv6 subnet 0 value"),
        (
            "ipAllowList: {sourceRange: ['::1'], ipStrategy: {depth: 1, ipv6Subnet: 129}}",
            "invalid IPv6 subnet 129",
        ),
        ("ipAllowList: {sourceRange: ['::1'], ipStrategy: {ipv6Subnet: -1}}", "invalid IPv6 subnet -1"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: 99}", "invalid HTTP status code 99"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: 100}", "invalid HTTP status code 100"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: 306}", "invalid HTTP status code 306"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: 499}", "invalid HTTP status code 499"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: -1}", "invalid HTTP status code -1"),
        ("ipAllowList: {sourceRange: ['::1'], rejectStatusCode: 70000}", "invalid HTTP status code 70000"),
    ]);
}
