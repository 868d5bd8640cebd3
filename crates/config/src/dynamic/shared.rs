//! Sections that several parts of the configuration use.

use crate::decode::{FileOrContent, config};

config! {
    /// TLS of an HTTP router or of an entry point's HTTP routers.
    pub struct RouterTls: "*dynamic.RouterTLSConfig" {
        /// Name of the TLS options; empty means default.
        "options" options: String,
        /// Name of the resolver that gets certificates for the router.
        "certResolver" cert_resolver: String,
        /// Names that the certificates are for; empty means those of the rule.
        "domains" domains: Vec<Domain>,
    }

    /// Names of one certificate.
    pub struct Domain: "*types.Domain" {
        /// The main name.
        "main" main: String,
        /// Further names.
        "sans" sans: Vec<String>,
    }

    /// A certificate and its key.
    pub struct Certificate: "*tls.Certificate" {
        /// The certificate chain, PEM.
        "certFile" cert_file: FileOrContent,
        /// The private key, PEM.
        "keyFile" [secret] key_file: FileOrContent,
    }

    /// TLS towards a server that ferroway is a client of.
    pub struct ClientTls: "*types.ClientTLS" {
        /// Authorities that the server's certificate is checked against; empty means those of the system.
        "ca" ca: FileOrContent,
        /// Own certificate, if the server asks for one.
        "cert" cert: FileOrContent,
        /// Key of the own certificate.
        "key" [secret] key: FileOrContent,
        /// Does not check the server's certificate.
        "insecureSkipVerify" insecure_skip_verify: bool,
    }
    legacy { "caOptional" => Removed("it had no effect on clients") }

    /// Identities of servers in a SPIFFE trust domain.
    pub struct Spiffe: "*dynamic.Spiffe" {
        /// Accepted SPIFFE IDs; wins over the trust domain.
        "ids" ids: Vec<String>,
        /// Accepted trust domain.
        "trustDomain" trust_domain: String,
    }

    /// Presence switches something on; there is nothing to set.
    #[derive(Eq)]
    pub struct Enabled: "*dynamic.HealthCheck" {}
}
