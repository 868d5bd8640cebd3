//! What TCP rules accept and match, and that the index finds what trying all routes finds.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ferroway_rules::Syntax;

use super::*;
use crate::Tie;

/// A connection as tests write it: `name 10.0.0.1 h2,mqtt`, with `-` for nothing.
fn with_view<R>(text: &str, look: impl FnOnce(&TcpView<'_>) -> R) -> R {
    let mut words = text.split(' ').map(|word| Some(word).filter(|word| *word != "-"));
    let name = words.next().flatten();
    let peer = words.next().flatten().unwrap_or("127.0.0.1").parse().expect("an address");
    let alpn: Vec<&[u8]> = words.next().flatten().unwrap_or_default().split(',').map(str::as_bytes).collect();
    look(&TcpView::new(name, peer, &alpn))
}

#[test]
fn rules_match() {
    use Syntax::{V2, V3};
    for (syntax, rule, matched, refused) in [
        (
            V3,
            "HostSNI(`a.com`)",
            &["a.com", "A.com", "a.com."][..],
            &["-", "b.com", "x.a.com", "a.com.."][..],
        ),
        (V3, "HostSNI(`A.com.`)", &["a.com"], &["-", "."]),
        (V3, "HostSNI(`*`)", &["-", "a.com"], &[]),
        (V3, "HostSNI(`*.a.com`)", &["x.a.com", "X.A.COM"], &["-", "a.com", "y.x.a.com", ".a.com"]),
        (V3, "HostSNI(`*.a.com.`)", &["x.a.com"], &["a.com"]),
        (V3, "HostSNIRegexp(`^.*$`)", &["-", "a.com"], &[]),
        (V3, "HostSNIRegexp(`^.+$`)", &["a.com"], &["-"]),
        (V3, r"HostSNIRegexp(`^(a|b)\.com$`)", &["a.com", "B.com"], &["-", "c.com", "aa.com"]),
        (V3, "HostSNIRegexp(`A`)", &[], &["a"]),
        (V3, "ClientIP(`127.0.1.20/24`)", &["- 127.0.1.99", "- ::ffff:127.0.1.1"], &["- 127.0.2.1", "- ::1"]),
        (V3, "ALPN(`mqtt`)", &["a - mqtt", "- - foo,mqtt"], &["a - foo", "a", "a - MQTT"]),
        (
            V3,
            "ALPN(`mqtt`) && (!ALPN(`h2`) || HostSNI(`a.eu`))",
            &["a - mqtt", "a.eu - mqtt,h2"],
            &["a - mqtt,h2", "a.eu - h2"],
        ),
        (V3, "!HostSNI(`a`)", &["-", "b"], &["a"]),
        (V3, "hostsni(`a`)", &["a"], &["b"]),
        (V2, "HostSNI(`a`, `B`)", &["a", "b"], &["-", "c"]),
        (V2, "HostSNI(`*`, `b`)", &["-", "c"], &[]),
        (
            V2,
            "HostSNIRegexp(`{x:[a-z]+}.com`, `b.{y}`)",
            &["a.com", "b.org", "B.com"],
            &["-", "1.com", "a.b.com"],
        ),
        (V2, "ClientIP(`10.0.0.1`, `::1`)", &["- ::1"], &["- 10.0.0.2"]),
        (V2, "ALPN(`a`, `b`)", &["- - b"], &["- - c"]),
    ] {
        let compiled = TcpRule::compile(rule, syntax).expect(rule);
        for (connections, expected) in [(matched, true), (refused, false)] {
            for connection in connections {
                let matches = with_view(connection, |view| compiled.matches(view));
                assert_eq!(matches, expected, "{rule} on {connection}");
            }
        }
    }
}

#[test]
fn rules_are_refused() {
    const HELP: &str = "; write `example.com`, `*.example.com` or `*`";
    let host = |at: u8, name: &str| {
        format!("1:{at}: invalid value for HostSNI matcher, {name:?} is not a valid hostname{HELP}")
    };
    for (rule, syntax, expected) in [
        ("HostSNI(`a b.com`)", Syntax::V3, host(9, "a b.com")),
        ("HostSNI(`*a.com`)", Syntax::V3, host(9, "*a.com")),
        ("HostSNI(`a.*.com`)", Syntax::V3, host(9, "a.*.com")),
        ("HostSNI(`é.com`)", Syntax::V3, host(9, "é.com")),
        ("HostSNI(`*.`)", Syntax::V3, host(9, "*.")),
        ("HostSNI(`*.a.com`)", Syntax::V2, host(9, "*.a.com")),
        ("HostSNI(`a`, `a/b`)", Syntax::V2, host(14, "a/b")),
        (
            "ALPN(`acme-tls/1`)",
            Syntax::V3,
            "1:6: invalid protocol value for ALPN matcher, \"acme-tls/1\" is not allowed; \
             ACME challenges are not routed"
                .to_owned(),
        ),
        (
            "ClientIP(`10.0.0.0/33`)",
            Syntax::V3,
            "1:10: \"10.0.0.0/33\" is neither an IP address nor a range of them; \
             write `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`"
                .to_owned(),
        ),
        ("HostSNIRegexp(`(`)", Syntax::V3, "1:15: error parsing regexp: missing closing ): `(`".to_owned()),
        ("HostSNIRegexp(`{x`)", Syntax::V2, "1:15: unbalanced braces in \"{x\"".to_owned()),
        (
            "HostSNI(`a`, `b`)",
            Syntax::V3,
            "1:1: HostSNI takes 1 argument, not 2; HostSNI(`a`) || HostSNI(`b`)".to_owned(),
        ),
        (
            "Host(`a`)",
            Syntax::V3,
            "1:1: unknown matcher Host; did you mean HostSNI(`example.com`)?".to_owned(),
        ),
    ] {
        let error = TcpRule::compile(rule, syntax).map(|_| ()).expect_err(rule);
        assert_eq!(error.to_string(), expected, "{rule}");
    }
}

#[test]
fn priorities_and_tls() {
    for (rule, priority, fits_without_tls, names) in [
        ("HostSNI(`*`)", -1, true, &["*"][..]),
        ("(HostSNI(`*`)) ", -1, true, &["*"]),
        ("HostSNI(`A.com`)", 16, false, &["a.com"]),
        ("HostSNI(`*.a.com`)", 18, false, &["*.a.com"]),
        ("HostSNI(`*`) || HostSNI(`a.com`)", 32, true, &["*", "a.com"]),
        ("HostSNI(`a.com`) || !HostSNI(`*`)", 33, false, &["a.com", "*"]),
        ("HostSNIRegexp(`.*`)", 19, true, &[]),
        ("ALPN(`h2`)", 10, true, &[]),
    ] {
        let compiled = TcpRule::compile(rule, Syntax::V3).expect(rule);
        assert_eq!(compiled.default_priority(), priority, "{rule}");
        let expected = format!("invalid rule: {rule:?} , has HostSNI matcher, but no TLS on router");
        assert_eq!(compiled.check_tls(false).err(), (!fits_without_tls).then_some(expected), "{rule}");
        assert_eq!(compiled.check_tls(true), Ok(()), "{rule}");
        assert_eq!(compiled.host_sni_names().iter().map(|name| &**name).collect::<Vec<_>>(), names, "{rule}");
        assert_eq!(host_sni_names(rule, Syntax::V3).expect(rule), compiled.host_sni_names(), "{rule}");
    }
}

/// SplitMix64: deterministic, and good enough to choose test cases.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).expect("31 bits") % bound
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn rule(&mut self, depth: usize) -> String {
        const LEAVES: &[&str] = &[
            "HostSNI(`a.com`)",
            "HostSNI(`b.com.`)",
            "HostSNI(`x.a.com`)",
            "HostSNI(`*`)",
            "HostSNI(`*.a.com`)",
            "HostSNI(`*.com`)",
            r"HostSNIRegexp(`^(a|b)\.com$`)",
            r"HostSNIRegexp(`^a\.com\.$`)",
            r"HostSNIRegexp(`\.com$`)",
            "HostSNIRegexp(`^$`)",
            "ClientIP(`10.0.1.0/24`)",
            "ALPN(`h2`)",
        ];
        match self.below(if depth == 0 { 1 } else { 5 }) {
            0 | 1 => self.pick(LEAVES).to_owned(),
            2 => format!("!({})", self.rule(depth - 1)),
            3 => format!("({}) && ({})", self.rule(depth - 1), self.rule(depth - 1)),
            _ => format!("({}) || ({})", self.rule(depth - 1), self.rule(depth - 1)),
        }
    }

    fn table(&mut self) -> TcpTable<usize> {
        let (size, depth) = (1 + self.below(15), self.below(4));
        let route = |number| {
            let rule = TcpRule::compile(&self.rule(depth), Syntax::V3).expect("a rule");
            let priority = if self.below(2) == 0 { rule.default_priority() } else { 20 };
            TcpRoute { rule, priority, tie: tie(number), value: number }
        };
        TcpTable::new((0..size).map(route).collect())
    }
}

