//! `/api/certificates`: the certificates that clients may get, but for the generated one.

use std::cmp::Ordering;

use ferroway_config::encode::{Object, string, strings};
use http::StatusCode;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use crate::answer::Answer;
use crate::list::page;
use crate::query::Query;

/// From here on a certificate is warned about.
const WARNING: i64 = 30 * 24 * 3600;

/// A certificate as the API shows it.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// The SHA-256 of the certificate, by which it is found.
    name: String,
    common_name: String,
    sans: Vec<String>,
    issuer_org: String,
    issuer_name: String,
    not_after: i64,
    /// All but the status.
    members: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate (DER).
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let name = hex(&Sha256::digest(der));
        let common_name = last(certificate.subject(), |name| name.iter_common_name().last().and_then(text));
        let issuer_org = last(certificate.issuer(), |name| name.iter_organization().next().and_then(text));
        let issuer_name = last(certificate.issuer(), |name| name.iter_common_name().last().and_then(text));
        let sans = sans(&certificate);
        let mut members = Vec::with_capacity(512);
        let mut object = Object::resume(&mut members, true);
        object.with("name", |out| string(out, &name));
        object.with("sans", |out| strings(out, &sans));
        object.with("notAfter", |out| string(out, &time(certificate.validity().not_after)));
        object.with("notBefore", |out| string(out, &time(certificate.validity().not_before)));
        object.with("serialNumber", |out| string(out, &certificate.serial.to_string()));
        object.with("commonName", |out| string(out, &common_name));
        object.text("issuerOrg", &issuer_org);
        object.text("issuerCN", &issuer_name);
        object.text(
            "issuerCountry",
            &last(certificate.issuer(), |name| name.iter_country().next().and_then(text)),
        );
        let subject = certificate.subject();
        object.text("organization", &last(subject, |name| name.iter_organization().next().and_then(text)));
        object.text("country", &last(subject, |name| name.iter_country().next().and_then(text)));
        object.with("version", |out| string(out, &format!("v{}", certificate.version().0 + 1)));
        let (kind, size) = key(&certificate);
        object.with("keyType", |out| string(out, kind));
        if size > 0 {
            object.number("keySize", size);
        }
        let algorithm = algorithm(&certificate.signature_algorithm.algorithm.to_id_string());
        object.with("signatureAlgorithm", |out| string(out, algorithm));
        object.with("certFingerprint", |out| string(out, &name));
        let key = hex(&Sha256::digest(certificate.public_key().raw));
        object.with("publicKeyFingerprint", |out| string(out, &key));
        let not_after = certificate.validity().not_after.timestamp();
        Some(Self { name, common_name, sans, issuer_org, issuer_name, not_after, members })
    }

    /// Its status at a time (seconds since 1970).
    pub(crate) fn status(&self, now: i64) -> &'static str {
        match self.not_after.saturating_sub(now) {
            left if left < 0 => "expired",
            left if left < WARNING => "warning",
            _ => "enabled",
        }
    }

    fn write(&self, out: &mut Vec<u8>, now: i64) {
        let mut object = Object::begin(out);
        object.members(&self.members);
        object.text("status", self.status(now));
        object.end();
    }

    fn is_kept(&self, query: &Query, now: i64) -> bool {
        let search = query.get("search").to_lowercase();
        let texts = [&self.common_name, &self.issuer_org, &self.issuer_name].into_iter().chain(&self.sans);
        let status = query.get("status");
        (status.is_empty() || status.eq_ignore_ascii_case(self.status(now)))
            && (search.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(&search)))
    }

    fn issuer(&self) -> &str {
        if self.issuer_org.is_empty() { &self.issuer_name } else { &self.issuer_org }
    }
}

/// The certificates that a query asks for.
pub(crate) fn all(certificates: &[Certificate], query: &Query, now: i64) -> Answer {
    let mut chosen: Vec<&Certificate> = certificates.iter().filter(|own| own.is_kept(query, now)).collect();
    let by_name =
        |a: &Certificate, b: &Certificate| (&a.common_name, &a.name).cmp(&(&b.common_name, &b.name));
    let order = |a: &Certificate, b: &Certificate| match query.get("sortBy") {
        "status" => a.status(now).cmp(b.status(now)),
        "issuer" => a.issuer().cmp(b.issuer()),
        "validUntil" => a.not_after.cmp(&b.not_after),
        _ => Ordering::Equal,
    };
    chosen.sort_by(|a, b| order(a, b).then_with(|| by_name(a, b)));
    if !matches!(query.get("direction"), "" | "asc") {
        chosen.reverse();
    }
    page(&chosen, query, |out, certificate| certificate.write(out, now))
}

/// The certificate with a fingerprint.
pub(crate) fn one(certificates: &[Certificate], name: &str, now: i64) -> Answer {
    match certificates.iter().find(|certificate| certificate.name == name) {
        Some(certificate) => {
            let mut out = Vec::new();
            certificate.write(&mut out, now);
            Answer::json(out)
        }
        None => Answer::error(StatusCode::NOT_FOUND, &format!("certificate not found: {name}")),
    }
}

