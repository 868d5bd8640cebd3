//! Services that ferroway is itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_core::{LocalBoxFuture, Reason, RequestHead, Response, respond};
use ferroway_services::{InternalService, Service};
use http::StatusCode;

/// The internal services that are switched on, by full name.
#[derive(Debug, Clone)]
pub struct InternalServices(BTreeMap<Arc<str>, Arc<Service>>);

impl InternalServices {
    /// Only what is always there: `noop@internal`.
    pub fn new() -> Self {
        let mut services = Self(BTreeMap::new());
        services.add("noop@internal", Noop);
        services
    }

    /// Adds a service.
    pub fn add(&mut self, name: &str, service: impl InternalService + 'static) {
        let name: Arc<str> = name.into();
        let service = Service::Internal { name: name.clone(), service: Box::new(service) };
        self.0.insert(name, Arc::new(service));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Service>> {
        self.0.get(name)
    }
}

impl Default for InternalServices {
    fn default() -> Self {
        Self::new()
    }
}

/// `noop@internal`: answers what no middleware has answered before.
#[derive(Debug)]
pub struct Noop;

impl InternalService for Noop {
    fn call<'a>(&'a self, _: &'a RequestHead) -> LocalBoxFuture<'a, Response> {
        Box::pin(std::future::ready(respond(StatusCode::IM_A_TEAPOT, Reason::Internal, "")))
    }
}
