//! The parts alone: the decision, the merge, the mailbox, the watch that fails.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ferroway_config::dynamic::{Dynamic, decode_dynamic};
use ferroway_config::{Format, Source};

use super::super::document::Quality;
use super::super::merge::merge;
use super::super::policy::{Served, decide};
use crate::watch::{Interest, Mailbox, Report, Stamp, Watcher};

/// Quality of the worst file, what is served and whether that is complete; whether the new configuration is taken,
/// and whether what is served then says all.
#[test]
fn decisions() {
    use Quality::{Flawed, Unusable, Whole};
    for (quality, served, taken, complete) in [
        (Whole, None, true, true),
        (Whole, Some(false), true, true),
        (Whole, Some(true), true, true),
        (Flawed, None, true, false),
        (Flawed, Some(false), true, false),
        (Flawed, Some(true), false, false),
        (Unusable, None, true, false),
        (Unusable, Some(false), false, false),
        (Unusable, Some(true), false, false),
    ] {
        let old = served.map(|complete| Served { config: Arc::default(), complete });
        let found: Arc<Dynamic> = Arc::default();
        let (decided, all) = decide(old.as_ref(), &found, quality);
        let case = format!("{quality:?} {served:?}");
        assert_eq!((Arc::ptr_eq(&decided.config, &found), all), (taken, complete), "{case}");
        // What is kept stays as good as it was.
        assert_eq!(decided.complete, if taken { complete } else { served.unwrap() }, "{case}");
    }
}

fn config(file: &str, text: &str) -> Arc<Dynamic> {
    let node = Format::Yaml.load(&Source::file(file, text)).unwrap();
    Arc::new(decode_dynamic(&node).0)
}

#[test]
fn the_first_of_two_objects_counts_in_every_section() {
    const ALL: &str = "
http:
  routers: {n: {service: s}}
  services: {n: {loadBalancer: {servers: [{url: u}]}}}
  middlewares: {n: {addPrefix: {prefix: /a}}}
  serversTransports: {n: {serverName: s}}
tcp:
  routers: {n: {service: s}}
  services: {n: {loadBalancer: {servers: [{address: a}]}}}
  middlewares: {n: {inFlightConn: {amount: 1}}}
  serversTransports: {n: {dialTimeout: 1s}}
udp:
  routers: {n: {service: s}}
  services: {n: {loadBalancer: {servers: [{address: a}]}}}
tls:
  certificates: [{certFile: c, keyFile: k}]
  options: {n: {sniStrict: true}}
  stores: {n: {defaultCertificate: {certFile: c, keyFile: k}}}
";
    let first = config("a.yml", ALL);
    let (merged, problems) = merge([&first, &config("b.yml", ALL)]);
    assert_eq!(merged, first);
    let shown: Vec<String> =
        problems.iter().map(|p| format!("{} {}", p.span, p.traefik.clone().unwrap())).collect();
    let skipped = "already configured, skipping";
    let expected = [
        ("3:13", "HTTP router"),
        ("4:14", "HTTP service"),
        ("5:17", "HTTP middleware"),
        ("6:23", "HTTP servers transport"),
        ("8:13", "TCP router"),
        ("9:14", "TCP service"),
        ("10:17", "TCP middleware"),
        ("11:23", "TCP servers transport"),
        ("13:13", "UDP router"),
        ("14:14", "UDP service"),
        ("17:13", "TLS options"),
        ("18:12", "TLS store"),
    ];
    assert_eq!(shown, expected.map(|(place, what)| format!("b.yml:{place} {what} {skipped}")));
    assert!(problems[0].message.ends_with("is already defined at a.yml:3:13; this one is skipped"));
    assert!(problems.iter().all(|problem| !problem.is_error()));
}

#[test]
fn merging_adds_up() {
    let [a, b, none] = [
        config(
            "a.yml",
            "http: {routers: {a: {service: s}}}\ntls: {certificates: [{certFile: a, keyFile: k}]}",
        ),
        config(
            "b.yml",
            "http: {routers: {b: {service: s}}}\ntls: {certificates: [{certFile: b, keyFile: k}]}",
        ),
        config("none.yml", ""),
    ];
    let (merged, problems) = merge([&none, &a, &none, &b]);
    assert_eq!((merged.http.routers.len(), merged.tls.certificates.len(), problems.len()), (2, 2, 0));
    assert!(Arc::ptr_eq(&merged.http.routers["b"].value, &b.http.routers["b"].value));
    // One file alone is not copied.
    assert!(Arc::ptr_eq(&merge([&none, &a, &none]).0, &a));
    assert_eq!(*merge([&none]).0, Dynamic::default());
}

/// A name belongs to the file that has it first, whether its object is broken or not.
#[test]
fn broken_objects_keep_their_names() {
    let good = |rule: &str| format!("http: {{routers: {{r: {{rule: {rule}, service: s}}}}}}");
    let bad = "http: {routers: {r: {rulez: x}}}";
    for (texts, rule, broken_in) in [
        ([&*good("a"), bad], Some("a"), None),
        ([bad, &*good("b")], None, Some("0.yml")),
        ([bad, bad], None, Some("0.yml")),
    ] {
        let configs: Vec<_> =
            texts.iter().enumerate().map(|(at, text)| config(&format!("{at}.yml"), text)).collect();
        let merged = merge(&configs).0;
        assert_eq!(merged.http.routers.get("r").map(|router| &*router.value.rule), rule, "{texts:?}");
        let broken: Vec<&str> = merged.broken.iter().map(|object| &*object.origin.source.name).collect();
        assert_eq!(broken, broken_in.into_iter().collect::<Vec<_>>(), "{texts:?}");
    }
}

#[test]
fn the_mailbox_is_bounded() {
    let mailbox = Mailbox::default();
    for number in 0..100_000 {
        mailbox.report(Report::Changed(number.to_string().into()));
    }
    mailbox.reload();
    let mail = mailbox.take(None);
    assert!(mail.reports.len() < 10_000 && mail.reports[0] == Report::Lost && mail.reload && !mail.stop);
    // Emptied; a deadline that has passed does not wait, and a stop stays one.
    assert!(mailbox.take(Some(Instant::now())).reports.is_empty());
    mailbox.stop();
    assert!(mailbox.take(None).stop && mailbox.take(None).stop);
}

/// A watch that fails is tried again later, not at each look, and not logged each time.
#[test]
fn a_failed_watch_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, stamp) = (folder.path().join("missing"), Stamp::read(folder.path()).unwrap());
    let look = |watcher: &mut Watcher, path: &Path| {
        watcher.begin();
        watcher.watch(path, stamp);
        watcher.end(&HashMap::from([(path.to_owned(), stamp)]));
        watcher.retry_at()
    };
    let mut watcher = Watcher::new(Interest::Writes, Arc::new(Mailbox::default()));
    assert_eq!(look(&mut watcher, folder.path()), None);
    let retry = look(&mut watcher, &missing).expect("a folder that is not there was watched");
    assert!(retry > Instant::now());
    // Before its time nothing is tried, also not what would work.
    std::fs::create_dir(&missing).unwrap();
    assert_eq!(look(&mut watcher, &missing), Some(retry));
    while Instant::now() < retry {
        std::thread::park_timeout(retry - Instant::now());
    }
    assert_eq!(look(&mut watcher, &missing), None);
}
