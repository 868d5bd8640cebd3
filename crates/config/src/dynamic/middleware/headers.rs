//! `headers`.

use std::collections::BTreeMap;

use crate::decode::config;

config! {
    /// Sets and removes headers, answers CORS, sets security headers.
    pub struct Headers: "*dynamic.Headers" {
        /// Request headers to set; an empty value removes the header.
        "customRequestHeaders" [guarded] custom_request_headers: BTreeMap<String, String>,
        /// Response headers to set; an empty value removes the header.
        "customResponseHeaders" [guarded] custom_response_headers: BTreeMap<String, String>,
        /// CORS: allows credentials.
        "accessControlAllowCredentials" access_control_allow_credentials: bool,
        /// CORS: headers that may be sent.
        "accessControlAllowHeaders" access_control_allow_headers: Vec<String>,
        /// CORS: methods that may be used.
        "accessControlAllowMethods" access_control_allow_methods: Vec<String>,
        /// CORS: origins that may ask; `*` is any.
        "accessControlAllowOriginList" access_control_allow_origin_list: Vec<String>,
        /// CORS: expressions for origins that may ask.
        "accessControlAllowOriginListRegex" access_control_allow_origin_list_regex: Vec<String>,
        /// CORS: headers that scripts may see.
        "accessControlExposeHeaders" access_control_expose_headers: Vec<String>,
        /// CORS: seconds that a preflight answer may be kept.
        "accessControlMaxAge" access_control_max_age: Option<i64>,
        /// CORS: adds Origin to Vary.
        "addVaryHeader" add_vary_header: bool,
        /// Hosts that are answered; empty means all.
        "allowedHosts" allowed_hosts: Vec<String>,
        /// Headers that may carry the host instead.
        "hostsProxyHeaders" hosts_proxy_headers: Vec<String>,
        /// Headers and values that say that the client uses TLS.
        "sslProxyHeaders" ssl_proxy_headers: BTreeMap<String, String>,
        /// Seconds of Strict-Transport-Security; 0 leaves the header out.
        "stsSeconds" sts_seconds: Option<i64>,
        /// Adds includeSubDomains to it.
        "stsIncludeSubdomains" sts_include_subdomains: bool,
        /// Adds preload to it.
        "stsPreload" sts_preload: bool,
        /// Sends it without TLS too.
        "forceSTSHeader" force_sts_header: bool,
        /// X-Frame-Options: DENY.
        "frameDeny" frame_deny: bool,
        /// X-Frame-Options with this value; wins over frameDeny.
        "customFrameOptionsValue" custom_frame_options_value: String,
        /// X-Content-Type-Options: nosniff.
        "contentTypeNosniff" content_type_nosniff: bool,
        /// X-XSS-Protection: 1; mode=block.
        "browserXssFilter" browser_xss_filter: bool,
        /// X-XSS-Protection with this value; wins over browserXssFilter.
        "customBrowserXSSValue" custom_browser_xss_value: String,
        /// Content-Security-Policy.
        "contentSecurityPolicy" content_security_policy: String,
        /// Content-Security-Policy-Report-Only.
        "contentSecurityPolicyReportOnly" content_security_policy_report_only: String,
        /// Has no effect: browsers dropped key pinning.
        "publicKey" public_key: String,
        /// Referrer-Policy.
        "referrerPolicy" referrer_policy: String,
        /// Permissions-Policy.
        "permissionsPolicy" permissions_policy: String,
        /// Switches allowedHosts and Strict-Transport-Security off.
        "isDevelopment" is_development: bool,
        /// Has no effect.
        "featurePolicy" [deprecated("use permissionsPolicy")] feature_policy: Option<String>,
        /// Has no effect.
        "sslRedirect" [deprecated("use entry point redirections or redirectScheme")] ssl_redirect: Option<bool>,
        /// Has no effect.
        "sslTemporaryRedirect" [deprecated("use entry point redirections or redirectScheme")] ssl_temporary_redirect: Option<bool>,
        /// Has no effect.
        "sslHost" [deprecated("use redirectRegex")] ssl_host: Option<String>,
        /// Has no effect.
        "sslForceHost" [deprecated("use redirectRegex")] ssl_force_host: Option<bool>,
    }
}
