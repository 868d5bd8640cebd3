//! The certificates of the default store, and which of them a client gets (specification section 5.3).

mod pair;
mod served;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ferroway_config::decode::FileOrContent;
use ferroway_config::dynamic::{GeneratedCert, StoredCertificate, TlsStore};
use hashbrown::HashMap;

use crate::files::{Files, shown};
use crate::generated::Generated;
use pair::{Pair, Usable};

pub use served::Served;

/// The only store that is served from.
const DEFAULT_STORE: &str = "default";

/// Certificates by name, each with its place in the order of preference.
type Index = HashMap<Box<str>, (usize, Arc<Served>), foldhash::fast::RandomState>;

/// The certificates that clients get, by the names that they are for. Immutable, shared by all options.
#[derive(Debug)]
pub struct Certificates {
    /// By a whole name or address.
    exact: Index,
    /// By what comes after `*.`.
    wildcard: Index,
    /// As configured; otherwise one is generated.
    default: Option<Arc<Served>>,
    source: Source,
}

/// What certificates were made of.
#[derive(Debug)]
struct Source {
    stored: Arc<[StoredCertificate]>,
    store: Arc<TlsStore>,
    /// The pairs in that order.
    pairs: Vec<Arc<Pair>>,
    /// The same from one set of certificates to the next.
    generated: Arc<Generated>,
    /// Of the files, as it was then.
    replaced: u64,
}

/// What is wrong with a certificate; the others are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The certificate, by its file or `<content>`; or the option that asks for one.
    pub subject: String,
    /// What is wrong, and in which file.
    pub reason: String,
    /// What becomes of the certificate.
    pub outcome: Outcome,
}

/// What becomes of a certificate with a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is left out.
    Skipped,
    /// What its files said before is served on.
    Kept,
    /// It is served all the same.
    Served,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.reason)?;
        match self.outcome {
            Outcome::Kept => f.write_str("; the one that was read before stays"),
            Outcome::Skipped | Outcome::Served => Ok(()),
        }
    }
}

impl Certificates {
    /// Reads certificates and keys from their files, which blocks. Those of other stores than the default
    /// one, which is `store`, are checked but never served.
    ///
    /// What the files of the certificates `before` said is not read again. If they say something of no use now,
    /// that certificate stays.
    pub fn load(
        stored: impl Into<Arc<[StoredCertificate]>>,
        store: &Arc<TlsStore>,
        files: &Files,
        before: Option<&Self>,
    ) -> (Self, Vec<Problem>) {
        let stored = stored.into();
        let before = before.map(|before| &before.source);
        let known = before.map(Source::pairs_by_value).unwrap_or_default();
        let mut loader =
            Loader { files, known, problems: Vec::new(), pairs: Vec::with_capacity(stored.len()) };
        // Of certificates for the same names, the first stays.
        let mut by_names = BTreeMap::new();
        for stored in &*stored {
            let serves = stored.stores.is_empty() || stored.stores.iter().any(|store| store == DEFAULT_STORE);
            let usable = loader.load(&stored.cert_file, &stored.key_file).filter(|_| serves);
            if let Some(usable) = usable {
                by_names.entry(usable.names.join(",")).or_insert(usable);
            }
        }
        // The order of preference is that of the joined names, the last first.
        let by_preference: Vec<Arc<Usable>> = by_names.into_values().rev().collect();
        let default = loader.default(store, &by_preference);
        let generated = before.map(|before| Arc::clone(&before.generated)).unwrap_or_default();
        let Loader { pairs, problems, .. } = loader;
        let source =
            Source { stored, store: Arc::clone(store), pairs, generated, replaced: files.replaced() };
        let mut certificates = Self { exact: Index::default(), wildcard: Index::default(), default, source };
        for (place, usable) in by_preference.iter().enumerate() {
            for name in &usable.names {
                certificates.insert(name, place, &usable.served);
            }
        }
        (certificates, problems)
    }

    /// Whether the same would be loaded of these values and files.
    pub fn are_current(
        &self,
        stored: &Arc<[StoredCertificate]>,
        store: &Arc<TlsStore>,
        files: &Files,
    ) -> bool {
        let source = &self.source;
        (Arc::ptr_eq(&source.stored, stored) || source.stored == *stored)
            && source.store == *store
            && (source.replaced == files.replaced()
                || source.pairs.iter().all(|pair| files.are_current(&pair.versions)))
    }

    fn insert(&mut self, name: &str, place: usize, key: &Arc<Served>) {
        let name = name.trim_end_matches('.');
        let (index, name) = match name.strip_prefix("*.") {
            Some(parent) => (&mut self.wildcard, parent),
            None => (&mut self.exact, name),
        };
        index.entry(name.into()).or_insert_with(|| (place, Arc::clone(key)));
    }

