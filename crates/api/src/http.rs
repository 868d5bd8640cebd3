//! Routers, middlewares and services of HTTP.

use ferroway_config::Span;
use ferroway_config::dynamic::{Router, RouterObservability, RouterTls};
use ferroway_config::encode::{Encode, EncodeSection, Object};
use ferroway_config::static_config::{EncodedCharacters, EntryPoint, EntryPointObservability};
use ferroway_control::{Mount, PlannedRouter, local_name, qualified};

use crate::entry::Entry;
use crate::facts::Facts;
use crate::problems::Problems;
use crate::routers::{Referred, Shown, Users, note, nothing_wrong, shown_priority, using};
use crate::services::reached;
use crate::view::Running;

pub(crate) fn entries(facts: &Facts, running: &Running<'_>, problems: &Problems<'_>) -> [Vec<Entry>; 3] {
    let (mut of_services, mut of_middlewares) = (Users::new(), Users::new());
    let mut routers = Vec::new();
    for provider in &running.plan.routers {
        for entry in &provider.routers {
            let at = Place { facts, running, problems, provider: &provider.provider, origin: &entry.origin };
            for router in at.routers(&entry.planned) {
                for middleware in &router.middlewares {
                    note(&mut of_middlewares, middleware.clone(), &router.name);
                }
                if !router.service.is_empty() {
                    let service = qualified(&router.service, &provider.provider).into_owned();
                    note(&mut of_services, service, &router.name);
                }
                routers.push(router);
            }
        }
    }
    let middlewares = middlewares(running, problems, &mut of_middlewares);
    let services = services(facts, running, problems, &mut of_services);
    [routers, middlewares, services]
}

/// Where a router stands.
struct Place<'a> {
    facts: &'a Facts,
    running: &'a Running<'a>,
    problems: &'a Problems<'a>,
    provider: &'a str,
    origin: &'a Span,
}

impl Place<'_> {
    /// What Traefik shows of a router: itself, and a copy of its own for every entry point that adds something.
    fn routers(&self, planned: &PlannedRouter) -> Vec<Entry> {
        let config = &*planned.config;
        if !config.parent_refs.is_empty() {
            return vec![self.router(planned, &planned.name, &config.entry_points, None)];
        }
        let names = if config.entry_points.is_empty() { &self.facts.defaults } else { &config.entry_points };
        let model = |name: &String| self.facts.entry_point(name).filter(|point| adds_something(point));
        let (with, without): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| model(name).is_some());
        let mut shown = Vec::with_capacity(with.len() + 1);
        let mut plain: Vec<String> = without.into_iter().cloned().collect();
        plain.retain(|name| {
            let conflicted = self.is_conflicted(planned, name, &planned.name);
            if conflicted {
                shown.push(self.conflicted(planned, name, &planned.name, None));
            }
            !conflicted
        });
        if !plain.is_empty() {
            shown.push(self.router(planned, &planned.name, &plain, None));
        }
        for name in with {
            let full =
                if names.len() > 1 { format!("{name}-{}", planned.name) } else { planned.name.to_string() };
            let point = model(name);
            shown.push(if self.is_conflicted(planned, name, &full) {
                self.conflicted(planned, name, &full, point)
            } else {
                self.router(planned, &full, std::slice::from_ref(name), point)
            });
        }
        shown
    }

    /// A router that gets the default TLS options in place of its own there, under the name that Traefik gives it.
    fn conflicted(
        &self,
        planned: &PlannedRouter,
        entry_point: &str,
        name: &str,
        model: Option<&EntryPoint>,
    ) -> Entry {
        let name = format!("{entry_point}-conflicted-{name}");
        self.router(planned, &name, std::slice::from_ref(&entry_point.to_owned()), model)
    }

    fn is_conflicted(&self, planned: &PlannedRouter, entry_point: &str, name: &str) -> bool {
        let tls = &self.running.plan.tls;
        let is_there = |mount: &&Mount| {
            *mount.name == *name
                && mount.entry_points.iter().any(|number| self.is_number(*number, entry_point))
        };
        let mount = planned.mounts.iter().find(is_there);
        mount.is_some_and(|mount| tls.options_of(&planned.hosts, mount) != mount.tls)
    }

    /// Whether an entry point that takes connections has this number.
    fn is_number(&self, number: usize, name: &str) -> bool {
        self.facts.tcp_names().nth(number).is_some_and(|own| own == name)
    }

    fn router(
        &self,
        planned: &PlannedRouter,
        name: &str,
        points: &[String],
        model: Option<&EntryPoint>,
    ) -> Entry {
        let config = &*planned.config;
        let local = local_name(&planned.name);
        let found = self.problems.about("http.routers", local, self.origin, "router", &planned.name);
        let exists = |name: &str| self.facts.tcp_names().any(|own| own == name);
        let using = using(points, exists);
        let is_built = !using.is_empty() || !config.parent_refs.is_empty();
        let priority = if is_built {
            shown_priority(planned.priority, config.priority, &config.rule, planned.rule.is_some())
        } else {
            config.priority
        };
        let own = config.middlewares.iter().map(|name| qualified(name, self.provider).into_owned());
        let first = model.into_iter().flat_map(|point| point.http.middlewares.iter().cloned());
        let shown = Shown {
            name: name.to_owned(),
            rule: &config.rule,
            service: &config.service,
            middlewares: first.chain(own).collect(),
            priority,
            entry_points: points,
            using,
            found,
            origin: self.origin,
            has_priority: true,
        };
        shown.entry(|object, shown| self.write(object, shown, config, model))
    }

    /// What is configured, with what Traefik fills in.
    fn write(&self, object: &mut Object<'_>, shown: &Shown<'_>, config: &Router, model: Option<&EntryPoint>) {
        object.texts("entryPoints", shown.entry_points);
        object.texts("middlewares", &shown.middlewares);
        object.text("service", &config.service);
        object.text("rule", &config.rule);
        let parents: Vec<_> = config.parent_refs.iter().map(|name| qualified(name, self.provider)).collect();
        object.texts("parentRefs", &parents);
        object.text("ruleSyntax", &config.rule_syntax);
        if shown.priority != 0 {
            object.number("priority", shown.priority);
        }
        if let Some(tls) = config.tls.as_ref().or_else(|| model.and_then(|point| point.http.tls.as_ref())) {
            object.with("tls", |out| with_options(tls).encode(out));
        }
        if config.parent_refs.is_empty() {
            let default = EntryPointObservability::default();
            let of_point = model.map_or(&default, |point| &point.observability);
            let observability = filled(config.observability.as_ref(), of_point);
            object.with("observability", |out| observability.encode(out));
        }
    }
}

