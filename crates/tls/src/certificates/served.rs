//! A certificate as handshakes take it, with the proof of its status that is stapled to it.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use rustls::sign::CertifiedKey;

use crate::ocsp::Subject;

/// A certificate with its chain and key, and with an OCSP response where there is one. Handshakes take all at once and
/// wait for nothing.
#[derive(Debug)]
pub struct Served {
    key: ArcSwap<CertifiedKey>,
    subject: OnceLock<Result<Option<Arc<Subject>>, String>>,
}

impl Served {
    pub(crate) fn new(key: CertifiedKey) -> Self {
        Self { key: ArcSwap::from_pointee(key), subject: OnceLock::new() }
    }

    /// What a handshake is done with.
    pub(crate) fn key(&self) -> Arc<CertifiedKey> {
        self.key.load_full()
    }

    /// What is to be known to ask for its status; `None` where it names no responder. Found out once.
    ///
    /// # Errors
    /// It names one, and cannot be asked for all the same.
    pub fn subject(&self) -> Result<Option<&Arc<Subject>>, &str> {
        let subject = self.subject.get_or_init(|| Ok(Subject::of(&self.key.load().cert)?.map(Arc::new)));
        subject.as_ref().map(Option::as_ref).map_err(String::as_str)
    }

    /// The certificate itself (DER).
    pub fn certificate(&self) -> Option<Vec<u8>> {
        Some(self.key.load().cert.first()?.to_vec())
    }

    /// The OCSP response (DER) that is stapled.
    pub fn stapled(&self) -> Option<Vec<u8>> {
        self.key.load().ocsp.clone()
    }

    /// Staples an OCSP response (DER) to handshakes from now on, or none.
    pub fn staple(&self, response: Option<&[u8]>) {
        let key = self.key.load();
        if key.ocsp.as_deref() != response {
            let ocsp = response.map(<[u8]>::to_vec);
            self.key.store(Arc::new(CertifiedKey { ocsp, ..CertifiedKey::clone(&key) }));
        }
    }
}

#[cfg(test)]
mod tests;
