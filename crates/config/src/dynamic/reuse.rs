//! Taking over objects that did not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Dynamic, Object};

impl Dynamic {
    /// Makes every object that equals the one of the same name in `previous` the very same, so that whoever compares
    /// pointers sees what changed. For loads that are not incremental.
    pub fn reuse(&mut self, previous: &Self) {
        share(&mut self.http.routers, &previous.http.routers);
        share(&mut self.http.services, &previous.http.services);
        share(&mut self.http.middlewares, &previous.http.middlewares);
        share(&mut self.http.servers_transports, &previous.http.servers_transports);
        share(&mut self.tcp.routers, &previous.tcp.routers);
        share(&mut self.tcp.services, &previous.tcp.services);
        share(&mut self.tcp.middlewares, &previous.tcp.middlewares);
        share(&mut self.tcp.servers_transports, &previous.tcp.servers_transports);
        share(&mut self.udp.routers, &previous.udp.routers);
        share(&mut self.udp.services, &previous.udp.services);
        share(&mut self.tls.options, &previous.tls.options);
        share(&mut self.tls.stores, &previous.tls.stores);
    }
}

fn share<T: PartialEq>(now: &mut BTreeMap<String, Object<T>>, before: &BTreeMap<String, Object<T>>) {
    for (name, object) in now {
        if let Some(same) = before.get(name).filter(|same| *same == object) {
            object.value = Arc::clone(&same.value);
        }
    }
}
