use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rcgen::{CustomExtension, ExtendedKeyUsagePurpose, KeyPair, SigningKey as _};
use rustls::pki_types::CertificateDer;
use sha1::{Digest as _, Sha1};
use yasna::models::ObjectIdentifier;
use yasna::tags::{TAG_ENUM, TAG_GENERALIZEDTIME, TAG_INTEGER};
use yasna::{DERWriter, Tag};

use super::*;
use crate::testing::{Authority, Pair, params};
use crate::x509;

/// 2026-01-01 12:00:00, when responses are looked at here.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800)
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// The extension that names responders.
fn access(urls: &[&str]) -> CustomExtension {
    let content = yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            for url in urls {
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(&ObjectIdentifier::from_slice(&[1, 3, 6, 1, 5, 5, 7, 48, 1]));
                    let url = url.as_bytes();
                    writer.next().write_tagged_implicit(Tag::context(6), |writer| writer.write_bytes(url));
                });
            }
        });
    });
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], content)
}

fn certificate(pair: &Pair) -> CertificateDer<'static> {
    pair.der().into()
}

fn key(pair: &Pair) -> KeyPair {
    KeyPair::from_pem(&pair.key.0).unwrap()
}

/// An authority, a certificate of its, and all that a response can say.
struct Scene {
    authority: Authority,
    leaf: Pair,
    subject: Subject,
}

impl Scene {
    fn new() -> Self {
        let authority = Authority::new("Issuer");
        let mut params = params(&["cn:leaf", "leaf.test"]);
        params.custom_extensions.push(access(&["http://ocsp.test/x"]));
        let leaf = authority.sign(&params);
        let chain = [certificate(&leaf), certificate(&authority.own)];
        let subject = Subject::of(&chain).unwrap().unwrap();
        Self { authority, leaf, subject }
    }

    /// A response as it should be.
    fn good(&self) -> Recipe {
        let (issuer, leaf) = (self.authority.own.der(), self.leaf.der());
        let (issuer, leaf) = (x509::parse(&issuer).unwrap(), x509::parse(&leaf).unwrap());
        Recipe {
            refusal: 0,
            kind: 1,
            hash: &[1, 3, 14, 3, 2, 26],
            issuer_name_hash: Sha1::digest(issuer.subject().as_raw()).to_vec(),
            issuer_key_hash: Sha1::digest(&issuer.public_key().subject_public_key.data).to_vec(),
            serial: leaf.raw_serial().to_vec(),
            status: Tag::context(0),
            this_update: "20260101100000Z",
            next_update: Some("20260102100000Z"),
            signer: key(&self.authority.own),
            certificates: Vec::new(),
            others_before: 0,
        }
    }

    /// A responder's certificate, of the authority's or another one's.
    fn delegate(authority: &Authority, usages: &[ExtendedKeyUsagePurpose], not_after: i32) -> Pair {
        let mut params = params(&["cn:Responder"]);
        params.extended_key_usages = usages.to_vec();
        params.not_after = rcgen::date_time_ymd(not_after, 1, 1);
        authority.sign(&params)
    }

    fn check(&self, response: &[u8]) -> Result<Statement, ResponseError> {
        self.subject.check(response, now())
    }
}

/// What a response is made of.
struct Recipe {
    refusal: u8,
    /// The last number of the identifier of its kind.
    kind: u64,
    hash: &'static [u64],
    issuer_name_hash: Vec<u8>,
    issuer_key_hash: Vec<u8>,
    serial: Vec<u8>,
    status: Tag,
    this_update: &'static str,
    next_update: Option<&'static str>,
    signer: KeyPair,
    certificates: Vec<Vec<u8>>,
    /// Statuses of other certificates that stand before.
    others_before: u8,
}

