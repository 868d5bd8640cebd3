//! Which objects routers lead to, directly or through others.

use std::collections::BTreeSet;

use ferroway_config::dynamic::{Middleware, MiddlewareKind, Service, TcpService};
use ferroway_control::{provider_of, qualified};

/// Objects that refer to others of their kind.
pub(crate) trait Leads {
    /// Those that it leads to, as configured.
    fn children(&self) -> Vec<&str>;
}

impl Leads for Service {
    fn children(&self) -> Vec<&str> {
        let weighted = self.weighted.iter().flat_map(|own| &own.services).map(|child| child.name.as_str());
        let hashed =
            self.highest_random_weight.iter().flat_map(|own| &own.services).map(|child| child.name.as_str());
        let mirrored = self.mirroring.iter().flat_map(|own| {
            [own.service.as_str()].into_iter().chain(own.mirrors.iter().map(|mirror| mirror.name.as_str()))
        });
        let failing = self.failover.iter().flat_map(|own| [own.service.as_str(), own.fallback.as_str()]);
        weighted.chain(hashed).chain(mirrored).chain(failing).collect()
    }
}

impl Leads for TcpService {
    fn children(&self) -> Vec<&str> {
        self.weighted.iter().flat_map(|own| &own.services).map(|child| child.name.as_str()).collect()
    }
}

impl Leads for Middleware {
    fn children(&self) -> Vec<&str> {
        let chains = self.kinds.iter().filter_map(|kind| match kind {
            MiddlewareKind::Chain(chain) => Some(&chain.middlewares),
            _ => None,
        });
        chains.flatten().map(String::as_str).collect()
    }
}

/// The full names of all objects that these lead to, they themselves included; those that there are not are left out.
pub(crate) fn reached<'a, S: Leads + 'a>(
    from: impl Iterator<Item = &'a str>,
    find: impl Fn(&str) -> Option<&'a S>,
) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = from.map(str::to_owned).collect();
    while let Some(name) = open.pop() {
        if let Some(service) = find(&name) {
            let children =
                service.children().into_iter().map(|child| qualified(child, provider_of(&name)).into_owned());
            let children: Vec<String> = children.collect();
            if reached.insert(name) {
                open.extend(children);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ferroway_config::dynamic::{Failover, Weighted, WeightedService};

    use super::*;

    #[test]
    fn cycles_end() {
        let child = |name: &str| WeightedService { name: name.to_owned(), weight: 1 };
        let weighted = Weighted { services: vec![child("b"), child("c@x")], ..Weighted::default() };
        let failover = Failover { service: "a".into(), fallback: "nowhere".into(), ..Failover::default() };
        let services = BTreeMap::from([
            ("a@p", Service { weighted: Some(weighted), ..Service::default() }),
            ("b@p", Service { failover: Some(failover), ..Service::default() }),
            ("c@x", Service::default()),
            ("d@p", Service::default()),
        ]);
        let names = reached(["a@p"].into_iter(), |name| services.get(name));
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["a@p", "b@p", "c@x"]);
    }
}
