//! Numbers of TLS and their names (IANA).

/// Cipher suites.
pub(super) const CIPHERS: [(&str, u16); 22] = [
    ("TLS_AES_128_GCM_SHA256", 0x1301),
    ("TLS_AES_256_GCM_SHA384", 0x1302),
    ("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0xc027),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035),
    ("TLS_RSA_WITH_AES_128_CBC_SHA256", 0x003c),
    ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x000a),
    ("TLS_RSA_WITH_RC4_128_SHA", 0x0005),
    ("TLS_FALLBACK_SCSV", 0x5600),
];

/// Groups for the key exchange.
pub(super) const GROUPS: [(&str, u16); 5] =
    [("secp256r1", 23), ("secp384r1", 24), ("secp521r1", 25), ("x25519", 29), ("X25519MLKEM768", 4588)];

/// Versions.
pub(super) const VERSIONS: [(&str, u16); 5] =
    [("ssl3", 0x0300), ("1.0", 0x0301), ("1.1", 0x0302), ("1.2", 0x0303), ("1.3", 0x0304)];

/// Alerts.
const ALERTS: [(&str, u16); 21] = [
    ("close_notify", 0),
    ("unexpected_message", 10),
    ("bad_record_mac", 20),
    ("record_overflow", 22),
    ("handshake_failure", 40),
    ("bad_certificate", 42),
    ("unsupported_certificate", 43),
    ("certificate_expired", 45),
    ("certificate_unknown", 46),
    ("illegal_parameter", 47),
    ("unknown_ca", 48),
    ("access_denied", 49),
    ("decode_error", 50),
    ("protocol_version", 70),
    ("insufficient_security", 71),
    ("internal_error", 80),
    ("inappropriate_fallback", 86),
    ("missing_extension", 109),
    ("unrecognized_name", 112),
    ("certificate_required", 116),
    ("no_application_protocol", 120),
];

/// The number of a name, or the error that there is none.
pub(super) fn number(table: &[(&str, u16)], name: &str) -> Result<u16, String> {
    let found = table.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, number)| *number)
        .ok_or_else(|| format!("{name:?} is not a name of TLS that is known here"))
}

/// The name of a number, or the number itself.
pub(super) fn name(table: &[(&str, u16)], number: u16) -> String {
    let found = table.iter().find(|(_, known)| *known == number);
    found.map_or_else(|| format!("{number:#06x}"), |(name, _)| (*name).to_owned())
}

/// The name of an alert.
pub(super) fn alert(number: u8) -> String {
    name(&ALERTS, number.into())
}
