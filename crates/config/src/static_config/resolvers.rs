//! `certificatesResolvers.<name>`.

use crate::decode::config;
use crate::duration::Duration;

config! {
    /// Where certificates come from.
    pub struct CertificatesResolver: "static.CertificateResolver" {
        /// An authority that speaks ACME.
        "acme" acme: Option<Acme>,
        /// The local Tailscale daemon.
        "tailscale" [allow_empty] tailscale: Option<Tailscale>,
    }

    /// The local Tailscale daemon; there is nothing to set.
    #[derive(Eq)]
    pub struct Tailscale: "*struct {}" {}

    /// An authority that speaks ACME.
    pub struct Acme: "*acme.Configuration" {
        /// Address for the account.
        "email" email: String,
        /// The authority's directory.
        "caServer" [guarded] ca_server: String = "https://acme-v02.api.letsencrypt.org/directory".to_owned(),
        /// Name on the chain that is preferred.
        "preferredChain" preferred_chain: String,
        /// Certificate profile to order.
        "profile" profile: String,
        /// Addresses for the certificate request.
        "emailAddresses" email_addresses: Vec<String>,
        /// Leaves the common name out of the certificate request.
        "disableCommonName" disable_common_name: bool,
        /// File with the account and the certificates.
        "storage" storage: String = "acme.json".to_owned(),
        /// EC256, EC384, RSA2048, RSA4096 or RSA8192.
        "keyType" key_type: String = "RSA4096".to_owned(),
        /// Account elsewhere that the ACME account belongs to.
        "eab" eab: Option<Eab>,
        /// Life of the certificates in hours; decides when they are renewed.
        "certificatesDuration" certificates_duration: i64 = 2160,
        /// Authorities that the ACME server's certificate is checked against.
        "caCertificates" ca_certificates: Vec<String>,
        /// Adds those of the system.
        "caSystemCertPool" ca_system_cert_pool: bool,
        /// Name for verification of the ACME server's certificate.
        "caServerName" ca_server_name: String,
        /// Longest time of a request to the ACME server.
        "clientTimeout" client_timeout: Duration = Duration::from_secs(120),
        /// Longest wait for its answer's headers.
        "clientResponseHeaderTimeout" client_response_header_timeout: Duration = Duration::from_secs(30),
        /// Longest wait for a certificate.
        "certificateTimeout" certificate_timeout: Duration = Duration::from_secs(30),
        /// Proves names by DNS.
        "dnsChallenge" [allow_empty] dns_challenge: Option<DnsChallenge>,
        /// Proves names by HTTP.
        "httpChallenge" [allow_empty] http_challenge: Option<HttpChallenge>,
        /// Proves names by TLS.
        "tlsChallenge" [allow_empty] tls_challenge: Option<TlsChallenge>,
    }

    /// Account elsewhere that the ACME account belongs to.
    pub struct Eab: "*acme.EAB" {
        /// Its identifier.
        "kid" kid: String,
        /// Its key, base64url.
        "hmacEncoded" [secret] hmac_encoded: String,
    }

    /// Proves names by DNS.
    pub struct DnsChallenge: "*acme.DNSChallenge" {
        /// Name of the DNS provider.
        "provider" provider: String,
        /// DNS servers to ask, host:port.
        "resolvers" resolvers: Vec<String>,
        /// How to wait for the record.
        "propagation" [allow_empty] propagation: Option<Propagation>,
        /// Time to wait before looking for the record.
        "delayBeforeCheck" [deprecated("use propagation.delayBeforeChecks")] delay_before_check: Duration,
        /// Does not look for the record.
        "disablePropagationCheck" [deprecated("use propagation.disableChecks")] disable_propagation_check: bool,
    }

    /// How to wait for the record.
    pub struct Propagation: "*acme.Propagation" {
        /// Does not look for the record.
        "disableChecks" disable_checks: bool,
        /// Does not ask the authoritative servers.
        "disableANSChecks" disable_ans_checks: bool,
        /// Waits for all servers of `resolvers`.
        "requireAllRNS" require_all_rns: bool,
        /// Time to wait before looking for the record.
        "delayBeforeChecks" delay_before_checks: Duration,
    }

    /// Proves names by HTTP.
    pub struct HttpChallenge: "*acme.HTTPChallenge" {
        /// Entry point that answers; must be reached on port 80.
        "entryPoint" entry_point: String,
        /// Time to wait before the authority is told.
        "delay" delay: Duration,
    }

    /// Proves names by TLS.
    pub struct TlsChallenge: "*acme.TLSChallenge" {
        /// Time to wait before the authority is told.
        "delay" delay: Duration,
    }
}
