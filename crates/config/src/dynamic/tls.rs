//! `tls`: certificates, options and stores.

use std::collections::BTreeMap;

use super::{Certificate, Domain, Object};
use crate::decode::{FileOrContent, config};

config! {
    /// TLS towards clients.
    pub struct Tls: "*dynamic.TLSConfiguration" {
        /// Certificates to choose from.
        "certificates" certificates: Vec<StoredCertificate>,
        /// Options by name.
        "options" options: BTreeMap<String, Object<TlsOptions>>,
        /// Stores by name.
        "stores" stores: BTreeMap<String, Object<TlsStore>>,
    }

    /// A certificate and the stores that it is for.
    pub struct StoredCertificate: "tls.CertAndStores" {
        /// The certificate chain, PEM.
        "certFile" cert_file: FileOrContent,
        /// The private key, PEM.
        "keyFile" [secret] key_file: FileOrContent,
        /// Names of stores; empty means default.
        "stores" stores: Vec<String>,
    }

    /// What is agreed with clients.
    pub struct TlsOptions: "tls.Options" {
        /// Lowest version, VersionTLS10 to VersionTLS13.
        "minVersion" min_version: String,
        /// Highest version.
        "maxVersion" max_version: String,
        /// Cipher suites of TLS up to 1.2; unset means the safe ones.
        "cipherSuites" cipher_suites: Option<Vec<String>>,
        /// Key exchange groups.
        "curvePreferences" curve_preferences: Vec<String>,
        /// Certificates of clients.
        "clientAuth" client_auth: ClientAuth,
        /// Refuses clients that no certificate fits.
        "sniStrict" sni_strict: bool,
        /// Protocols offered after TLS, the first preferred; unset means h2, http/1.1 and acme-tls/1.
        "alpnProtocols" alpn_protocols: Option<Vec<String>>,
        /// Does not let clients resume sessions.
        "disableSessionTickets" disable_session_tickets: bool,
        /// Has no effect.
        "preferServerCipherSuites" [deprecated("it has no effect; remove it")] prefer_server_cipher_suites: bool,
    }

    /// Certificates of clients.
    pub struct ClientAuth: "tls.ClientAuth" {
        /// Authorities that they are checked against, PEM.
        "caFiles" ca_files: Vec<FileOrContent>,
        /// What is asked of clients, from NoClientCert to RequireAndVerifyClientCert.
        "clientAuthType" client_auth_type: String,
    }

    /// Certificates for clients that no other one fits.
    pub struct TlsStore: "tls.Store" {
        /// The certificate itself.
        "defaultCertificate" default_certificate: Option<Certificate>,
        /// A certificate from a resolver.
        "defaultGeneratedCert" default_generated_cert: Option<GeneratedCert>,
    }

    /// A certificate from a resolver.
    pub struct GeneratedCert: "*tls.GeneratedCert" {
        /// Name of the resolver.
        "resolver" resolver: String,
        /// What it is for.
        "domain" domain: Option<Domain>,
    }
}
