//! Which TLS options are for whom (specification sections 5.2, 5.4 and 5.6).

use std::fmt::Write as _;

use ferroway_config::dynamic::RouterTls;
use ferroway_control::{Context, Planner};

use crate::support::{context, providers};

/// For each entry point with TLS the hosts with other options than the default ones, and what was found.
fn planned<const N: usize>(context: &Context, documents: [(&str, &str); N]) -> String {
    let plan = Planner::new(context.clone()).plan(providers(documents));
    let mut text = String::new();
    for (entry_point, tls) in context.entry_points.iter().zip(&plan.tls.entry_points) {
        let Some(tls) = tls else { continue };
        let mut hosts: Vec<String> =
            tls.by_host.iter().map(|(host, options)| format!(" {host}={options}")).collect();
        hosts.sort();
        let _ = writeln!(text, "{}:{}", entry_point.name, hosts.concat());
    }
    for problem in &plan.tls.problems {
        let _ = writeln!(text, "{}", problem.message);
    }
    text
}

const OPTIONS: &str = "tls: {options: {a: {minVersion: VersionTLS13}, b: {sniStrict: true}}}";

fn routers(lines: &str) -> String {
    format!("{OPTIONS}\nhttp:\n  services: {{s: {{loadBalancer: {{servers: []}}}}}}\n  routers:\n{lines}")
}

#[test]
fn options_belong_to_the_hosts_of_rules() {
    for (lines, expected) in [
        ("    r: {rule: Host(`h`), service: s}", ""),
        ("    r: {rule: Host(`h`), service: s, tls: {}}", "admin:\nweb:\n"),
        ("    r: {rule: Host(`h`), service: s, entryPoints: [web], tls: {options: a}}", "web: h=a@file\n"),
        (
            "    r: {rule: Host(`H`) || Host(`*.i`) && !Host(`j`), service: s, entryPoints: [web], tls: {options: a@file}}",
            "web: *.i=a@file h=a@file\n",
        ),
        (
            "    r: {rule: Path(`/`), service: s, entryPoints: [web], tls: {options: a}}",
            "web:\nrouter r@file: no domain found in rule Path(`/`), the TLS options a@file cannot be applied\n",
        ),
        (
            "    q: {rule: Host(`h`), service: s, entryPoints: [web], tls: {options: a}}\n    \
             r: {rule: Host(`h`) && Path(`/`), service: s, entryPoints: [web], tls: {options: b}}",
            "web:\n\
             router q@file: other routers of the entry point web want other TLS options for h, so all of them get the default ones\n\
             router r@file: other routers of the entry point web want other TLS options for h, so all of them get the default ones\n",
        ),
    ] {
        assert_eq!(planned(&context(), [("file", &routers(lines))]), expected, "{lines}");
    }
}

#[test]
fn an_entry_point_has_tls_for_those_without() {
    let mut context = context();
    context.entry_points[2].tls = Some(RouterTls { options: "a@file".to_owned(), ..RouterTls::default() });
    let lines =
        "    q: {rule: Host(`h`), service: s}\n    r: {rule: Host(`i`), service: s, tls: {options: b}}";
    assert_eq!(planned(&context, [("file", &routers(lines))]), "admin: i=b@file\nweb: h=a@file i=b@file\n");
}

#[test]
fn default_options_of_two_providers_are_none() {
    let options = "tls: {options: {default: {sniStrict: true}}}";
    let expected = "tls.options.default is defined by several providers, so none of them counts\n";
    assert_eq!(planned(&context(), [("a", options), ("b", options)]), expected);
    let plan = |documents: &[(&str, &str)]| {
        let one = providers([documents[0]]);
        let mut all = one;
        for document in &documents[1..] {
            all.0.extend(providers([*document]).0);
        }
        Planner::new(context()).plan(all).tls.options.contains_key("default")
    };
    assert!(plan(&[("a", options)]));
    assert!(!plan(&[("a", options), ("b", options)]));
}

#[test]
fn a_strict_context_refuses_contradictions() {
    let context = Context { strict_tls_options: true, ..context() };
    let lines = "    q: {rule: Host(`h`), service: s, entryPoints: [web], tls: {options: a}}\n    \
                 r: {rule: Host(`h`) && Path(`/`), service: s, entryPoints: [web], tls: {}}\n    \
                 t: {rule: Host(`t`), service: s, entryPoints: [web], tls: {options: b}}";
    let plan = Planner::new(context).plan(providers([("file", &routers(lines))]));
    let refused: Vec<&str> = plan
        .routers()
        .filter(|entry| entry.planned.mounts.iter().any(|mount| plan.tls.is_refused(mount)))
        .map(|entry| &*entry.planned.name)
        .collect();
    assert_eq!(refused, ["q@file", "r@file"]);
}

#[test]
fn routers_of_unknown_resolvers_are_told_of() {
    let mut context = context();
    context.entry_points[2].tls = Some(RouterTls { cert_resolver: "ep".to_owned(), ..RouterTls::default() });
    let told = |name: &str, resolver: &str| {
        format!(
            "router {name}@file uses a nonexistent certificate resolver: {resolver}; it has the certificates that \
             there are"
        )
    };
    for (router, expected) in [
        ("{rule: Path(`/`), service: s, entryPoints: [admin], tls: {certResolver: le}}", told("r", "le")),
        ("{rule: Path(`/`), service: s, tls: {certResolver: le}}", told("r", "le")),
        ("{rule: Path(`/`), service: s, tls: {certResolver: known}}", String::new()),
        (
            "{rule: Path(`/`), service: s, entryPoints: [admin, web]}",
            told("r", "ep (of the entry point web)"),
        ),
        ("{rule: Path(`/`), service: s, entryPoints: [web], tls: {}}", String::new()),
        ("{rule: Path(`/`), service: s, entryPoints: [admin]}", String::new()),
    ] {
        let document = routers(&format!("    r: {router}"));
        let plan = Planner::new(context.clone()).plan(providers([("file", &document)]));
        let problems: Vec<String> = plan.problems().into_iter().map(|problem| problem.message).collect();
        assert_eq!(problems.concat(), expected, "{router}");
        // It is no reason to be disabled.
        assert!(plan.routers().all(|entry| entry.planned.is_enabled()));
    }
}
