//! Damaged documents: whatever is read, loading ends soon, never panics and names places that exist.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_config::dynamic::decode_dynamic;
use ferroway_config::static_config::{Static, validate};
use ferroway_config::{Format, IncrementalYaml, Problem, Source, decode};

/// Damaged documents for each format.
const ROUNDS: usize = 50_000;

const YAML: &[&str] = &[
    "http:
  routers:
    r: {rule: \"Host(`a`) && Path(`/b`)\", service: s, entryPoints: [web], priority: 0x10, tls: {}}
    q:
      rule: >-
        Path(`/x`)
      middlewares: [m, 'n']
  services:
    s: &s
      loadBalancer:
        servers:
          - {url: \"http://a:1\", weight: 1.5}
        healthCheck: {interval: 10s}
    t: {<<: *s}
  middlewares:
    m: {headers: {customRequestHeaders: {X-A: 1e3}}}
",
    "entryPoints:
  web: {address: ':80', transport: {respondingTimeouts: {readTimeout: 1m}}}
log: {level: DEBUG}
accessLog: {}
providers:
  file: {filename: /x, watch: false}
",
    "{\"http\": {\"routers\": {\"r\": {\"rule\": \"a\\u00e9\\n\", \"priority\": -5}}, \"services\": null}}",
    "a: |+2\n    x\n\n--- !t # c\n? [b, {c: d}]\n: !!str 'e''f'\n- g\n...\n",
];

const TOML: &[&str] = &[
    "[http.routers.r]\nrule = 'Path(`/a`)'\nservice = \"s\"\npriority = 0x10\n[http.routers.r.tls]\n[[tls.certificates]]\ncertFile = \"\"\"\na\"\"\"\n",
    "[entryPoints]\nweb.address = \":80\"\na = [1, 2.5e3, true, 1979-05-27T07:32:00Z]\nb = { c = { d = inf } }\n",
];

/// xorshift: the same documents in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).expect("below a usize")
    }
}

fn damage(text: &str, others: &[&str], random: &mut Random) -> String {
    const PARTS: &[&str] = &[
        ":",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "\n",
        " ",
        "  ",
        "\t",
        "#",
        "&a ",
        "*a",
        "!!int ",
        "|",
        ">",
        "?",
        "%",
        "---\n",
        "<<: ",
        "\\",
        "`",
        "=",
        ".",
        "\r",
        "\u{85}",
        "\u{feff}",
        "\0",
        "é",
        "𝄞",
        "99999999999999999999",
        "-",
        "[[",
        "]]",
        "~",
        "null",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len() + 1);
        let to = (at + random.below(12)).min(chars.len());
        let part: Vec<char> = match random.below(6) {
            0 => Vec::new(),
            1 => chars[at..to].iter().chain(&chars[at..to]).copied().collect(),
            2 => {
                let other: Vec<char> = others[random.below(others.len())].chars().collect();
                let from = random.below(other.len());
                other[from..(from + random.below(40)).min(other.len())].to_vec()
            }
            _ => PARTS[random.below(PARTS.len())].chars().collect(),
        };
        let end = if random.below(2) == 0 { at } else { to };
        chars.splice(at..end, part);
    }
    chars.into_iter().collect()
}

fn places_exist(problems: &[Problem], text: &str) {
    let lines = text.split('\n').count();
    for problem in problems {
        let line = usize::try_from(problem.span.line).expect("a usize");
        assert!(line <= lines + text.matches(['\r', '\u{85}']).count() + 1, "{problem}\n{text:?}");
        assert!(problem.render().starts_with(&problem.to_string()));
    }
}

fn load(format: Format, source: &Arc<Source>) {
    let node = match format.load(source) {
        Ok(node) => node,
        Err(problems) => {
            assert!(!problems.is_empty());
            return places_exist(&problems, &source.text);
        }
    };
    let (dynamic, problems) = decode_dynamic(&node);
    places_exist(&problems, &source.text);
    let errors = problems.iter().any(Problem::is_error);
    assert!(dynamic.broken.is_empty() || errors, "{:?}", source.text);
    let mut config = Static::default();
    let mut cx = decode::Context::new();
    config.decode_parts(&node, &mut cx);
    places_exist(&cx.finish().0, &source.text);
    drop(validate(&config));
}

fn run(format: Format, seeds: &[&str]) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut incremental = IncrementalYaml::new();
    let start = Instant::now();
    for round in 0..ROUNDS {
        let text = damage(seeds[round % seeds.len()], seeds, &mut random);
        let source = Source::file("f", text);
        load(format, &source);
        if format == Format::Yaml && round % 4 == 0 {
            let full = Format::Yaml.load(&source).map(|node| decode_dynamic(&node));
            assert_eq!(incremental.load(&source), full, "{:?}", source.text);
        }
    }
    // Most rounds take some ten microseconds; this is for a document that takes for ever.
    assert!(start.elapsed() < Duration::from_secs(300), "{:?}", start.elapsed());
}

#[test]
fn damaged_yaml() {
    run(Format::Yaml, YAML);
}

#[test]
fn damaged_toml() {
    run(Format::Toml, TOML);
}
