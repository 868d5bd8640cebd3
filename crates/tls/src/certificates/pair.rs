//! One certificate with its key: read, and kept in place of what is of no use.

use std::sync::Arc;

use ferroway_config::decode::FileOrContent;
use rustls::sign::CertifiedKey;
use x509_parser::certificate::Validity;

use super::Served;
use crate::files::{Files, Versions};
use crate::{pem, x509};

/// A pair of certificate and key as configured.
#[derive(Debug)]
pub(super) struct Pair {
    /// What the files said.
    pub(super) versions: Versions,
    /// What is served, with its names: what the files say, or what they said last that was of use.
    pub(super) usable: Option<Arc<Usable>>,
    /// Why what the files say cannot be used.
    pub(super) error: Option<String>,
}

impl Pair {
    /// Reads a pair; if it is of no use, what it was before stays.
    pub(super) fn read(
        cert: &FileOrContent,
        key: &FileOrContent,
        files: &Files,
        before: Option<&Arc<Self>>,
    ) -> Self {
        let read = pem::pair(cert, key, files).and_then(Usable::new).map(Arc::new);
        let versions = files.versions([cert, key]);
        match read {
            Ok(usable) => Self { versions, usable: Some(usable), error: None },
            Err(error) => {
                Self { versions, usable: before.and_then(|pair| pair.usable.clone()), error: Some(error) }
            }
        }
    }
}

/// A certificate that can be served.
#[derive(Debug)]
pub(super) struct Usable {
    /// The chain and the key.
    pub(super) served: Arc<Served>,
    /// What it is for, sorted.
    pub(super) names: Vec<String>,
    /// When each certificate of the chain is valid, and why not where it cannot be understood.
    chain: Vec<Result<Validity, String>>,
}

impl Usable {
    fn new(key: CertifiedKey) -> Result<Self, String> {
        let leaf = x509::parse(key.cert.first().ok_or("there is no certificate")?)?;
        let names = x509::names(&leaf).into_iter().collect();
        let validity = |der| x509::parse(der).map(|certificate| certificate.validity().clone());
        let chain = key.cert.iter().map(|der| validity(der)).collect();
        Ok(Self { served: Arc::new(Served::new(key)), names, chain })
    }

    /// Why clients may refuse it.
    pub(super) fn doubts(&self) -> impl Iterator<Item = String> {
        self.chain.iter().enumerate().filter_map(|(place, validity)| {
            let doubt = match validity {
                Ok(validity) => x509::invalid_now(validity)?,
                Err(error) => format!("it is {error}"),
            };
            Some(match place {
                0 => doubt,
                _ => format!("certificate {} of its chain: {doubt}", place + 1),
            })
        })
    }
}