/// Whether Traefik makes a model of an entry point, so that its routers are copies.
fn adds_something(point: &EntryPoint) -> bool {
    !point.http.middlewares.is_empty()
        || point.http.tls.is_some()
        || point.observability != EntryPointObservability::default()
        || point.http.encoded_characters != EncodedCharacters::default()
}

fn with_options(tls: &RouterTls) -> RouterTls {
    let mut tls = tls.clone();
    if tls.options.is_empty() {
        "default".clone_into(&mut tls.options);
    }
    tls
}

/// What is recorded of a router's requests: its own choice, then that of the entry point.
fn filled(own: Option<&RouterObservability>, point: &EntryPointObservability) -> RouterObservability {
    let own = own.cloned().unwrap_or_default();
    RouterObservability {
        access_logs: own.access_logs.or(Some(point.access_logs)),
        metrics: own.metrics.or(Some(point.metrics)),
        tracing: own.tracing.or(Some(point.tracing)),
        trace_verbosity: if own.trace_verbosity.is_empty() {
            point.trace_verbosity.clone()
        } else {
            own.trace_verbosity
        },
    }
}

fn middlewares(running: &Running<'_>, problems: &Problems<'_>, users: &mut Users) -> Vec<Entry> {
    let mut entries = Vec::new();
    let faults = (running.middlewares)();
    for (provider, dynamic) in &running.plan.providers.0 {
        for (local, object) in &dynamic.http.middlewares {
            let name = format!("{local}@{provider}");
            let mut found = problems.about("http.middlewares", local, &object.origin, "middleware", &name);
            if let Some(words) = faults.get(&*name) {
                found.add(ferroway_config::Severity::Error, words);
            }
            let kind = match object.value.kind() {
                Ok(ferroway_config::dynamic::MiddlewareKind::Plugin(plugin)) if plugin.0.len() == 1 => {
                    plugin.0.keys().next().map(|name| name.to_lowercase()).unwrap_or_default()
                }
                Ok(kind) => kind.name().to_lowercase(),
                // Traefik shows the first one.
                Err(_) => {
                    object.value.kinds.first().map(|kind| kind.name().to_lowercase()).unwrap_or_default()
                }
            };
            let used_by = users.remove(&name).unwrap_or_default();
            let referred = Referred {
                name,
                kind,
                count: 0,
                found,
                used_by,
                origin: Some(&object.origin),
                is_reached: false,
            };
            entries.push(referred.entry(|out| object.value.encode_options(out)));
        }
    }
    entries
}

fn services(facts: &Facts, running: &Running<'_>, problems: &Problems<'_>, users: &mut Users) -> Vec<Entry> {
    let providers = &running.plan.providers;
    let find = |name: &str| providers.service(name).map(|object| &*object.value);
    let reached = reached(users.keys().map(String::as_str), find);
    let mut entries = Vec::new();
    for (provider, dynamic) in &providers.0 {
        for (local, object) in &dynamic.http.services {
            let name = format!("{local}@{provider}");
            let is_reached = reached.contains(&name);
            // Traefik builds only what a router leads to, so only then it knows.
            let found = if is_reached {
                problems.about("http.services", local, &object.origin, "service", &name)
            } else {
                nothing_wrong()
            };
            let used_by = users.remove(&name).unwrap_or_default();
            let config = &*object.value;
            let kind = match config.kind() {
                Ok(kind) => kind.name().to_lowercase(),
                Err(_) => String::new(),
            };
            let count = config.load_balancer.as_ref().map_or(0, |balancer| balancer.servers.len());
            let origin = Some(&object.origin);
            let referred = Referred { name, kind, count, found, used_by, origin, is_reached };
            entries.push(referred.entry(|out| config.encode_options(out)));
        }
    }
    for own in &facts.internal_services {
        let name = format!("{own}@internal");
        let used_by = users.remove(&name).unwrap_or_default();
        let referred = Referred {
            name,
            kind: String::new(),
            count: 0,
            found: nothing_wrong(),
            used_by,
            origin: None,
            is_reached: false,
        };
        entries.push(referred.entry(|_| {}));
    }
    entries
}
