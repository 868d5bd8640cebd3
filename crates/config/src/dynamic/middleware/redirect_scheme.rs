//! `redirectScheme`.

use crate::decode::config;

config! {
    /// Redirects to another scheme.
    pub struct RedirectScheme: "*dynamic.RedirectScheme" {
        /// The scheme.
        "scheme" scheme: String,
        /// The port; empty means the scheme's own.
        "port" port: String,
        /// 301 or 308 instead of 302 or 307.
        "permanent" permanent: bool,
    }
    legacy { "forcePermanentRedirect" => Ignored("only the Kubernetes providers set it") }
}
