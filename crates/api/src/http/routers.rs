//! Routers of HTTP.

use ferroway_config::Span;
use ferroway_config::dynamic::{Router, RouterObservability};
use ferroway_config::encode::{Encode, Object};
use ferroway_config::static_config::{EncodedCharacters, EntryPoint, EntryPointObservability};
use ferroway_control::{Mount, PlannedRouter, local_name, qualified};

use crate::entry::Entry;
use crate::facts::Facts;
use crate::problems::{Problems, Subject};
use crate::routers::{OptionsAt, Shown, shown_priority, using};
use crate::view::Running;

/// Where a router stands.
pub(super) struct Place<'a> {
    pub(super) facts: &'a Facts,
    pub(super) running: &'a Running<'a>,
    pub(super) problems: &'a Problems<'a>,
    pub(super) provider: &'a str,
    pub(super) rank: u32,
    pub(super) origin: &'a Span,
}

impl Place<'_> {
    /// What Traefik shows of a router: itself, and a copy of its own for every entry point that adds something.
    pub(super) fn routers(&self, planned: &PlannedRouter) -> Vec<Entry> {
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
        self.facts.tcp_names().get(number).is_some_and(|own| own == name)
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
        let (section, kind) = ("http.routers", "router");
        let subject = Subject { section, kind, local, name: &planned.name, origin: self.origin };
        let found = self.problems.about(subject);
        let exists = |name: &str| self.facts.tcp_names().iter().any(|own| own == name);
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
            rank: self.rank,
            has_priority: true,
        };
        shown.entry(|object, shown| self.write(object, shown, config, model))
    }

    /// What is configured, with what Traefik fills in.
    fn write(
        &self,
        object: &mut Object<'_>,
        shown: &Shown<'_>,
        config: &Router,
        model: Option<&EntryPoint>,
    ) -> OptionsAt {
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
        let mut options_at = None;
        if let Some(tls) = config.tls.as_ref().or_else(|| model.and_then(|point| point.http.tls.as_ref())) {
            object.with("tls", |out| {
                options_at = tls.options.is_empty().then_some(out.len() + 1);
                tls.encode(out);
            });
        }
        if config.parent_refs.is_empty() {
            let default = EntryPointObservability::default();
            let of_point = model.map_or(&default, |point| &point.observability);
            let observability = filled(config.observability.as_ref(), of_point);
            object.with("observability", |out| observability.encode(out));
        }
        options_at
    }
}

/// Whether Traefik makes a model of an entry point, so that its routers are copies.
fn adds_something(point: &EntryPoint) -> bool {
    !point.http.middlewares.is_empty()
        || point.http.tls.is_some()
        || point.observability != EntryPointObservability::default()
        || point.http.encoded_characters != EncodedCharacters::default()
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