    /// The certificate for a name in lower case: one that has it, or that has `*` for its first label.
    /// The default one is not considered.
    pub fn find(&self, name: &str) -> Option<&Arc<Served>> {
        let exact = self.exact.get(name);
        let wildcard = name.split_once('.').and_then(|(_, parent)| self.wildcard.get(parent));
        let best = exact.into_iter().chain(wildcard).min_by_key(|(place, _)| *place);
        best.map(|(_, key)| key)
    }

    /// The certificate for clients that tell no name, by the address that they came to.
    pub(crate) fn find_address(&self, local: IpAddr) -> Option<&Arc<Served>> {
        if self.exact.is_empty() { None } else { self.find(&local.to_canonical().to_string()) }
    }

    /// All certificates that are configured, each at least once.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Served>> {
        let named = self.exact.values().chain(self.wildcard.values()).map(|(_, served)| served);
        named.chain(&self.default)
    }

    /// The certificate for names that no other one is for; `None` where it was to be generated and could not.
    pub fn default_certificate(&self) -> Option<&Arc<Served>> {
        self.default.as_ref().or_else(|| self.source.generated.get())
    }
}

impl Source {
    fn pairs_by_value(&self) -> Known<'_> {
        let stored = self.stored.iter().map(|stored| (&stored.cert_file, &stored.key_file));
        let default = self.store.default_certificate.iter().map(|pair| (&pair.cert_file, &pair.key_file));
        stored.chain(default).zip(&self.pairs).collect()
    }
}

/// Pairs by the values that they were read from.
type Known<'a> = HashMap<(&'a FileOrContent, &'a FileOrContent), &'a Arc<Pair>, foldhash::fast::RandomState>;

/// Loads one pair after the other.
struct Loader<'a> {
    files: &'a Files,
    known: Known<'a>,
    pairs: Vec<Arc<Pair>>,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    /// What is to be served of a pair. What is wrong goes to the problems.
    fn load(&mut self, cert: &FileOrContent, key: &FileOrContent) -> Option<Arc<Usable>> {
        let known = self.known.get(&(cert, key)).copied();
        let pair = match known.filter(|known| self.files.are_current(&known.versions)) {
            Some(known) => Arc::clone(known),
            None => Arc::new(Pair::read(cert, key, self.files, known)),
        };
        let mut problem = |reason, outcome| {
            let subject = format!("certificate {}", shown(cert));
            self.problems.push(Problem { subject, reason, outcome });
        };
        if let Some(error) = &pair.error {
            problem(error.clone(), if pair.usable.is_some() { Outcome::Kept } else { Outcome::Skipped });
        }
        let doubts = pair.usable.iter().flat_map(|usable| usable.doubts());
        doubts.for_each(|doubt| problem(doubt, Outcome::Served));
        let usable = pair.usable.clone();
        self.pairs.push(pair);
        usable
    }

    /// The default certificate, unless one is to be made.
    fn default(&mut self, store: &TlsStore, others: &[Arc<Usable>]) -> Option<Arc<Served>> {
        let configured = store.default_certificate.as_ref();
        let wanted = store.default_generated_cert.as_ref();
        let mut problem = |reason: String, outcome| {
            let subject = "tls.stores.default.defaultGeneratedCert".to_owned();
            self.problems.push(Problem { subject, reason, outcome });
        };
        match (configured, wanted) {
            (Some(pair), wanted) => {
                if wanted.is_some() {
                    let reason = "it cannot be defined beside defaultCertificate, which counts".to_owned();
                    problem(reason, Outcome::Served);
                }
                self.load(&pair.cert_file, &pair.key_file).map(|usable| Arc::clone(&usable.served))
            }
            (None, Some(wanted)) => match find_for(wanted, others) {
                Ok(found) => Some(found),
                Err((reason, outcome)) => {
                    problem(reason, outcome);
                    None
                }
            },
            (None, None) => None,
        }
    }
}

/// The certificate that a resolver would have got: one that has all the names of the domain. There is no resolver that
/// could get it if it is not there.
fn find_for(wanted: &GeneratedCert, others: &[Arc<Usable>]) -> Result<Arc<Served>, (String, Outcome)> {
    let Some(domain) = wanted.domain.as_ref().filter(|_| !wanted.resolver.is_empty()) else {
        return Err(("the domain or the resolver is missing".to_owned(), Outcome::Served));
    };
    let mut domains: Vec<String> =
        std::iter::once(&domain.main).chain(&domain.sans).map(|name| name.to_lowercase()).collect();
    domains.retain(|name| !name.is_empty());
    let has_all = |other: &&Arc<Usable>| domains.iter().all(|domain| other.names.contains(domain));
    match others.iter().find(has_all).filter(|_| !domains.is_empty()) {
        Some(found) => Ok(Arc::clone(&found.served)),
        None => {
            let domains = domains.join(",");
            let reason = format!(
                "unable to find a certificate for the domains {domains:?}, and there is no certificate resolver \
                 {:?} to get one",
                wanted.resolver
            );
            Err((reason, Outcome::Skipped))
        }
    }
}

#[cfg(test)]
mod tests;
