//! The TLS of servers transports, made when a service needs it and kept while options and files are what they were:
//! connections and sessions hang on it.

use std::collections::HashMap;
use std::fmt::Debug;

use ferroway_config::decode::FileOrContent;
use ferroway_tls::{Files, Versions};

/// What a transport says of TLS.
pub(super) trait TlsConfig: Clone + Debug + PartialEq {
    /// What is made of it.
    type Tls: Clone + Debug;

    /// Makes it. Certificates that cannot be used are left out, and go to the warnings.
    fn make(&self, files: &Files, warnings: &mut Vec<String>) -> Result<Self::Tls, String>;

    /// The certificates, keys and authorities that it names.
    fn values(&self) -> impl Iterator<Item = &FileOrContent>;
}

/// The TLS of transports by their names.
#[derive(Debug)]
pub(super) struct Kept<C: TlsConfig> {
    files: Files,
    built: HashMap<Box<str>, Built<C>>,
}

#[derive(Debug)]
struct Built<C: TlsConfig> {
    config: C,
    /// What the files said.
    versions: Versions,
    tls: Result<C::Tls, String>,
    warnings: Vec<String>,
    /// Why the files are taken for what they said before.
    stale: Vec<String>,
    in_use: bool,
}

impl<C: TlsConfig> Kept<C> {
    pub(super) fn new(files: Files) -> Self {
        Self { files, built: HashMap::new() }
    }

    /// Begins a round of building. What nobody asks for until its end is dropped then.
    pub(super) fn begin(&mut self) {
        self.built.values_mut().for_each(|built| built.in_use = false);
    }

    pub(super) fn end(&mut self) {
        self.built.retain(|_, built| built.in_use);
    }

    /// The TLS of a transport.
    pub(super) fn get(&mut self, name: &str, config: &C) -> Result<C::Tls, String> {
        if let Some(known) = self.built.get_mut(name).filter(|known| known.config == *config) {
            known.in_use = true;
            if !self.files.are_current(&known.versions) {
                known.renew(&self.files);
            }
            return known.tls.clone();
        }
        let built = Built::new(config, &self.files);
        let tls = built.tls.clone();
        self.built.insert(name.into(), built);
        tls
    }

    /// What is said of the transports that are in use.
    pub(super) fn warnings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.built.iter().flat_map(|(name, built)| {
            built.warnings.iter().chain(&built.stale).map(move |words| (&**name, &**words))
        })
    }
}

impl<C: TlsConfig> Built<C> {
    fn new(config: &C, files: &Files) -> Self {
        let mut warnings = Vec::new();
        let tls = config.make(files, &mut warnings);
        let versions = files.versions(config.values());
        Self { config: config.clone(), versions, tls, warnings, stale: Vec::new(), in_use: true }
    }

    /// Only files have changed. If something is wrong that was not before, what they said before is used on.
    fn renew(&mut self, files: &Files) {
        let new = Self::new(&self.config, files);
        let wrong = new.warnings.iter().filter(|words| !self.warnings.contains(words));
        let stale: Vec<String> = wrong.map(|words| format!("{words}; what was read before stays")).collect();
        if self.tls.is_ok() && !stale.is_empty() {
            (self.stale, self.versions) = (stale, new.versions);
        } else {
            *self = new;
        }
    }
}
