//! Middlewares of HTTP.

use std::borrow::Cow;

use ferroway_config::Severity;
use ferroway_config::dynamic::{Middleware, MiddlewareKind};
use ferroway_config::encode::EncodeSection;

use super::{References, filled};
use crate::entry::Entry;
use crate::problems::{Problems, Subject};
use crate::routers::Referred;
use crate::view::Running;

pub(super) fn entries(
    running: &Running<'_>,
    problems: &Problems<'_>,
    references: &mut References,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let faults = (running.middlewares)();
    for (provider, dynamic) in &running.plan.providers.0 {
        for (local, object) in &dynamic.http.middlewares {
            let name = format!("{local}@{provider}");
            let (section, kind) = ("http.middlewares", "middleware");
            let origin = &object.origin;
            let mut found = problems.about(Subject { section, kind, local, name: &name, origin });
            if let Some(words) = faults.get(&*name) {
                found.add(Severity::Error, words, origin);
            }
            let shown = if references.middlewares.contains(&name) {
                filled::middleware(&object.value, &name)
            } else {
                Cow::Borrowed(&*object.value)
            };
            let referred = Referred {
                kind: kind_of(&object.value),
                count: 0,
                found,
                used_by: references.of_middlewares.remove(&name).unwrap_or_default(),
                origin: Some(origin),
                is_reached: false,
                name,
            };
            entries.push(referred.entry(|out| shown.encode_options(out)));
        }
    }
    entries
}

fn kind_of(middleware: &Middleware) -> String {
    match middleware.kind() {
        Ok(MiddlewareKind::Plugin(plugin)) if plugin.0.len() == 1 => {
            plugin.0.keys().next().map(|name| name.to_lowercase()).unwrap_or_default()
        }
        Ok(kind) => kind.name().to_lowercase(),
        // Traefik shows the first one.
        Err(_) => middleware.kinds.first().map(|kind| kind.name().to_lowercase()).unwrap_or_default(),
    }
}