fn tie(number: usize) -> Tie {
    Tie { provider: 0, name: number.to_string().into() }
}

#[test]
fn the_index_finds_what_trying_all_finds() {
    const NAMES: &[&str] =
        &["-", "a.com", "b.com", "x.a.com", "y.x.a.com", "a.com.", "A.COM", "com", ".com", "c.com", "."];
    let mut random = Random(7);
    let mut found = 0;
    for _ in 0..400 {
        let table = random.table();
        for _ in 0..100 {
            let (name, address) =
                (random.pick(NAMES), Ipv4Addr::new(10, 0, u8::from(random.below(2) == 0), 1));
            let text = format!("{name} {address} {}", random.pick(&["h2", "http/1.1,h2", "-"]));
            let (fast, slow) = with_view(&text, |view| {
                let value = |route: Option<&TcpRoute<usize>>| route.map(|route| route.value);
                (value(table.lookup(view)), value(table.lookup_naive(view)))
            });
            assert_eq!(fast, slow, "{text} in {:?}", table.routes().iter().map(|route| route.rule.text()));
            found += usize::from(fast.is_some());
        }
    }
    assert!((4_000..39_500).contains(&found), "the cases are one-sided: {found}");
}

#[test]
fn a_name_is_found_among_ten_thousand_without_trying_them() {
    let routes = |number: usize| {
        let rule = [format!("HostSNI(`h{number}.com`)"), format!("HostSNI(`*.w{number}.com`)")];
        rule.map(|rule| {
            let rule: Arc<TcpRule> = TcpRule::compile(&rule, Syntax::V3).expect("a rule");
            TcpRoute { priority: 0, rule, tie: tie(number), value: number }
        })
    };
    let table = TcpTable::new((0..5_000).flat_map(routes).collect());
    assert_eq!(table.most_tried(), 1, "no name leads to more than its own route");
    for (name, expected) in [("h77.com", Some(77)), ("x.w4999.com", Some(4999)), ("h77.org", None)] {
        assert_eq!(with_view(name, |view| table.lookup(view).map(|route| route.value)), expected, "{name}");
    }
}
