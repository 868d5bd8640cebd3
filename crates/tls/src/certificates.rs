//! The certificates of the default store, and which of them a client gets (specification section 5.3).

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::{Certificate, StoredCertificate};
use hashbrown::HashMap;
use rustls::sign::CertifiedKey;

use crate::{generated, pem, x509};

/// The only store that is served from.
const DEFAULT_STORE: &str = "default";

/// Certificates by name, each with its place in the order of preference.
type Index = HashMap<Box<str>, (usize, Arc<CertifiedKey>), foldhash::fast::RandomState>;

/// The certificates that clients get, by the names that they are for. Immutable, shared by all options.
#[derive(Debug)]
pub struct Certificates {
    /// By a whole name or address.
    exact: Index,
    /// By what comes after `*.`.
    wildcard: Index,
    default: Arc<CertifiedKey>,
}

/// What is wrong with a certificate; the others are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file of the certificate, or `<content>`.
    pub certificate: String,
    /// What is wrong, and in which file.
    pub reason: String,
    /// Whether the certificate is left out; otherwise it is served all the same.
    pub skipped: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate {}: {}", self.certificate, self.reason)
    }
}

impl Certificates {
    /// Reads certificates and keys from their files, which blocks. Those of other stores than the default
    /// one are checked but never served. Where there is no `default` certificate, or it cannot be used, one
    /// is made.
    ///
    /// # Errors
    /// No certificate could be made.
    pub fn load<'a>(
        stored: impl IntoIterator<Item = &'a StoredCertificate>,
        default: Option<&Certificate>,
    ) -> Result<(Self, Vec<Problem>), String> {
        let mut problems = Vec::new();
        // Of certificates for the same names, the first stays.
        let mut by_names = BTreeMap::new();
        for stored in stored {
            let pair = load_pair(&stored.cert_file, &stored.key_file, &mut problems);
            let serves = stored.stores.is_empty() || stored.stores.iter().any(|store| store == DEFAULT_STORE);
            if let Some((key, names)) = pair
                && serves
            {
                by_names.entry(names.join(",")).or_insert((key, names));
            }
        }
        let default = default.and_then(|pair| load_pair(&pair.cert_file, &pair.key_file, &mut problems));
        let default = default.map_or_else(generated::certificate, |(key, _)| Ok(key))?;
        let mut certificates = Self { exact: Index::default(), wildcard: Index::default(), default };
        // The order of preference is that of the joined names, the last first.
        for (place, (key, names)) in by_names.into_values().rev().enumerate() {
            for name in names {
                certificates.insert(&name, place, &key);
            }
        }
        Ok((certificates, problems))
    }

    fn insert(&mut self, name: &str, place: usize, key: &Arc<CertifiedKey>) {
        let name = name.trim_end_matches('.');
        let (index, name) = match name.strip_prefix("*.") {
            Some(parent) => (&mut self.wildcard, parent),
            None => (&mut self.exact, name),
        };
        index.entry(name.into()).or_insert_with(|| (place, Arc::clone(key)));
    }

    /// The certificate for a name in lower case: one that has it, or that has `*` for its first label.
    /// The default one is not considered.
    pub fn find(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        let exact = self.exact.get(name);
        let wildcard = name.split_once('.').and_then(|(_, parent)| self.wildcard.get(parent));
        let best = exact.into_iter().chain(wildcard).min_by_key(|(place, _)| *place);
        best.map(|(_, key)| key)
    }

    /// The certificate for clients that tell no name, by the address that they came to.
    pub(crate) fn find_address(&self, local: IpAddr) -> Option<&Arc<CertifiedKey>> {
        if self.exact.is_empty() { None } else { self.find(&local.to_canonical().to_string()) }
    }

    /// The certificate for names that no other one is for.
    pub fn default_certificate(&self) -> &Arc<CertifiedKey> {
        &self.default
    }
}

/// A pair and its names, sorted. What is wrong with it goes to the problems.
fn load_pair(
    cert: &FileOrContent,
    key: &FileOrContent,
    problems: &mut Vec<Problem>,
) -> Option<(Arc<CertifiedKey>, Vec<String>)> {
    let mut problem = |reason, skipped| {
        problems.push(Problem { certificate: pem::shown(cert).to_owned(), reason, skipped });
    };
    let loaded = pem::pair(cert, key).and_then(|pair| {
        let leaf = x509::parse(pair.cert.first().expect("a pair has a certificate"))?;
        let names = x509::names(&leaf).into_iter().collect();
        let invalid = x509::invalid_now(&leaf);
        Ok((Arc::new(pair), names, invalid))
    });
    match loaded {
        Ok((pair, names, invalid)) => {
            invalid.into_iter().for_each(|reason| problem(reason, false));
            Some((pair, names))
        }
        Err(reason) => {
            problem(reason, true);
            None
        }
    }
}

#[cfg(test)]
mod tests;
