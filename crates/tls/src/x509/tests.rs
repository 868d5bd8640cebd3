use rcgen::{CustomExtension, DnType, DnValue};

use super::*;
use crate::testing::{params, sign_self};

/// The subject with these attributes in this order.
fn check(attributes: &[(DnType, &str)], expected: &str) {
    let mut params = params(&[]);
    for (kind, value) in attributes {
        params.distinguished_name.push(kind.clone(), DnValue::Utf8String((*value).to_owned()));
    }
    assert_eq!(go_name(&sign_self(&params).der()).unwrap(), expected);
}

#[test]
fn subjects_are_written_as_go_does() {
    use DnType::{
        CommonName, CountryName, LocalityName, OrganizationName, OrganizationalUnitName, StateOrProvinceName,
    };
    check(&[], "");
    check(&[(CommonName, "client")], "CN=client");
    check(
        &[
            (CommonName, "c"),
            (CountryName, "DE"),
            (StateOrProvinceName, "s"),
            (LocalityName, "l"),
            (OrganizationName, "o"),
            (OrganizationalUnitName, "u"),
            (DnType::CustomDnType(vec![2, 5, 4, 5]), "7"),
        ],
        "SERIALNUMBER=7,CN=c,ST=s,L=l,OU=u,O=o,C=DE",
    );
    check(&[(CommonName, r#" #a,b+c"d\e<f>g;h "#)], r#"CN=\ #a\,b\+c\"d\\e\<f\>g\;h\ "#);
    check(&[(CommonName, "#a#")], r"CN=\#a#");
    // What Go has no name for comes last, as the DER of a string: printable, or UTF-8.
    let component = DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 25]);
    let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
    check(
        &[(email, "a@b"), (component, "example"), (CommonName, "c")],
        "CN=c,0.9.2342.19200300.100.1.25=#13076578616d706c65,1.2.840.113549.1.9.1=#0c03614062",
    );
    let long = DnType::CustomDnType(vec![1, 2, 3]);
    check(&[(long, &"a".repeat(200))], &format!("1.2.3=#1381c8{}", "61".repeat(200)));
}

#[test]
fn several_values_of_one_kind_are_joined() {
    // Two organizational units in sets of their own: SEQUENCE { SET { OU=b }, SET { OU=a }, SET { CN=x }, SET { CN=y } }.
    let set = |oid: u8, value: &[u8]| {
        [&[0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, oid, 0x0c, 1][..], value].concat()
    };
    let sets = [set(11, b"b"), set(11, b"a"), set(3, b"x"), set(3, b"y")].concat();
    let der = [&[0x30, u8::try_from(sets.len()).unwrap()][..], &sets].concat();
    let (_, name) = X509Name::from_der(&der).unwrap();
    assert_eq!(format_name(&name), "CN=y,OU=b+OU=a");
}

#[test]
fn what_is_no_certificate_has_no_name() {
    let der = sign_self(&params(&["a.test"])).der();
    assert!(go_name(&der).is_some());
    for bytes in [&b""[..], b"garbage", &der[..der.len() - 1], &[&der[..], b"x"].concat()] {
        assert_eq!(go_name(bytes), None);
    }
    // An extension that is not what it says is no reason to fail.
    let mut odd = params(&["a.test"]);
    odd.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 19], vec![1, 2, 3]));
    assert!(go_name(&sign_self(&odd).der()).is_some());
}

#[test]
fn details() {
    let mut params = params(&["b.test", "*.a.test", "10.0.0.1", "2001:db8::1", "uri:spiffe://a/b", "cn:c"]);
    params.subject_alt_names.push(rcgen::SanType::Rfc822Name("a@b.test".try_into().unwrap()));
    params.distinguished_name.push(DnType::OrganizationName, "o");
    params.serial_number = Some(vec![1, 0, 0, 0, 0, 0, 0, 0, 0].into());
    (params.not_before, params.not_after) =
        (rcgen::date_time_ymd(1960, 1, 1), rcgen::date_time_ymd(2100, 1, 1));
    let der = sign_self(&params).der();
    let details = CertificateDetails::of(&der).unwrap();
    assert_eq!(details.subject, details.issuer);
    let name = &details.subject;
    assert_eq!(
        (name.value("2.5.4.3"), name.value("2.5.4.10"), name.value("2.5.4.6")),
        (Some("c"), Some("o"), None)
    );
    assert_eq!(details.serial_number, "18446744073709551616");
    assert_eq!((details.not_before, details.not_after), (-315_619_200, 4_102_444_800));
    assert_eq!(details.dns_names, ["b.test", "*.a.test"]);
    assert_eq!(details.email_addresses, ["a@b.test"]);
    assert_eq!(
        details.ip_addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["10.0.0.1", "2001:db8::1"]
    );
    assert_eq!(details.uris, ["spiffe://a/b"]);
    for bytes in [&b""[..], b"garbage", &der[..der.len() - 1], &[&der[..], b"x"].concat()] {
        assert!(CertificateDetails::of(bytes).is_err());
    }
}

#[test]
fn attributes_that_occur_several_times() {
    let name = Name(
        [("2.5.4.11", "b"), ("2.5.4.3", "x"), ("2.5.4.11", "a"), ("2.5.4.3", "")]
            .map(|(oid, value)| (oid.to_owned(), value.to_owned()))
            .to_vec(),
    );
    assert_eq!(name.values("2.5.4.11").collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(name.value("2.5.4.3"), Some(""));
    assert_eq!(name.values("2.5.4").count(), 0);
}
