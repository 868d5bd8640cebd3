//! What does not change while the process runs.

use ferroway_config::static_config::{EntryPoint, Protocol, Static, default_entry_points};

/// What does not change while the process runs.
#[derive(Debug)]
pub struct Facts {
    /// The static configuration.
    pub config: Static,
    /// The version of ferroway.
    pub version: &'static str,
    /// When the process began (RFC 3339).
    pub started: String,
    /// Names of the services that are switched on (`ping` for `ping@internal`).
    pub internal_services: Vec<&'static str>,
    /// All entry points by name, generated ones included.
    pub entry_points: Vec<(String, EntryPoint)>,
    /// The entry points of routers that name none.
    pub defaults: Vec<String>,
    tcp_names: Vec<String>,
    udp_names: Vec<String>,
}

impl Facts {
    /// The facts of a static configuration.
    pub fn new(
        config: &Static,
        version: &'static str,
        started: String,
        internal_services: Vec<&'static str>,
    ) -> Self {
        let all = config.all_entry_points();
        let defaults = default_entry_points(&all);
        let names = |protocol: Protocol| {
            let of_it =
                |point: &EntryPoint| point.parsed_address().is_ok_and(|address| address.protocol == protocol);
            all.iter().filter(|(_, point)| of_it(point)).map(|(name, _)| name.clone()).collect()
        };
        Self {
            tcp_names: names(Protocol::Tcp),
            udp_names: names(Protocol::Udp),
            config: config.clone(),
            version,
            started,
            internal_services,
            entry_points: all.into_iter().collect(),
            defaults,
        }
    }

    /// The names of the entry points that take connections, in the order of their numbers.
    pub(crate) fn tcp_names(&self) -> &[String] {
        &self.tcp_names
    }

    /// The names of the entry points that take datagrams.
    pub(crate) fn udp_names(&self) -> &[String] {
        &self.udp_names
    }

    /// An entry point.
    pub(crate) fn entry_point(&self, name: &str) -> Option<&EntryPoint> {
        let at = self.entry_points.binary_search_by(|(own, _)| own.as_str().cmp(name)).ok()?;
        Some(&self.entry_points[at].1)
    }

    /// What the API's paths begin with, without the last slash.
    pub(crate) fn base(&self) -> &str {
        self.config.api.as_ref().map_or("", |api| api.base_path.trim_end_matches('/'))
    }

    /// Whether there is a dashboard.
    pub(crate) fn has_dashboard(&self) -> bool {
        self.config.api.as_ref().is_some_and(|api| api.dashboard)
    }
}
