//! Plans as text.

use std::fmt::Write as _;
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, decode_dynamic};
use ferroway_config::{Format, IncrementalYaml, Severity, Source};
use ferroway_control::{Context, EntryPointContext, Plan, Planner, Providers};
use ferroway_router::Syntax;

/// The entry points `admin` and `web`, which are defaults, and `traefik`, which is none.
pub(crate) fn context() -> Context {
    let entry_point = |name: &str, is_default| EntryPointContext {
        name: name.into(),
        is_default,
        middlewares: Vec::new(),
        tls: None,
    };
    Context {
        entry_points: vec![
            entry_point("admin", true),
            entry_point("traefik", false),
            entry_point("web", true),
        ],
        udp_entry_points: vec!["dns".into(), "syslog".into()],
        precedence: vec!["docker".to_owned(), "file".to_owned()],
        certificate_resolvers: ["known".to_owned()].into(),
        strict_tls_options: false,
        default_syntax: Syntax::V3,
        internal_services: vec!["noop", "ping"],
    }
}

/// A document of a provider's.
pub(crate) fn decode(provider: &str, yaml: &str) -> Arc<Dynamic> {
    let source = Source::file(format!("{provider}.yml"), undented(yaml));
    let node = Format::Yaml.load(&source).expect("valid YAML");
    let (dynamic, problems) = decode_dynamic(&node);
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    Arc::new(dynamic)
}

/// What providers say.
pub(crate) fn providers<const N: usize>(documents: [(&str, &str); N]) -> Providers {
    let named = |(provider, yaml): (&str, &str)| (provider.into(), decode(provider, yaml));
    Providers(documents.into_iter().map(named).collect())
}

/// One version after another of a document of the provider `file`.
#[derive(Default)]
pub(crate) struct File(IncrementalYaml);

impl File {
    pub(crate) fn load(&mut self, yaml: &str) -> Providers {
        let source = Source::file("file.yml", undented(yaml));
        let (dynamic, problems) = self.0.load(&source).expect("valid YAML");
        assert!(problems.is_empty(), "{problems:?}");
        Providers([("file".into(), Arc::new(dynamic))].into())
    }
}

/// A text of a table without the indentation of its first line.
pub(crate) fn undented(text: &str) -> String {
    let text = text.trim_start_matches('\n');
    let indent = text.len() - text.trim_start_matches(' ').len();
    let line = |line: &str| line.get(indent..).unwrap_or_default().to_owned() + "\n";
    text.trim_end().lines().map(line).collect()
}

/// The plan as text: for each router its name, priority and where it leads, a line for each mount, and what was
/// found, with its place.
pub(crate) fn render(context: &Context, plan: &Plan) -> String {
    let mut out = String::new();
    for entry in plan.routers() {
        let planned = &entry.planned;
        let target = planned.service.as_deref().unwrap_or("-");
        writeln!(out, "{} {} -> {target}", planned.name, planned.priority).expect("a string");
        for mount in &planned.mounts {
            let names = mount.entry_points.iter().map(|number| &*context.entry_points[*number].name);
            let names = names.collect::<Vec<_>>().join(",");
            let alias =
                if mount.name == planned.name { String::new() } else { format!(" as {}", mount.name) };
            let chain: String = mount.middlewares.iter().map(|name| format!(" {name}")).collect();
            writeln!(out, "  {names}{alias}:{chain}").expect("a string");
        }
        for child in plan.children.get(&planned.name).into_iter().flatten() {
            writeln!(out, "  child {}", child.name).expect("a string");
        }
    }
    for entry in plan.tcp_routers.iter().flat_map(|provider| &provider.routers) {
        let planned = &entry.planned;
        writeln!(out, "tcp {} {} -> {}", planned.name, planned.priority, planned.service).expect("a string");
        let names = planned.entry_points.iter().map(|number| &*context.entry_points[*number].name);
        let names = names.collect::<Vec<_>>().join(",");
        let chain: String = planned.middlewares.iter().map(|name| format!(" {name}")).collect();
        writeln!(out, "  {names}:{chain} {:?}", planned.tls).expect("a string");
    }
    for entry in plan.udp_routers.iter().flat_map(|provider| &provider.routers) {
        let planned = &entry.planned;
        let names = planned.entry_points.iter().map(|number| &*context.udp_entry_points[*number]);
        let names = names.collect::<Vec<_>>().join(",");
        writeln!(out, "udp {} {names} -> {}", planned.name, planned.service).expect("a string");
    }
    for problem in plan.problems() {
        let kind = if problem.severity == Severity::Error { "error" } else { "warning" };
        writeln!(out, "{kind} {problem}").expect("a string");
    }
    out
}

/// Plans documents and compares with the plan as text.
#[track_caller]
pub(crate) fn check<const N: usize>(context: &Context, documents: [(&str, &str); N], expected: &str) {
    let plan = Planner::new(context.clone()).plan(providers(documents));
    let (got, expected) = (render(context, &plan), undented(expected));
    assert!(got == expected, "got\n{got}\nexpected\n{expected}");
}
