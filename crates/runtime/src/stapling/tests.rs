use std::time::Duration;

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::StoredCertificate;
use ferroway_tls::Files;
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;

/// An authority that has responders.
pub(super) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Issuer");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { params, key, pem }
    }

    /// A certificate for a name that names these responders, with the authority's behind it.
    pub(super) fn issue(&self, name: &str, responders: &[String]) -> StoredCertificate {
        let mut stored = self.issue_alone(name, responders);
        stored.cert_file.0.push_str(&self.pem);
        stored
    }

    /// The same without the authority's.
    fn issue_alone(&self, name: &str, responders: &[String]) -> StoredCertificate {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        if !responders.is_empty() {
            params.custom_extensions.push(access(responders));
        }
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let cert_file = FileOrContent(params.signed_by(&key, &issuer).unwrap().pem());
        let key_file = FileOrContent(key.serialize_pem());
        StoredCertificate { cert_file, key_file, ..StoredCertificate::default() }
    }
}

/// The extension `authorityInfoAccess`.
fn access(responders: &[String]) -> CustomExtension {
    let tlv = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap();
        assert!(length < 0x80, "a short form is enough here");
        [&[tag, length], content].concat()
    };
    let ocsp = tlv(6, &[0x2b, 6, 1, 5, 5, 7, 48, 1]);
    let one = |url: &String| tlv(0x30, &[&ocsp[..], &tlv(0x86, url.as_bytes())].concat());
    let all: Vec<u8> = responders.iter().flat_map(one).collect();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(0x30, &all))
}

pub(super) fn load(stored: &[StoredCertificate]) -> Certificates {
    let (certificates, problems) = Certificates::load(stored, &Arc::default(), &Files::default(), None);
    assert_eq!(problems, []);
    certificates
}

fn stapling() -> Stapling {
    Stapling::new(&Ocsp::default())
}

fn url() -> Vec<String> {
    vec!["http://127.0.0.1:1/".to_owned()]
}

#[test]
fn staples_outlive_reloads_as_long_as_the_certificate_is_there() {
    let (authority, mut stapling) = (Authority::new(), stapling());
    let (one, two) = (authority.issue("one.test", &url()), authority.issue("two.test", &url()));
    let plain = authority.issue("plain.test", &[]);
    let first = load(&[one.clone(), two.clone(), plain.clone()]);
    let followed = stapling.follow(&first);
    assert_eq!((followed.tasks.len(), followed.warnings), (2, vec![]));
    first.find("one.test").unwrap().staple(Some(b"one"));
    first.find("two.test").unwrap().staple(Some(b"two"));

    // All of them are read anew, and one is gone.
    let second = load(&[one.clone(), plain]);
    assert_eq!(second.find("one.test").unwrap().stapled(), None);
    assert_eq!(stapling.follow(&second).tasks.len(), 0);
    assert_eq!(second.find("one.test").unwrap().stapled().as_deref(), Some(&b"one"[..]));
    assert_eq!(second.find("plain.test").unwrap().stapled(), None);

    // It comes back, and is not remembered; the other one is renewed, so that it is another one.
    let third = load(&[authority.issue("one.test", &url()), two]);
    assert_eq!(stapling.follow(&third).tasks.len(), 2);
    assert_eq!(third.all().filter_map(|served| served.stapled()).count(), 0);
}

#[test]
fn one_certificate_in_two_places_is_asked_for_once() {
    let (authority, mut stapling) = (Authority::new(), stapling());
    let one = authority.issue("one.test", &url());
    // Read from two places, with something more behind it in the second.
    let (pair, other) = (one.clone(), Authority::new());
    let longer = format!("{}{}", one.cert_file.0, other.pem);
    let store = ferroway_config::dynamic::TlsStore {
        default_certificate: Some(ferroway_config::dynamic::Certificate {
            cert_file: FileOrContent(longer),
            key_file: one.key_file,
        }),
        ..Default::default()
    };
    let (certificates, _) = Certificates::load([pair], &Arc::new(store), &Files::default(), None);
    assert_eq!(stapling.follow(&certificates).tasks.len(), 1);
    // What comes for one is stapled to both.
    let entry = stapling.entries.values().next().unwrap();
    certificates.find("one.test").unwrap().staple(Some(b"one"));
    entry.serve(certificates.all().cloned().collect());
    assert_eq!(certificates.default_certificate().unwrap().stapled().as_deref(), Some(&b"one"[..]));
}

#[test]
fn who_cannot_be_asked_for_is_told() {
    let (authority, mut stapling) = (Authority::new(), stapling());
    let followed = stapling.follow(&load(&[authority.issue_alone("one.test", &url())]));
    assert_eq!(followed.tasks.len(), 0);
    let expected = "CN=one.test names an OCSP responder, and its chain lacks the certificate of its issuer";
    assert_eq!(followed.warnings, [expected]);
}

#[tokio::test]
async fn not_all_are_asked_for_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let responder = vec![format!("http://{}/", listener.local_addr().unwrap())];
    let (authority, mut stapling) = (Authority::new(), stapling());
    let all: Vec<_> =
        (0..AT_ONCE + 2).map(|number| authority.issue(&format!("{number}.test"), &responder)).collect();
    let certificates = load(&all);
    let tasks = stapling.follow(&certificates).tasks;
    let local = tokio::task::LocalSet::new();
    for task in tasks {
        local.spawn_local(task);
    }
    let watch = async {
        let mut open = Vec::new();
        for _ in 0..AT_ONCE {
            open.push(listener.accept().await.unwrap().0);
        }
        let one_more = tokio::time::timeout(Duration::from_millis(200), listener.accept());
        assert!(one_more.await.is_err(), "one more is asked for");
        // A responder that is of no use makes room for the next.
        drop(open.pop());
        let (mut next, _) = listener.accept().await.unwrap();
        assert_ne!(next.read_u8().await.unwrap(), 0);
    };
    local.run_until(async { tokio::time::timeout(Duration::from_secs(9), watch).await.unwrap() }).await;
}