impl Recipe {
    fn data(&self) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                // The responder, by a hash of its key.
                writer.next().write_tagged(Tag::context(2), |writer| writer.write_bytes(&[7; 20]));
                write_time(writer.next(), "20260101110000Z");
                writer.next().write_sequence(|writer| {
                    for other in 1..=self.others_before {
                        self.write_status(writer.next(), &[other]);
                    }
                    self.write_status(writer.next(), &self.serial);
                });
            });
        })
    }

    fn write_status(&self, writer: DERWriter<'_>, serial: &[u8]) {
        writer.write_sequence(|writer| {
            writer.next().write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(&ObjectIdentifier::from_slice(self.hash));
                    writer.next().write_null();
                });
                writer.next().write_bytes(&self.issuer_name_hash);
                writer.next().write_bytes(&self.issuer_key_hash);
                writer.next().write_tagged_implicit(TAG_INTEGER, |writer| writer.write_bytes(serial));
            });
            match self.status.tag_number {
                1 => writer.next().write_tagged_implicit(self.status, |writer| {
                    writer.write_sequence(|writer| write_time(writer.next(), "20251231000000Z"));
                }),
                _ => writer.next().write_tagged_implicit(self.status, |writer| writer.write_null()),
            }
            write_time(writer.next(), self.this_update);
            if let Some(next) = self.next_update {
                writer.next().write_tagged(Tag::context(0), |writer| write_time(writer, next));
            }
        });
    }

    fn basic(&self) -> Vec<u8> {
        let data = self.data();
        let signature = self.signer.sign(&data).unwrap();
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_der(&data);
                // ecdsa-with-SHA256.
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(&ObjectIdentifier::from_slice(&[1, 2, 840, 10045, 4, 3, 2]));
                });
                writer.next().write_bitvec_bytes(&signature, signature.len() * 8);
                if !self.certificates.is_empty() {
                    writer.next().write_tagged(Tag::context(0), |writer| {
                        writer.write_sequence(|writer| {
                            self.certificates.iter().for_each(|der| writer.next().write_der(der));
                        });
                    });
                }
            });
        })
    }

    fn der(&self) -> Vec<u8> {
        self.around(&self.basic())
    }

    /// A response around what is said to be a basic one.
    fn around(&self, basic: &[u8]) -> Vec<u8> {
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                let refusal = [self.refusal];
                writer.next().write_tagged_implicit(TAG_ENUM, |writer| writer.write_bytes(&refusal));
                if self.refusal != 0 {
                    return;
                }
                writer.next().write_tagged(Tag::context(0), |writer| {
                    writer.write_sequence(|writer| {
                        let kind = [1, 3, 6, 1, 5, 5, 7, 48, 1, self.kind];
                        writer.next().write_oid(&ObjectIdentifier::from_slice(&kind));
                        writer.next().write_bytes(basic);
                    });
                });
            });
        })
    }
}

fn write_time(writer: DERWriter<'_>, time: &str) {
    writer.write_tagged_implicit(TAG_GENERALIZEDTIME, |writer| writer.write_bytes(time.as_bytes()));
}

#[test]
fn who_can_be_asked_for() {
    let authority = Authority::new("Issuer");
    let issue = |urls: &[&str]| {
        let mut params = params(&["cn:leaf", "leaf.test"]);
        if !urls.is_empty() {
            params.custom_extensions.push(access(urls));
        }
        certificate(&authority.sign(&params))
    };
    let (issuer, other) = (certificate(&authority.own), certificate(&Authority::new("Somebody else").own));
    let lacks = "CN=leaf names an OCSP responder, and its chain lacks the certificate of its issuer";
    let both = ["http://a.test", "http://b.test/c"];
    let own = {
        let mut params = params(&["own.test"]);
        params.custom_extensions.push(access(&["http://a.test"]));
        certificate(&crate::testing::sign_self(&params))
    };
    for (name, chain, expected) in [
        ("nothing", vec![], "nobody"),
        ("rubbish", vec![vec![1, 2, 3].into(), issuer.clone()], "nobody"),
        ("no responder", vec![issue(&[]), issuer.clone()], "nobody"),
        ("two responders", vec![issue(&both), issuer.clone()], "http://a.test http://b.test/c"),
        (
            "the issuer behind another",
            vec![issue(&both), other.clone(), issuer],
            "http://a.test http://b.test/c",
        ),
        ("no issuer", vec![issue(&both)], lacks),
        ("another in its place", vec![issue(&both), other], lacks),
    ] {
        let asked = match Subject::of(&chain) {
            Ok(subject) => subject.map_or("nobody".to_owned(), |subject| subject.responders().join(" ")),
            Err(error) => error,
        };
        assert_eq!(asked, expected, "{name}");
    }
    // One that signed itself is its own issuer, and without a subject it is called by its first name.
    assert_eq!(Subject::of(&[own]).unwrap().unwrap().name(), "own.test");
}