fn last(name: &X509Name<'_>, find: impl FnOnce(&X509Name<'_>) -> Option<String>) -> String {
    find(name).unwrap_or_default()
}

fn text(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> Option<String> {
    attribute.as_str().ok().map(str::to_owned)
}

/// DNS names and addresses, sorted.
fn sans(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|extension| &extension.value.general_names);
    let mut sans: Vec<String> = names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match bytes.len() {
                4 => {
                    <[u8; 4]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv4Addr::from(bytes).to_string())
                }
                _ => {
                    <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())
                }
            },
            _ => None,
        })
        .collect();
    sans.sort();
    sans
}

fn key(certificate: &X509Certificate<'_>) -> (&'static str, i64) {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => ("RSA", i64::try_from(key.key_size()).unwrap_or_default()),
        Ok(PublicKey::EC(_)) => {
            // The size is that of the curve, not that of the point.
            let parameters = certificate.public_key().algorithm.parameters.as_ref();
            let curve = parameters.and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
            let size = match curve.as_deref() {
                Some("1.2.840.10045.3.1.7") => 256,
                Some("1.3.132.0.34") => 384,
                Some("1.3.132.0.35") => 521,
                Some("1.3.132.0.33") => 224,
                _ => 0,
            };
            ("ECDSA", size)
        }
        _ => ("Unknown", 0),
    }
}

/// Go's names of signature algorithms.
fn algorithm(oid: &str) -> &'static str {
    match oid {
        "1.2.840.113549.1.1.4" => "MD5-RSA",
        "1.2.840.113549.1.1.5" => "SHA1-RSA",
        "1.2.840.113549.1.1.11" => "SHA256-RSA",
        "1.2.840.113549.1.1.12" => "SHA384-RSA",
        "1.2.840.113549.1.1.13" => "SHA512-RSA",
        "1.2.840.113549.1.1.10" => "SHA256-RSAPSS",
        "1.2.840.10045.4.1" => "ECDSA-SHA1",
        "1.2.840.10045.4.3.2" => "ECDSA-SHA256",
        "1.2.840.10045.4.3.3" => "ECDSA-SHA384",
        "1.2.840.10045.4.3.4" => "ECDSA-SHA512",
        "1.3.101.112" => "Ed25519",
        _ => "0",
    }
}

/// RFC 3339.
fn time(time: ASN1Time) -> String {
    let time = time.to_datetime();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600;
    /// 2030-01-01.
    const END: i64 = 1_893_456_000;

    fn certificate(name: &str) -> Certificate {
        let names = vec![format!("www.{name}"), name.to_owned(), "10.0.0.1".to_owned()];
        let mut parameters = rcgen::CertificateParams::new(names).expect("names");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        parameters.serial_number = Some(vec![1, 0].into());
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 2);
        parameters.not_after = rcgen::date_time_ymd(2030, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        Certificate::of(parameters.self_signed(&key).expect("a certificate").der()).expect("it is read")
    }

    #[test]
    fn a_certificate_is_shown_as_traefik_does() {
        let certificate = certificate("a.test");
        let answer = one(std::slice::from_ref(&certificate), &certificate.name, END - 31 * DAY);
        let body = String::from_utf8(answer.body.to_vec()).expect("UTF-8");
        let fingerprint = &certificate.name;
        for expected in [
            format!(
                r#"{{"name":"{fingerprint}","sans":["10.0.0.1","a.test","www.a.test"],"notAfter":"2030-01-01T00:00:00Z","notBefore":"2020-01-02T00:00:00Z","serialNumber":"256","commonName":"a.test","issuerCN":"a.test","version":"v3","keyType":"ECDSA","keySize":256,"signatureAlgorithm":"ECDSA-SHA256","certFingerprint":"{fingerprint}","#
            ),
            r#","status":"enabled"}"#.to_owned(),
        ] {
            assert!(body.contains(&expected), "{expected} in {body}");
        }
        assert_eq!(one(&[certificate], "00", 0).status, StatusCode::NOT_FOUND);
        assert!(Certificate::of(b"no certificate").is_none());
    }

    #[test]
    fn the_status_follows_from_the_time() {
        let certificate = certificate("a.test");
        for (left, status) in [(31 * DAY, "enabled"), (29 * DAY, "warning"), (0, "warning"), (-1, "expired")]
        {
            assert_eq!(certificate.status(END - left), status, "{left}");
        }
    }

    #[test]
    fn certificates_are_looked_for_and_sorted() {
        let all_of_them = [certificate("b.test"), certificate("a.test"), certificate("c.test")];
        for (query, expected) in [
            ("", "a.test b.test c.test"),
            ("direction=desc", "c.test b.test a.test"),
            ("search=WWW.b", "b.test"),
            ("status=expired", ""),
            ("sortBy=issuer", "a.test b.test c.test"),
        ] {
            let body = all(&all_of_them, &Query::parse(query), END - 31 * DAY).body;
            let body = String::from_utf8(body.to_vec()).expect("UTF-8");
            let names = body.split("\"commonName\":\"").skip(1).filter_map(|rest| rest.split('"').next());
            assert_eq!(names.collect::<Vec<_>>().join(" "), expected, "{query}");
        }
    }
}
