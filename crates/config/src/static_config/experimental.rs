//! `experimental`.

use std::collections::BTreeMap;

use crate::decode::config;

config! {
    /// What may still change.
    pub struct Experimental: "*static.Experimental" {
        /// Plugins from the public registry, by name.
        "plugins" [planned] plugins: BTreeMap<String, PluginDescriptor>,
        /// Plugins from the folder plugins-local, by name.
        "localPlugins" [planned] local_plugins: BTreeMap<String, LocalPlugin>,
        /// Ends the process when a plugin fails.
        "abortOnPluginFailure" [no_effect("there are no plugins yet")] abort_on_plugin_failure: bool,
        /// Accepted for compatibility: ferroway has one fast data path.
        "fastProxy" [allow_empty, no_effect("ferroway has one data path, for all requests")]
            fast_proxy: Option<FastProxy>,
        /// Allows log.otlp and accessLog.otlp.
        "otlpLogs" [planned] otlp_logs: bool,
        /// Allows providers.knative.
        "knative" [planned] knative: bool,
        /// Has no effect.
        "kubernetesGateway" [deprecated("the provider needs no switch any more; remove it")]
            kubernetes_gateway: bool,
        /// Has no effect.
        "kubernetesIngressNGINX" [deprecated("the provider needs no switch any more; remove it")]
            kubernetes_ingress_nginx: bool,
    }
    legacy { "http3" => Removed("HTTP/3 is enabled by the entry point's option http3") }

    /// The fast data path.
    pub struct FastProxy: "*static.FastProxyConfig" {
        /// Accepted for compatibility.
        "debug" debug: bool,
    }

    /// A plugin from the public registry.
    pub struct PluginDescriptor: "plugins.Descriptor" {
        /// Name of its module.
        "moduleName" module_name: String,
        /// Version.
        "version" version: String,
        /// Hash of its archive.
        "hash" hash: String,
        /// What it may use.
        "settings" settings: PluginSettings,
    }

    /// A plugin from a folder.
    pub struct LocalPlugin: "plugins.LocalDescriptor" {
        /// Name of its module.
        "moduleName" module_name: String,
        /// What it may use.
        "settings" settings: PluginSettings,
    }

    /// What a plugin may use.
    pub struct PluginSettings: "plugins.Settings" {
        /// Environment variables.
        "envs" envs: Vec<String>,
        /// Folders, `host[:guest][:ro]`.
        "mounts" mounts: Vec<String>,
        /// Unsafe packages.
        "useUnsafe" use_unsafe: bool,
    }
}