#[test]
fn the_request_is_the_one_of_openssl() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("leaf.pem"), &scene.leaf.cert.0).unwrap();
    std::fs::write(path("issuer.pem"), &scene.authority.own.cert.0).unwrap();
    let (leaf, issuer, out) = (path("leaf.pem"), path("issuer.pem"), path("request.der"));
    let args = ["ocsp", "-no_nonce", "-issuer", &issuer, "-cert", &leaf, "-reqout", &out];
    let Ok(status) = std::process::Command::new("openssl").args(args).status() else {
        eprintln!("skipped: there is no openssl");
        return;
    };
    assert!(status.success());
    assert_eq!(scene.subject.request(), std::fs::read(out).unwrap());
}

#[test]
fn what_is_said_of_a_certificate() {
    let scene = Scene::new();
    let ten = now() - hours(2);
    for (status, expected) in [(0, Status::Good), (1, Status::Revoked), (2, Status::Unknown)] {
        for (next, next_update) in [(Some("20260102100000Z"), Some(ten + hours(24))), (None, None)] {
            let recipe = Recipe { status: Tag::context(status), next_update: next, ..scene.good() };
            let expected = Statement { status: expected, this_update: ten, next_update };
            assert_eq!(scene.check(&recipe.der()), Ok(expected));
        }
    }
}

#[test]
fn what_is_believed() {
    let scene = Scene::new();
    let (ours, other) = (&scene.authority, Authority::new("Issuer"));
    let signing: &[_] = &[ExtendedKeyUsagePurpose::OcspSigning];
    let delegate = Scene::delegate(ours, signing, 2030);
    let expired = Scene::delegate(ours, signing, 2020);
    let unfit = Scene::delegate(ours, &[ExtendedKeyUsagePurpose::ServerAuth], 2030);
    let without_usage = Scene::delegate(ours, &[], 2030);
    let strange = Scene::delegate(&other, signing, 2030);
    let by = |pair: &Pair, certificates: &[&Pair]| Recipe {
        signer: key(pair),
        certificates: certificates.iter().map(|pair| pair.der()).collect(),
        ..scene.good()
    };
    let kind = |kind| Recipe { kind, ..scene.good() };
    let refusal = |refusal| Recipe { refusal, ..scene.good() };
    let times = |this_update, next_update| Recipe { this_update, next_update, ..scene.good() };
    use ResponseError::{Expired, Kind, Malformed as Bad, OtherCertificate, Refused, Signature, Time};
    let status = Bad(Malformed("the status of a response"));
    let table: [(&str, Recipe, Option<ResponseError>); 31] = [
        ("good", scene.good(), None),
        ("behind others", Recipe { others_before: 3, ..scene.good() }, None),
        ("refused: malformed", refusal(1), Some(Refused("malformed request"))),
        ("refused: internal", refusal(2), Some(Refused("internal error"))),
        ("refused: later", refusal(3), Some(Refused("try later"))),
        ("refused: what is not used", refusal(4), Some(status.clone())),
        ("refused: unsigned", refusal(5), Some(Refused("the request has to be signed"))),
        ("refused: unauthorized", refusal(6), Some(Refused("unauthorized"))),
        ("refused: what is not defined", refusal(7), Some(status)),
        ("another kind", kind(2), Some(Kind)),
        ("another serial number", Recipe { serial: vec![1], ..scene.good() }, Some(OtherCertificate)),
        ("another issuer", Recipe { issuer_name_hash: vec![0; 20], ..scene.good() }, Some(OtherCertificate)),
        ("another key", Recipe { issuer_key_hash: vec![0; 20], ..scene.good() }, Some(OtherCertificate)),
        ("another hash", Recipe { hash: &[1, 3, 14, 3, 2, 27], ..scene.good() }, Some(OtherCertificate)),
        (
            "no such status",
            Recipe { status: Tag::context(3), ..scene.good() },
            Some(Bad(Malformed("a status"))),
        ),
        ("signed by another issuer of the name", by(&other.own, &[]), Some(Signature)),
        ("the same, with its certificate", by(&other.own, &[&other.own]), Some(Signature)),
        ("signed by the certificate itself", by(&scene.leaf, &[&scene.leaf]), Some(Signature)),
        ("signed by a delegate", by(&delegate, &[&delegate]), None),
        ("a delegate behind another certificate", by(&delegate, &[&unfit, &delegate]), None),
        (
            "a delegate behind too many",
            by(&delegate, &[&unfit, &unfit, &unfit, &unfit, &delegate]),
            Some(Signature),
        ),
        ("a delegate without certificate", by(&delegate, &[]), Some(Signature)),
        ("another delegate's certificate", by(&unfit, &[&delegate]), Some(Signature)),
        ("a delegate for servers", by(&unfit, &[&unfit]), Some(Signature)),
        ("a delegate for nothing", by(&without_usage, &[&without_usage]), Some(Signature)),
        ("a delegate of yore", by(&expired, &[&expired]), Some(Signature)),
        ("a delegate of another issuer", by(&strange, &[&strange]), Some(Signature)),
        ("expired this second", times("20260101100000Z", Some("20260101120000Z")), Some(Expired)),
        ("a clock that is ahead", times("20260101120459Z", Some("20260102100000Z")), None),
        ("from the future", times("20260101120501Z", Some("20260102100000Z")), Some(Time)),
        ("ends before it begins", times("20260101110000Z", Some("20260101100000Z")), Some(Time)),
    ];
    for (name, recipe, expected) in table {
        assert_eq!(scene.check(&recipe.der()).err(), expected, "{name}");
    }
}

