//! Services of HTTP.

use std::borrow::Cow;

use ferroway_config::dynamic::Service;
use ferroway_config::encode::EncodeSection;

use super::{References, filled};
use crate::entry::Entry;
use crate::facts::Facts;
use crate::problems::{Found, Problems, Subject};
use crate::routers::Referred;
use crate::view::Running;

pub(super) fn entries(
    facts: &Facts,
    running: &Running<'_>,
    problems: &Problems<'_>,
    references: &mut References,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (provider, dynamic) in &running.plan.providers.0 {
        for (local, object) in &dynamic.http.services {
            let name = format!("{local}@{provider}");
            let origin = &object.origin;
            let config = &*object.value;
            let is_reached = references.services.contains(&name);
            // Traefik knows only of what it builds.
            let (found, shown) = if is_reached {
                let (section, kind) = ("http.services", "service");
                let found = problems.about(Subject { section, kind, local, name: &name, origin });
                (found, filled::service(config, &name))
            } else {
                (Found::default(), Cow::Borrowed(config))
            };
            let referred = Referred {
                kind: kind_of(config),
                count: config.load_balancer.as_ref().map_or(0, |balancer| balancer.servers.len()),
                found,
                used_by: references.of_services.remove(&name).unwrap_or_default(),
                origin: Some(origin),
                is_reached,
                name,
            };
            entries.push(referred.entry(|out| shown.encode_options(out)));
        }
    }
    for own in &facts.internal_services {
        let name = format!("{own}@internal");
        let used_by = references.of_services.remove(&name).unwrap_or_default();
        let found = Found::default();
        let kind = String::new();
        let referred = Referred { name, kind, count: 0, found, used_by, origin: None, is_reached: false };
        entries.push(referred.entry(|_| {}));
    }
    entries
}

fn kind_of(service: &Service) -> String {
    service.kind().map(|kind| kind.name().to_lowercase()).unwrap_or_default()
}
