//! Routers, middlewares and services of TCP.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ferroway_config::dynamic::{TcpMiddleware, TcpRouter, TcpService};
use ferroway_config::encode::{Encode, EncodeSection, Object};
use ferroway_control::{Plan, PlanEntry, PlannedTcpRouter, ProviderPlan, local_name, qualified};

use crate::entry::Entry;
use crate::facts::Facts;
use crate::problems::{Found, Problems, Subject};
use crate::reached::reached;
use crate::routers::{OptionsAt, Referred, Shown, Users, note, shown_priority, using};

pub(crate) fn entries(facts: &Facts, plan: &Plan, problems: &Problems<'_>) -> [Vec<Entry>; 3] {
    let (mut of_services, mut built) = (Users::new(), BTreeSet::new());
    let mut routers = Vec::new();
    for provider in &plan.tcp_routers {
        for entry in &provider.routers {
            let router = router(facts, problems, provider, entry);
            let service = qualified(&router.service, &provider.provider).into_owned();
            if !router.links.is_empty() {
                built.insert(service.clone());
            }
            if !router.service.is_empty() {
                note(&mut of_services, service, &router.name);
            }
            routers.push(router);
        }
    }
    let services = services(plan, problems, &mut of_services, &built);
    [routers, middlewares(plan, problems), services]
}

fn router(
    facts: &Facts,
    problems: &Problems<'_>,
    provider: &ProviderPlan<PlannedTcpRouter>,
    entry: &PlanEntry<PlannedTcpRouter>,
) -> Entry {
    let planned = &*entry.planned;
    let config = &*planned.config;
    let names = if config.entry_points.is_empty() { &facts.defaults } else { &config.entry_points };
    let using = using(names, |name| facts.tcp_names().iter().any(|own| own == name));
    let priority = if using.is_empty() {
        config.priority
    } else {
        shown_priority(planned.priority, config.priority, &config.rule, planned.rule.is_some())
    };
    let shown = Shown {
        name: planned.name.to_string(),
        rule: &config.rule,
        service: &config.service,
        middlewares: config
            .middlewares
            .iter()
            .map(|name| qualified(name, &provider.provider).into_owned())
            .collect(),
        priority,
        entry_points: names,
        using,
        found: problems.about(Subject {
            section: "tcp.routers",
            kind: "TCP router",
            local: local_name(&planned.name),
            name: &planned.name,
            origin: &entry.origin,
        }),
        origin: &entry.origin,
        rank: provider.rank,
        has_priority: true,
    };
    shown.entry(|object, shown| write(object, shown, config))
}

fn write(object: &mut Object<'_>, shown: &Shown<'_>, config: &TcpRouter) -> OptionsAt {
    object.texts("entryPoints", shown.entry_points);
    object.texts("middlewares", &shown.middlewares);
    object.text("service", &config.service);
    object.text("rule", &config.rule);
    object.text("ruleSyntax", &config.rule_syntax);
    if shown.priority != 0 {
        object.number("priority", shown.priority);
    }
    if let Some(tls) = &config.tls {
        object.with("tls", |out| tls.encode(out));
    }
    None
}

/// Traefik does not say which routers use them.
fn middlewares(plan: &Plan, problems: &Problems<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (provider, dynamic) in &plan.providers.0 {
        for (local, object) in &dynamic.tcp.middlewares {
            let name = format!("{local}@{provider}");
            let (section, kind) = ("tcp.middlewares", "TCP middleware");
            let subject = Subject { section, kind, local, name: &name, origin: &object.origin };
            let referred = Referred {
                kind: kind_of_middleware(&object.value).to_owned(),
                count: 0,
                found: problems.about(subject),
                used_by: Vec::new(),
                origin: Some(&object.origin),
                is_reached: false,
                name,
            };
            entries.push(referred.entry(|out| object.value.encode_options(out)));
        }
    }
    entries
}

fn kind_of_middleware(config: &TcpMiddleware) -> &'static str {
    if config.in_flight_conn.is_some() {
        "inflightconn"
    } else if config.ip_white_list.is_some() {
        "ipwhitelist"
    } else if config.ip_allow_list.is_some() {
        "ipallowlist"
    } else {
        ""
    }
}

fn services(plan: &Plan, problems: &Problems<'_>, users: &mut Users, built: &BTreeSet<String>) -> Vec<Entry> {
    let find = |name: &str| plan.providers.tcp_service(name).map(|object| &*object.value);
    let reached = reached(built.iter().map(String::as_str), find);
    let mut entries = Vec::new();
    for (provider, dynamic) in &plan.providers.0 {
        for (local, object) in &dynamic.tcp.services {
            let name = format!("{local}@{provider}");
            let config: &TcpService = &object.value;
            let is_reached = reached.contains(&name);
            let (section, kind) = ("tcp.services", "TCP service");
            let subject = Subject { section, kind, local, name: &name, origin: &object.origin };
            let found = if is_reached { problems.about(subject) } else { Found::default() };
            let shown = if is_reached { filled(config, provider) } else { Cow::Borrowed(config) };
            let kind = match (&config.load_balancer, &config.weighted) {
                (Some(_), _) => "loadbalancer",
                (None, Some(_)) => "weighted",
                (None, None) => "",
            };
            let referred = Referred {
                kind: kind.to_owned(),
                count: config.load_balancer.as_ref().map_or(0, |balancer| balancer.servers.len()),
                found,
                used_by: users.remove(&name).unwrap_or_default(),
                origin: Some(&object.origin),
                is_reached,
                name,
            };
            entries.push(referred.entry(|out| shown.encode_options(out)));
        }
    }
    entries
}

/// A service, as it is shown once it is built: Traefik writes the full name of the transport into it.
fn filled<'s>(service: &'s TcpService, provider: &str) -> Cow<'s, TcpService> {
    let mut service = Cow::Borrowed(service);
    let transport = service.load_balancer.as_ref().map_or("", |balancer| &balancer.servers_transport);
    if !transport.is_empty() && !transport.contains('@') {
        let full = qualified(transport, provider).into_owned();
        if let Some(balancer) = &mut service.to_mut().load_balancer {
            balancer.servers_transport = full;
        }
    }
    service
}