#[test]
fn what_is_no_response() {
    let scene = Scene::new();
    let recipe = scene.good();
    let (der, basic) = (recipe.der(), recipe.basic());
    let malformed = |words| Some(ResponseError::Malformed(Malformed(words)));
    // A signature over other bytes: the last one is the signature's.
    let mut forged = der.clone();
    *forged.last_mut().unwrap() ^= 1;
    // Indefinite length, which is BER.
    let indefinite = [&[0x30, 0x80, 0x0a, 1, 0][..], &[0, 0]].concat();
    let inner_end = [&basic[..], &[5, 0]].concat();
    let table: [(&str, Vec<u8>, Option<ResponseError>); 10] = [
        ("as it is", der.clone(), None),
        ("nothing", vec![], malformed("a response")),
        ("text", b"<html>not found</html>".to_vec(), malformed("a response")),
        ("a byte behind", [&der[..], &[0]].concat(), malformed("the end of the response")),
        ("twice", [&der[..], &der[..]].concat(), malformed("the end of the response")),
        ("success without a response", vec![0x30, 3, 0x0a, 1, 0], malformed("response bytes")),
        ("indefinite length", indefinite, malformed("a response")),
        (
            "something behind the basic response",
            recipe.around(&inner_end),
            malformed("the end of a basic response"),
        ),
        ("rubbish for the basic response", recipe.around(&[4, 1, 1]), malformed("a basic response")),
        ("forged", forged, Some(ResponseError::Signature)),
    ];
    for (name, bytes, expected) in table {
        assert_eq!(scene.check(&bytes).err(), expected, "{name}");
    }
    for length in 0..der.len() {
        assert!(scene.check(&der[..length]).is_err(), "{length} bytes of {}", der.len());
    }
}

/// Each byte that is changed is noticed: by the structure, or by the signature.
#[test]
fn no_byte_can_be_changed() {
    let scene = Scene::new();
    let der = scene.good().der();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 0x21;
        assert!(scene.check(&changed).is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let scene = std::cell::LazyCell::new(Scene::new);
        prop_assert!(scene.check(&bytes).is_err());
    }

    /// What is almost a response is refused or says what the response says; it never panics.
    #[test]
    fn almost_responses_are_read(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)) {
        thread_local! {
            static SCENE: (Scene, Vec<u8>) = {
                let scene = Scene::new();
                let delegate = Scene::delegate(&scene.authority, &[ExtendedKeyUsagePurpose::OcspSigning], 2030);
                let recipe = Recipe { signer: key(&delegate), certificates: vec![delegate.der()], ..scene.good() };
                let der = recipe.der();
                (scene, der)
            };
        }
        SCENE.with(|(scene, der)| {
            let mut changed = der.clone();
            for (at, value) in changes {
                let at = at % changed.len();
                changed[at] = value;
            }
            if let Ok(statement) = scene.check(&changed) {
                prop_assert_eq!(statement.status, Status::Good);
            }
            Ok(())
        })?;
    }
}
