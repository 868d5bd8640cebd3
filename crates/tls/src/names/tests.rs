use super::*;

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Versions that are left, or the error; and how many warnings there are.
fn check_versions(min: &str, max: &str, expected: &str, warned: usize) {
    let mut warnings = Vec::new();
    let seen = match versions(min, max, &mut warnings) {
        Ok(versions) => versions.iter().map(|one| version(Some(one.version))).collect::<Vec<_>>().join(" "),
        Err(error) => error,
    };
    assert_eq!((&*seen, warnings.len()), (expected, warned), "{min:?} {max:?}");
}

#[test]
fn versions_are_named_as_in_go() {
    check_versions("", "", "1.2 1.3", 0);
    check_versions("VersionTLS12", "", "1.2 1.3", 0);
    check_versions("VersionTLS13", "", "1.3", 0);
    check_versions("", "VersionTLS12", "1.2", 0);
    check_versions("VersionTLS10", "", "1.2 1.3", 1);
    check_versions("VersionTLS11", "VersionTLS12", "1.2", 1);
    check_versions("TLS1.3", "nonsense", "1.2 1.3", 0);
    check_versions(
        "VersionTLS13",
        "VersionTLS12",
        "minVersion VersionTLS13 is above maxVersion VersionTLS12",
        0,
    );
    let error = "maxVersion VersionTLS11 is not supported: expected VersionTLS12 or VersionTLS13";
    check_versions("", "VersionTLS11", error, 0);
}

/// Suites of TLS 1.2 and curves that are left, or the error; and the warnings.
fn check(suites: &[&str], curves: &[&str], max: &str, expected: &str, warned: &[&str]) {
    let mut warnings = Vec::new();
    let mut left = versions("", max, &mut warnings).unwrap();
    let seen = match provider(&strings(suites), &strings(curves), &mut left, &mut warnings) {
        Ok(provider) => {
            let twelve = provider.cipher_suites.iter().filter(|one| one.tls13().is_none());
            let suites: Vec<_> = twelve.map(|one| suite(Some(*one))).collect();
            let groups: Vec<_> =
                provider.kx_groups.iter().map(|group| format!("{:?}", group.name())).collect();
            format!("{} / {} / {}", suites.join(" "), groups.join(" "), left.len())
        }
        Err(error) => error,
    };
    assert_eq!(seen, expected);
    assert_eq!(warnings, warned);
}

#[test]
fn suites_and_curves_are_named_as_in_go() {
    const RSA_128: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    const RSA_256: &str = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
    const GROUPS: &str = "X25519MLKEM768 X25519 secp256r1 secp384r1";
    let left = |suites: &str, versions: u8| format!("{suites} / {GROUPS} / {versions}");
    let all: Vec<_> = SUITES_12.iter().map(|(name, _)| *name).collect();
    check(&[], &[], "", &left(&all.join(" "), 2), &[]);
    // The order is ours.
    check(&[RSA_256, RSA_128], &[], "", &left(&format!("{RSA_128} {RSA_256}"), 2), &[]);
    let chacha = left("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 2);
    check(&["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"], &[], "", &chacha, &[]);
    let warning = "cipher suite TLS_RSA_WITH_AES_128_CBC_SHA is not supported and left out";
    check(&[CBC, RSA_128], &[], "", &left(RSA_128, 2), &[warning]);
    let only = "cipherSuites has no suite that is supported for TLS 1.2: only TLS 1.3 is left";
    check(&[CBC], &[], "", &left("", 1), &[warning, only]);
    check(&["TLS_AES_128_GCM_SHA256"], &[], "", &left("", 1), &[only]);
    let none = format!("cipherSuites has no suite that is supported: expected one of {}", all.join(", "));
    check(&[CBC], &[], "VersionTLS12", &none, &[warning]);
    check(&["nope"], &[], "", "invalid CipherSuite: nope", &[]);

    let curves = |groups: &str| format!("{RSA_128} / {groups} / 2");
    check(&[RSA_128], &["secp384r1", "X25519"], "", &curves("X25519 secp384r1"), &[]);
    let dropped = "curve CurveP521 is not supported and left out";
    check(&[RSA_128], &["CurveP521", "CurveP384"], "", &curves("secp384r1"), &[dropped]);
    let none = "curvePreferences has no curve that is supported: expected one of X25519MLKEM768, \
                SecP256r1MLKEM768, X25519, CurveP256, CurveP384";
    check(&[RSA_128], &["CurveP521"], "", none, &[dropped]);
    check(
        &[RSA_128],
        &["secp521r1", "SecP384r1MLKEM1024"],
        "",
        none,
        &[
            "curve secp521r1 is not supported and left out",
            "curve SecP384r1MLKEM1024 is not supported and left out",
        ],
    );
    check(&[RSA_128], &["P256"], "", "invalid CurveID in curvePreferences: P256", &[]);
    let hybrids = curves("X25519MLKEM768 secp256r1MLKEM768");
    check(&[RSA_128], &["secp256r1mlkem768", "X25519MLKEM768"], "", &hybrids, &[]);
}
