//! OCSP stapling: proofs that the certificates that are served have not been revoked, got from whoever issued them, so
//! that clients need not ask (RFC 6960, RFC 6066 section 8).
//!
//! All of this runs on the control plane's thread: a future for each certificate, which ends soon after the certificate
//! is served no more. What it finds goes into the [`Served`] certificate, which handshakes read without waiting. Nothing
//! that goes wrong here ends a handshake: a certificate without a valid proof is served without one.

mod entry;
mod fetch;
mod validity;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use ferroway_config::static_config::Ocsp;
use ferroway_core::LocalBoxFuture;
use ferroway_tls::ocsp::Subject;
use ferroway_tls::{Certificates, Served};
use tokio::sync::Semaphore;

use entry::Entry;
use fetch::Client;

/// Certificates that are asked for at once; the others wait.
const AT_ONCE: usize = 8;

/// Gets proofs for the certificates that are served, and staples them.
#[derive(Debug)]
pub(crate) struct Stapling {
    shared: Rc<Shared>,
    entries: HashMap<Arc<Subject>, Rc<Entry>>,
}

/// What all certificates have in common.
#[derive(Debug)]
struct Shared {
    /// The responders to ask, by those that certificates name.
    overrides: BTreeMap<String, String>,
    client: Client,
    at_once: Semaphore,
}

/// What follows from other certificates.
pub(crate) struct Followed {
    /// Ask for the status of certificates that are new; to be run on the control plane's thread.
    pub(crate) tasks: Vec<LocalBoxFuture<'static, ()>>,
    /// Certificates that name a responder and cannot be asked for, and why.
    pub(crate) warnings: Vec<String>,
}

impl Stapling {
    pub(crate) fn new(options: &Ocsp) -> Self {
        let shared = Shared {
            overrides: options.responder_overrides.clone(),
            client: Client::default(),
            at_once: Semaphore::new(AT_ONCE),
        };
        Self { shared: Rc::new(shared), entries: HashMap::new() }
    }

    /// Takes care of these certificates from now on. Those that were there before keep their staples, also when they
    /// were loaded anew; those that are gone are forgotten.
    pub(crate) fn follow(&mut self, certificates: &Certificates) -> Followed {
        let (mut followed, mut seen) = (Followed { tasks: Vec::new(), warnings: Vec::new() }, HashSet::new());
        let mut by_subject: HashMap<Arc<Subject>, Vec<Arc<Served>>> = HashMap::new();
        for served in certificates.all().filter(|served| seen.insert(Arc::as_ptr(served))) {
            match served.subject() {
                Ok(Some(subject)) => by_subject.entry(subject.clone()).or_default().push(served.clone()),
                Ok(None) => {}
                Err(error) => followed.warnings.push(error.to_owned()),
            }
        }
        let mut before = std::mem::take(&mut self.entries);
        for (subject, served) in by_subject {
            let entry = before.remove(&subject).unwrap_or_else(|| {
                let entry = Entry::new(subject.clone());
                followed.tasks.push(Box::pin(Entry::follow(Rc::downgrade(&entry), self.shared.clone())));
                entry
            });
            entry.serve(served);
            self.entries.insert(subject, entry);
        }
        followed
    }
}

#[cfg(test)]
mod tests;
