//! Routers and services of UDP.

use ferroway_config::dynamic::UdpService;
use ferroway_config::encode::EncodeSection;
use ferroway_control::{Plan, PlanEntry, PlannedUdpRouter, local_name, qualified};

use crate::entry::Entry;
use crate::facts::Facts;
use crate::problems::{Problems, Subject};
use crate::routers::{Referred, Shown, Users, note, using};

pub(crate) fn entries(facts: &Facts, plan: &Plan, problems: &Problems<'_>) -> [Vec<Entry>; 2] {
    let mut of_services = Users::new();
    let mut routers = Vec::new();
    for provider in &plan.udp_routers {
        for entry in &provider.routers {
            let router = router(facts, problems, provider.rank, entry);
            if !router.service.is_empty() {
                let service = qualified(&router.service, &provider.provider).into_owned();
                note(&mut of_services, service, &router.name);
            }
            routers.push(router);
        }
    }
    let services = services(plan, problems, &mut of_services);
    [routers, services]
}

fn router(facts: &Facts, problems: &Problems<'_>, rank: u32, entry: &PlanEntry<PlannedUdpRouter>) -> Entry {
    let planned = &*entry.planned;
    let config = &*planned.config;
    let all: Vec<String>;
    let names = if config.entry_points.is_empty() {
        all = facts.udp_names().to_vec();
        &all
    } else {
        &config.entry_points
    };
    let shown = Shown {
        name: planned.name.to_string(),
        rule: "",
        service: &config.service,
        middlewares: Vec::new(),
        priority: 0,
        entry_points: names,
        using: using(names, |name| facts.udp_names().iter().any(|own| own == name)),
        found: problems.about(Subject {
            section: "udp.routers",
            kind: "UDP router",
            local: local_name(&planned.name),
            name: &planned.name,
            origin: &entry.origin,
        }),
        origin: &entry.origin,
        rank,
        has_priority: false,
    };
    shown.entry(|object, shown| {
        // Unlike those of TCP, Traefik does not fill them in.
        object.texts("entryPoints", &config.entry_points);
        object.text("service", shown.service);
        None
    })
}

fn services(plan: &Plan, problems: &Problems<'_>, users: &mut Users) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (provider, dynamic) in &plan.providers.0 {
        for (local, object) in &dynamic.udp.services {
            let name = format!("{local}@{provider}");
            let config: &UdpService = &object.value;
            let kind = match (&config.load_balancer, &config.weighted) {
                (Some(_), _) => "loadbalancer",
                (None, Some(_)) => "weighted",
                (None, None) => "",
            };
            let subject = Subject {
                section: "udp.services",
                kind: "UDP service",
                local,
                name: &name,
                origin: &object.origin,
            };
            let referred = Referred {
                kind: kind.to_owned(),
                count: config.load_balancer.as_ref().map_or(0, |balancer| balancer.servers.len()),
                found: problems.about(subject),
                used_by: users.remove(&name).unwrap_or_default(),
                origin: Some(&object.origin),
                is_reached: false,
                name,
            };
            entries.push(referred.entry(|out| config.encode_options(out)));
        }
    }
    entries
}
