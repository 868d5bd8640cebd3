//! How long loading takes: `cargo run --release -p ferroway-config --example load_speed [routers]`.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a measuring tool")]

use std::time::{Duration, Instant};

use ferroway_config::dynamic::decode_dynamic;
use ferroway_config::{Format, IncrementalYaml, Source};

fn main() {
    let routers: usize = std::env::args().nth(1).map_or(10_000, |n| n.parse().unwrap());
    let text = document(routers, None);
    println!("{routers} routers, {} bytes", text.len());

    let source = Source::file("dyn.yml", text.as_str());
    let node = Format::Yaml.load(&source).unwrap();
    println!("parse            {:?}", best(|| drop(Format::Yaml.load(&source).unwrap())));
    println!("decode           {:?}", best(|| drop(decode_dynamic(&node))));

    let mut incremental = IncrementalYaml::new();
    let (mut last, _) = incremental.load(&source).unwrap();
    let versions = [Some(routers / 2), None].map(|n| Source::file("dyn.yml", document(routers, n)));
    let mut turn = versions.iter().cycle();
    let changed = best(|| last = incremental.load(turn.next().unwrap()).unwrap().0);
    println!("one changed      {changed:?} ({} of {} taken over)", incremental.reused(), routers + 100);
    println!("{} routers in the end", last.http.routers.len());
}

fn document(routers: usize, changed: Option<usize>) -> String {
    let mut text = String::from("http:\n  routers:\n");
    for i in 0..routers {
        let port = if changed == Some(i) { 1 } else { 0 };
        text.push_str(&format!(
            "    r{i}: {{rule: \"Host(`h{i}.example.com`) && PathPrefix(`/p{port}`)\", service: s{}, entryPoints: [web]}}\n",
            i % 100
        ));
    }
    text.push_str("  services:\n");
    for i in 0..100 {
        text.push_str(&format!(
            "    s{i}: {{loadBalancer: {{servers: [{{url: \"http://127.0.0.1:9000\"}}]}}}}\n"
        ));
    }
    text
}

fn best(mut work: impl FnMut()) -> Duration {
    let time = |()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    std::iter::repeat_n((), 15).map(time).min().unwrap()
}
