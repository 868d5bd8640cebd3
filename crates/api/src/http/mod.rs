//! Routers, middlewares and services of HTTP.

mod filled;
mod middlewares;
mod routers;
mod services;

use std::collections::BTreeSet;

use ferroway_config::dynamic::MiddlewareKind;
use ferroway_control::{Providers, provider_of, qualified};

use crate::entry::{Entry, Status};
use crate::facts::Facts;
use crate::problems::Problems;
use crate::reached::reached;
use crate::routers::{Users, note};
use crate::view::Running;
use routers::Place;

/// Who refers to what, and what is built: Traefik builds only what a router of an entry point leads to.
#[derive(Default)]
struct References {
    of_services: Users,
    of_middlewares: Users,
    /// The services that are built.
    services: BTreeSet<String>,
    /// The middlewares that are built.
    middlewares: BTreeSet<String>,
}

pub(crate) fn entries(facts: &Facts, running: &Running<'_>, problems: &Problems<'_>) -> [Vec<Entry>; 3] {
    let mut references = References::default();
    let mut routers = Vec::new();
    // Routers with a parent have no entry points of their own, and are built with it.
    let mut built = (BTreeSet::new(), BTreeSet::new());
    for provider in &running.plan.routers {
        for entry in &provider.routers {
            let (name, rank) = (&*provider.provider, provider.rank);
            let at = Place { facts, running, problems, provider: name, rank, origin: &entry.origin };
            let is_child = !entry.planned.config.parent_refs.is_empty();
            for router in at.routers(&entry.planned) {
                for middleware in &router.middlewares {
                    note(&mut references.of_middlewares, middleware.clone(), &router.name);
                }
                let service = qualified(&router.service, name).into_owned();
                if is_child || !router.links.is_empty() {
                    built.0.insert(service.clone());
                    if router.status != Status::Disabled {
                        built.1.extend(router.middlewares.iter().cloned());
                    }
                }
                if !router.service.is_empty() {
                    note(&mut references.of_services, service, &router.name);
                }
                routers.push(router);
            }
        }
    }
    references.follow(&running.plan.providers, built);
    let middlewares = middlewares::entries(running, problems, &mut references);
    let services = services::entries(facts, running, problems, &mut references);
    [routers, middlewares, services]
}

impl References {
    /// Finds what is built from what routers refer to. Services have middlewares, and the middleware `errors` a service.
    fn follow(&mut self, all: &Providers, from: (BTreeSet<String>, BTreeSet<String>)) {
        let (mut services, mut middlewares) = from;
        loop {
            let names = services.iter().map(String::as_str);
            self.services = reached(names, |name| all.service(name).map(|object| &*object.value));
            for name in &self.services {
                let Some(service) = all.service(name) else { continue };
                let own = service.value.middlewares.iter();
                middlewares.extend(own.map(|own| qualified(own, provider_of(name)).into_owned()));
            }
            let names = middlewares.iter().map(String::as_str);
            self.middlewares = reached(names, |name| all.middleware(name).map(|object| &*object.value));
            let before = services.len();
            for name in &self.middlewares {
                let Some(middleware) = all.middleware(name) else { continue };
                if let Ok(MiddlewareKind::Errors(errors)) = middleware.value.kind() {
                    services.insert(qualified(&errors.service, provider_of(name)).into_owned());
                }
            }
            if services.len() == before {
                return;
            }
        }
    }
}
