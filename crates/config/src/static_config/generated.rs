//! What the static configuration implies: entry points nobody wrote down.

use std::collections::BTreeMap;

use super::{EntryPoint, Protocol, Static};

/// The entry point for ferroway's own routers.
pub const TRAEFIK_ENTRY_POINT: &str = "traefik";

impl Static {
    /// The entry points with those that are implied: `http` on port 80 when there is none, and `traefik` on port
    /// 8080 when the API, ping, Prometheus or the REST provider need it.
    pub fn all_entry_points(&self) -> BTreeMap<String, EntryPoint> {
        let mut all = self.entry_points.clone();
        if all.is_empty() {
            all.insert("http".to_owned(), at(":80"));
        }
        if self.needs_traefik_entry_point() {
            all.entry(TRAEFIK_ENTRY_POINT.to_owned()).or_insert_with(|| at(":8080"));
        }
        all
    }

    fn needs_traefik_entry_point(&self) -> bool {
        let api = self.api.as_ref().is_some_and(|api| api.insecure);
        let ping = self
            .ping
            .as_ref()
            .is_some_and(|ping| !ping.manual_routing && ping.entry_point == TRAEFIK_ENTRY_POINT);
        let prometheus = self.metrics.as_ref().and_then(|metrics| metrics.prometheus.as_ref());
        let prometheus =
            prometheus.is_some_and(|own| !own.manual_routing && own.entry_point == TRAEFIK_ENTRY_POINT);
        let rest = self.providers.rest.as_ref().is_some_and(|rest| rest.insecure);
        api || ping || prometheus || rest
    }
}

fn at(address: &str) -> EntryPoint {
    EntryPoint { address: address.to_owned(), ..EntryPoint::default() }
}

/// The entry points of routers that name none, by name: those with `asDefault`, else all; never `traefik`, never UDP.
pub fn default_entry_points(all: &BTreeMap<String, EntryPoint>) -> Vec<String> {
    let is_tcp =
        |point: &EntryPoint| point.parsed_address().is_ok_and(|address| address.protocol == Protocol::Tcp);
    let candidates = || all.iter().filter(|(name, point)| *name != TRAEFIK_ENTRY_POINT && is_tcp(point));
    let chosen = all.values().any(|point| point.as_default);
    candidates().filter(|(_, point)| !chosen || point.as_default).map(|(name, _)| name.clone()).collect()
}
