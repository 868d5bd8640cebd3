//! `api` and `ping`.

use crate::decode::config;

config! {
    /// The API and the dashboard.
    pub struct Api: "*static.API" {
        /// Path that they are reached under.
        "basePath" base_path: String = "/".to_owned(),
        /// Serves them on the entry point traefik, without any protection.
        "insecure" insecure: bool,
        /// Serves the dashboard too.
        "dashboard" dashboard: bool = true,
        /// Serves data for debugging too.
        "debug" debug: bool,
        /// Hides the dashboard's advertisement.
        "disableDashboardAd" disable_dashboard_ad: bool,
        /// Name shown in the dashboard.
        "dashboardName" dashboard_name: String,
    }

    /// The health endpoint.
    pub struct Ping: "*ping.Handler" {
        /// Entry point that answers.
        "entryPoint" entry_point: String = "traefik".to_owned(),
        /// Makes no router; one of the user's must lead to ping@internal.
        "manualRouting" manual_routing: bool,
        /// Status while ferroway is ending.
        "terminatingStatusCode" terminating_status_code: i64 = 503,
    }
}
