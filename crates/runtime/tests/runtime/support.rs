//! Configurations, built one after the other.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use ferroway_config::dynamic::Dynamic;
use ferroway_config::{IncrementalYaml, Problem, Source};
use ferroway_control::{Context, EntryPointContext, Plan, Planner, Providers};
use ferroway_router::Syntax;
use ferroway_runtime::{BuildOptions, Builder, InternalServices, Outcome, Route, Snapshot, TcpRoute};

/// Everything from the text of a file to what runs, for the entry points `web` (0) and `admin` (1).
pub(crate) struct Control {
    file: IncrementalYaml,
    last: Dynamic,
    planner: Planner,
    builder: Builder,
    plan: Arc<Plan>,
}

/// What a version of the configuration became.
pub(crate) struct Version {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) problems: Vec<String>,
}

impl Control {
    pub(crate) fn new() -> Self {
        let entry_point = |name: &str| EntryPointContext {
            name: name.into(),
            is_default: name == "web",
            middlewares: Vec::new(),
            tls: None,
        };
        let context = Context {
            entry_points: vec![entry_point("web"), entry_point("admin")],
            udp_entry_points: vec!["dns".into()],
            precedence: vec!["file".to_owned()],
            certificate_resolvers: BTreeSet::new(),
            strict_tls_options: false,
            default_syntax: Syntax::V3,
            internal_services: vec!["noop"],
        };
        let options = BuildOptions {
            entry_points: 2,
            udp_entry_points: 1,
            default_transport: Arc::default(),
            default_tcp_transport: Arc::default(),
            ocsp: None,
            internal: InternalServices::new(),
        };
        Self {
            file: IncrementalYaml::new(),
            last: Dynamic::default(),
            planner: Planner::new(context),
            builder: Builder::new(options),
            plan: Arc::default(),
        }
    }

    /// Takes over a version.
    pub(crate) fn load(&mut self, yaml: &str) -> Version {
        let source = Source::file("file.yml", yaml);
        let (mut dynamic, problems) = self.file.load(&source).expect("valid YAML");
        assert!(problems.is_empty(), "{problems:?}");
        // As the file provider does.
        dynamic.reuse(&self.last);
        self.last = dynamic.clone();
        self.plan = self.planner.plan(Providers([("file".into(), Arc::new(dynamic))].into()));
        self.build()
    }

    fn build(&mut self) -> Version {
        let Outcome { snapshot, problems, .. } = self.builder.build(&self.plan);
        let all: Vec<Problem> = self.plan.problems().into_iter().chain(problems).collect();
        Version { snapshot, problems: all.iter().map(ToString::to_string).collect() }
    }

    /// Looks at all files with certificates; a new version if one says something else.
    pub(crate) fn look_again(&mut self) -> Option<Version> {
        let files: Vec<_> = self.builder.certificate_files().into_iter().collect();
        self.look_again_at(&files)
    }

    /// The same for some of them.
    pub(crate) fn look_again_at(&mut self, files: &[PathBuf]) -> Option<Version> {
        self.builder.look_again(files).then(|| self.build())
    }
}

impl Version {
    /// The routes of an entry point in matching order, those without TLS first.
    pub(crate) fn routes(&self, entry_point: usize) -> Vec<Arc<Route>> {
        let table = &self.snapshot.entry_points[entry_point];
        table.plain.routes().iter().chain(table.tls.routes()).map(|route| route.value.clone()).collect()
    }

    /// The TCP routes of an entry point.
    pub(crate) fn tcp_routes(&self, entry_point: usize) -> Vec<Arc<TcpRoute>> {
        let tables = self.snapshot.entry_points[entry_point].tcp.as_ref();
        tables.into_iter().flat_map(|tables| tables.routes()).cloned().collect()
    }

    /// Their names, sorted.
    pub(crate) fn names(&self, entry_point: usize) -> String {
        let routes = self.routes(entry_point);
        let mut names: Vec<&str> = routes.iter().map(|route| route.name.trim_end_matches("@file")).collect();
        names.sort_unstable();
        names.join(" ")
    }

    /// The names of the routes on `web` that are the same objects in both, sorted.
    pub(crate) fn kept(&self, before: &Self) -> String {
        let before: HashSet<_> = before.routes(0).iter().map(Arc::as_ptr).collect();
        let routes = self.routes(0);
        let same = routes.iter().filter(|route| before.contains(&Arc::as_ptr(route)));
        let mut names: Vec<&str> = same.map(|route| route.name.trim_end_matches("@file")).collect();
        names.sort_unstable();
        names.join(" ")
    }
}
