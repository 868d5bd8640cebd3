//! Versions, cipher suites and curves by the names that Go gives them (specification section 5.2).
//!
//! rustls has no TLS 1.0 and 1.1, no CBC, RC4 and 3DES suites, no key exchange by RSA, and not all
//! curves. Names that only Go knows are left out with a warning as long as something is left: what is left
//! was allowed by the user too.

use rustls::crypto::aws_lc_rs::{cipher_suite, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::version::{TLS12, TLS13};
use rustls::{CipherSuite, ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion};

use crate::PROVIDER;

/// Suites of TLS 1.3, which cannot be chosen, in Go's order of preference.
const SUITES_13: [SupportedCipherSuite; 3] = [
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
];

/// Suites of TLS 1.2 in Go's order of preference, which is not the order in the options.
const SUITES_12: [(&str, SupportedCipherSuite); 6] = [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    (
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
    (
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
];

/// Other names that Go has for them.
const SUITE_ALIASES: [(&str, &str); 2] = [
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
];

/// Suites that Go has, and rustls has not.
const SUITES_OF_GO_ONLY: [&str; 16] = [
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
];

/// Names that may stand among the suites of TLS 1.2 without any effect.
const SUITES_WITHOUT_EFFECT: [&str; 4] =
    ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_FALLBACK_SCSV"];

/// Curves by both of their names; none where rustls lacks it. The order is the order of preference.
const CURVES: [(&str, &str, Option<&dyn SupportedKxGroup>); 7] = [
    ("X25519MLKEM768", "x25519mlkem768", Some(kx_group::X25519MLKEM768)),
    ("SecP256r1MLKEM768", "secp256r1mlkem768", Some(kx_group::SECP256R1MLKEM768)),
    ("SecP384r1MLKEM1024", "secp384r1mlkem1024", None),
    ("X25519", "x25519", Some(kx_group::X25519)),
    ("CurveP256", "secp256r1", Some(kx_group::SECP256R1)),
    ("CurveP384", "secp384r1", Some(kx_group::SECP384R1)),
    ("CurveP521", "secp521r1", None),
];

/// Curves where the options name none.
const DEFAULT_CURVES: [&dyn SupportedKxGroup; 4] =
    [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];

/// The lowest and the highest of the versions between two names; an unknown name sets no bound.
pub(crate) fn versions(
    min: &str,
    max: &str,
    warnings: &mut Vec<String>,
) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let (lowest, highest) = (number(min).unwrap_or(12), number(max).unwrap_or(13));
    if lowest < 12 {
        warnings.push(format!("minVersion {min} is not supported, TLS 1.2 is the lowest version"));
    }
    if highest < 12 {
        return Err(format!("maxVersion {max} is not supported: expected VersionTLS12 or VersionTLS13"));
    }
    if lowest > highest {
        return Err(format!("minVersion {min} is above maxVersion {max}"));
    }
    let all = [(12, &TLS12), (13, &TLS13)];
    Ok(all
        .into_iter()
        .filter(|(one, _)| (lowest..=highest).contains(one))
        .map(|(_, version)| version)
        .collect())
}

fn number(name: &str) -> Option<u8> {
    match name {
        "VersionTLS10" => Some(10),
        "VersionTLS11" => Some(11),
        "VersionTLS12" => Some(12),
        "VersionTLS13" => Some(13),
        _ => None,
    }
}

/// The cryptography that options allow, and the versions of it that are left.
pub(crate) fn provider(
    suites: &[String],
    curves: &[String],
    versions: &mut Vec<&'static SupportedProtocolVersion>,
    warnings: &mut Vec<String>,
) -> Result<CryptoProvider, String> {
    let chosen = suites_12(suites, warnings)?;
    if chosen.is_empty() {
        versions.retain(|version| version.version == ProtocolVersion::TLSv1_3);
        if versions.is_empty() {
            let known: Vec<&str> = SUITES_12.iter().map(|(name, _)| *name).collect();
            return Err(format!(
                "cipherSuites has no suite that is supported: expected one of {}",
                known.join(", ")
            ));
        }
        warnings
            .push("cipherSuites has no suite that is supported for TLS 1.2: only TLS 1.3 is left".to_owned());
    }
    let cipher_suites = SUITES_13.into_iter().chain(chosen).collect();
    Ok(CryptoProvider {
        cipher_suites,
        kx_groups: groups(curves, warnings)?,
        ..CryptoProvider::clone(&PROVIDER)
    })
}

fn suites_12(names: &[String], warnings: &mut Vec<String>) -> Result<Vec<SupportedCipherSuite>, String> {
    let mut wanted = Vec::new();
    for name in names {
        let name =
            SUITE_ALIASES.iter().find(|(alias, _)| alias == name).map_or(name.as_str(), |(_, name)| name);
        if SUITES_12.iter().any(|(known, _)| *known == name) {
            wanted.push(name);
        } else if SUITES_OF_GO_ONLY.contains(&name) {
            warnings.push(format!("cipher suite {name} is not supported and left out"));
        } else if !SUITES_WITHOUT_EFFECT.contains(&name) {
            return Err(format!("invalid CipherSuite: {name}"));
        }
    }
    let chosen = SUITES_12.iter().filter(|(name, _)| names.is_empty() || wanted.contains(name));
    Ok(chosen.map(|(_, suite)| *suite).collect())
}

fn groups(
    names: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<&'static dyn SupportedKxGroup>, String> {
    if names.is_empty() {
        return Ok(DEFAULT_CURVES.to_vec());
    }
    for name in names {
        match CURVES.iter().find(|(go, other, _)| go == name || other == name) {
            Some((_, _, Some(_))) => {}
            Some(_) => warnings.push(format!("curve {name} is not supported and left out")),
            None => return Err(format!("invalid CurveID in curvePreferences: {name}")),
        }
    }
    let chosen = CURVES.iter().filter(|(go, other, _)| names.iter().any(|name| name == go || name == other));
    let groups: Vec<_> = chosen.filter_map(|(_, _, group)| *group).collect();
    if groups.is_empty() {
        let known = CURVES.iter().filter_map(|(name, _, group)| group.map(|_| *name));
        return Err(format!(
            "curvePreferences has no curve that is supported: expected one of {}",
            known.collect::<Vec<_>>().join(", ")
        ));
    }
    Ok(groups)
}

/// The version as logs show it.
pub(crate) fn version(version: Option<ProtocolVersion>) -> &'static str {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "1.3",
        _ => "1.2",
    }
}

/// The suite by its IANA name.
pub(crate) fn suite(suite: Option<SupportedCipherSuite>) -> &'static str {
    match suite.map(|suite| suite.suite()) {
        Some(CipherSuite::TLS13_AES_128_GCM_SHA256) => "TLS_AES_128_GCM_SHA256",
        Some(CipherSuite::TLS13_AES_256_GCM_SHA384) => "TLS_AES_256_GCM_SHA384",
        Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256) => "TLS_CHACHA20_POLY1305_SHA256",
        Some(other) => {
            let known = SUITES_12.iter().find(|(_, suite)| suite.suite() == other);
            known.map_or("", |(name, _)| name)
        }
        None => "",
    }
}

#[cfg(test)]
mod tests;
