//! One configuration out of those of several files, and the sharing of objects that did not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::decode::Broken;
use ferroway_config::dynamic::{Dynamic, Object};
use ferroway_config::{Problem, ProblemKind, Span};

/// Calls a macro or function for every map of named objects: its path, Traefik's words for one object, and the maps.
macro_rules! for_each_section {
    ($call:ident, $from:expr, $into:expr, $($rest:expr),*) => {{
        let (from, into) = ($from, $into);
        $call("http.routers", "HTTP router", &from.http.routers, &mut into.http.routers, $($rest),*);
        $call("http.services", "HTTP service", &from.http.services, &mut into.http.services, $($rest),*);
        $call("http.middlewares", "HTTP middleware", &from.http.middlewares, &mut into.http.middlewares, $($rest),*);
        $call(
            "http.serversTransports",
            "HTTP servers transport",
            &from.http.servers_transports,
            &mut into.http.servers_transports,
            $($rest),*
        );
        $call("tcp.routers", "TCP router", &from.tcp.routers, &mut into.tcp.routers, $($rest),*);
        $call("tcp.services", "TCP service", &from.tcp.services, &mut into.tcp.services, $($rest),*);
        $call("tcp.middlewares", "TCP middleware", &from.tcp.middlewares, &mut into.tcp.middlewares, $($rest),*);
        $call(
            "tcp.serversTransports",
            "TCP servers transport",
            &from.tcp.servers_transports,
            &mut into.tcp.servers_transports,
            $($rest),*
        );
        $call("udp.routers", "UDP router", &from.udp.routers, &mut into.udp.routers, $($rest),*);
        $call("udp.services", "UDP service", &from.udp.services, &mut into.udp.services, $($rest),*);
        $call("tls.options", "TLS options", &from.tls.options, &mut into.tls.options, $($rest),*);
        $call("tls.stores", "TLS store", &from.tls.stores, &mut into.tls.stores, $($rest),*);
    }};
}

/// Makes objects of `new` that equal those of `old` the very same, so that whoever comes next sees at once what did
/// not change.
pub(super) fn share_unchanged(old: &Dynamic, new: &mut Dynamic) {
    fn share<T: PartialEq>(
        _: &str,
        _: &str,
        old: &BTreeMap<String, Object<T>>,
        new: &mut BTreeMap<String, Object<T>>,
    ) {
        for (name, object) in new {
            if let Some(known) = old.get(name)
                && !Arc::ptr_eq(&known.value, &object.value)
                && known.value == object.value
            {
                object.value = Arc::clone(&known.value);
            }
        }
    }
    for_each_section!(share, old, new,);
}

/// The configurations of files in the order of their names. Of two objects with one name, the first one counts, and
/// a problem names both places. A broken object keeps its name, so that no other one of that name takes its place.
pub(super) fn merge<'a>(parts: impl IntoIterator<Item = &'a Arc<Dynamic>>) -> (Arc<Dynamic>, Vec<Problem>) {
    let mut parts = parts.into_iter().filter(|part| !is_empty(part));
    let Some(first) = parts.next() else { return (Arc::default(), Vec::new()) };
    let mut problems = Vec::new();
    let mut merged = Arc::clone(first);
    for part in parts {
        add(part, Arc::make_mut(&mut merged), &mut problems);
    }
    (merged, problems)
}

fn is_empty(config: &Dynamic) -> bool {
    *config == Dynamic::default()
}

fn add(from: &Dynamic, into: &mut Dynamic, problems: &mut Vec<Problem>) {
    fn add_objects<T>(
        section: &str,
        what: &str,
        from: &BTreeMap<String, Object<T>>,
        into: &mut BTreeMap<String, Object<T>>,
        broken: &mut BrokenObjects<'_>,
        problems: &mut Vec<Problem>,
    ) {
        broken.add(section, |name| into.contains_key(name));
        for (name, object) in from {
            match into.get(name).map(|known| &known.origin).or_else(|| broken.earlier(section, name)) {
                Some(first) => problems.push(duplicate(section, what, name, first, &object.origin)),
                None => {
                    into.insert(
                        name.clone(),
                        Object { value: Arc::clone(&object.value), origin: object.origin.clone() },
                    );
                }
            }
        }
    }
    let mut broken = BrokenObjects::new(std::mem::take(&mut into.broken), &from.broken);
    for_each_section!(add_objects, from, &mut *into, &mut broken, problems);
    into.broken = broken.all;
    for certificate in &from.tls.certificates {
        if into.tls.certificates.contains(certificate) {
            // A certificate has no place of its own; its file name says which one is meant.
            tracing::warn!(certificate = ?certificate.cert_file.0, "TLS certificate already configured, skipping");
        } else {
            into.tls.certificates.push(certificate.clone());
        }
    }
}

/// The broken objects of the files so far, and those of the file that is added.
struct BrokenObjects<'a> {
    all: Vec<Broken>,
    /// The places of the ones so far, by section and name.
    earlier: BTreeMap<(String, String), Span>,
    new: &'a [Broken],
}

impl<'a> BrokenObjects<'a> {
    fn new(all: Vec<Broken>, new: &'a [Broken]) -> Self {
        let key = |object: &Broken| (object.section.clone(), object.name.clone());
        let earlier = all.iter().map(|object| (key(object), object.origin.clone())).collect();
        Self { all, earlier, new }
    }

    /// Where an earlier file has a broken object of that name.
    fn earlier(&self, section: &str, name: &str) -> Option<&Span> {
        if self.earlier.is_empty() {
            return None;
        }
        self.earlier.get(&(section.to_owned(), name.to_owned()))
    }

    /// Adds the new ones of a section, but for names that an earlier file has already.
    fn add(&mut self, section: &str, is_taken: impl Fn(&str) -> bool) {
        for object in self.new.iter().filter(|object| object.section == section) {
            if !is_taken(&object.name) && self.earlier(section, &object.name).is_none() {
                self.all.push(object.clone());
            }
        }
    }
}

fn duplicate(section: &str, what: &str, name: &str, first: &Span, second: &Span) -> Problem {
    let message = format!("{what} {name} is already defined at {first}; this one is skipped");
    Problem::warning(ProblemKind::Semantic, second.clone(), format!("{section}.{name}"), message)
        .traefik(format!("{what} already configured, skipping"))
}
