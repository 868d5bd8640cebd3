//! `passTLSClientCert`.

use crate::decode::config;

config! {
    /// Tells servers about the client's certificate.
    pub struct PassTlsClientCert: "*dynamic.PassTLSClientCert" {
        /// Passes the certificate itself.
        "pem" pem: bool,
        /// Parts of the certificate to pass.
        "info" info: Option<TlsClientCertInfo>,
    }

    /// Parts of a client's certificate.
    pub struct TlsClientCertInfo: "*dynamic.TLSClientCertificateInfo" {
        /// End of validity.
        "notAfter" not_after: bool,
        /// Start of validity.
        "notBefore" not_before: bool,
        /// Alternative names.
        "sans" sans: bool,
        /// Serial number.
        "serialNumber" serial_number: bool,
        /// Parts of the subject.
        "subject" subject: Option<TlsClientCertSubject>,
        /// Parts of the issuer.
        "issuer" issuer: Option<TlsClientCertIssuer>,
    }

    /// Parts of a subject.
    pub struct TlsClientCertSubject: "*dynamic.TLSClientCertificateSubjectDNInfo" {
        /// Country.
        "country" country: bool,
        /// Province.
        "province" province: bool,
        /// Locality.
        "locality" locality: bool,
        /// Organization.
        "organization" organization: bool,
        /// Organizational unit.
        "organizationalUnit" organizational_unit: bool,
        /// Common name.
        "commonName" common_name: bool,
        /// Serial number.
        "serialNumber" serial_number: bool,
        /// Domain component.
        "domainComponent" domain_component: bool,
    }

    /// Parts of an issuer.
    pub struct TlsClientCertIssuer: "*dynamic.TLSClientCertificateIssuerDNInfo" {
        /// Country.
        "country" country: bool,
        /// Province.
        "province" province: bool,
        /// Locality.
        "locality" locality: bool,
        /// Organization.
        "organization" organization: bool,
        /// Common name.
        "commonName" common_name: bool,
        /// Serial number.
        "serialNumber" serial_number: bool,
        /// Domain component.
        "domainComponent" domain_component: bool,
    }
}
