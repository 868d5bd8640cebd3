//! Acceptors: TLS options with the certificates, ready for handshakes. Kept while both are what they were, so
//! that sessions of clients outlive reloads.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferroway_config::dynamic::{Certificate, StoredCertificate, TlsOptions};
use ferroway_config::{Problem, ProblemKind, Source, Span};
use ferroway_control::{DEFAULT_OPTIONS, EntryPointTls, TlsPlan};
use ferroway_tls::{Acceptor, Certificates};

use crate::snapshot::Acceptors;

/// What the acceptors of the present plan are made of, and they themselves.
#[derive(Debug, Default)]
pub(super) struct Tls {
    certificates: Option<Loaded>,
    acceptors: BTreeMap<Arc<str>, Built>,
    problems: Vec<Problem>,
}

/// The certificates as configured, and as read.
#[derive(Debug)]
struct Loaded {
    stored: Vec<StoredCertificate>,
    default: Option<Certificate>,
    certificates: Arc<Certificates>,
    /// What is said of them with every plan.
    problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
struct Built {
    options: Arc<TlsOptions>,
    acceptor: Option<Arc<Acceptor>>,
    /// What is said of it with every plan.
    problems: Vec<Problem>,
}

impl Tls {
    /// Makes what a plan needs. Reads the files of certificates, which blocks.
    pub(super) fn update(&mut self, plan: &TlsPlan) {
        self.problems.clear();
        let Some((certificates, kept)) = self.load(plan) else { return };
        let mut old = std::mem::take(&mut self.acceptors);
        for (name, options) in &plan.options {
            let known = old.remove(name).filter(|known| kept && known.options == *options);
            let built = known.unwrap_or_else(|| build(name, options, &certificates));
            self.problems.extend(built.problems.iter().cloned());
            self.acceptors.insert(name.clone(), built);
        }
    }

    /// The certificates, and whether they are those of the plan before.
    fn load(&mut self, plan: &TlsPlan) -> Option<(Arc<Certificates>, bool)> {
        if let Some(known) = &self.certificates
            && known.stored == plan.certificates
            && known.default == plan.default_certificate
        {
            self.problems.extend(known.problems.iter().cloned());
            return Some((known.certificates.clone(), true));
        }
        match Certificates::load(&plan.certificates, plan.default_certificate.as_ref()) {
            Ok((certificates, problems)) => {
                let of_certificate = |problem: &ferroway_tls::Problem| {
                    let make = if problem.skipped { Problem::error } else { Problem::warning };
                    make(ProblemKind::Semantic, nowhere(), "tls.certificates", problem.to_string())
                };
                let problems: Vec<Problem> = problems.iter().map(of_certificate).collect();
                self.problems.extend(problems.iter().cloned());
                let certificates = Arc::new(certificates);
                self.certificates = Some(Loaded {
                    stored: plan.certificates.clone(),
                    default: plan.default_certificate.clone(),
                    certificates: certificates.clone(),
                    problems,
                });
                Some((certificates, false))
            }
            Err(error) => {
                self.problems.push(Problem::error(ProblemKind::Semantic, nowhere(), "tls", error));
                (self.certificates, self.acceptors) = (None, BTreeMap::new());
                None
            }
        }
    }

    /// The acceptors of an entry point.
    pub(super) fn acceptors(&self, tls: &EntryPointTls) -> Acceptors {
        let by_host = tls.by_host.iter().map(|(host, name)| (host.clone(), self.acceptor(name))).collect();
        Acceptors::new(self.acceptor(DEFAULT_OPTIONS), by_host)
    }

    /// The acceptor of options; `None` when they cannot be used.
    pub(super) fn acceptor(&self, name: &str) -> Option<Arc<Acceptor>> {
        self.acceptors.get(name)?.acceptor.clone()
    }

    /// Whether options of this name are there and can be used; why not.
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        match self.acceptors.get(name) {
            Some(Built { acceptor: Some(_), .. }) => Ok(()),
            Some(_) => Err(format!("the TLS options {name} cannot be used")),
            None => Err(format!("unknown TLS options: {name}")),
        }
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

fn build(name: &Arc<str>, options: &Arc<TlsOptions>, certificates: &Arc<Certificates>) -> Built {
    let path = format!("tls.options.{name}");
    let problem = |make: fn(ProblemKind, Span, String, String) -> Problem, words: &str| {
        make(ProblemKind::Semantic, nowhere(), path.clone(), format!("{path}: {words}"))
    };
    let (acceptor, problems) = match Acceptor::new(name, options, certificates) {
        Ok((acceptor, warnings)) => {
            let warnings = warnings.iter().map(|words| problem(Problem::warning, words)).collect();
            (Some(Arc::new(acceptor)), warnings)
        }
        Err(error) => (None, vec![problem(Problem::error, &error)]),
    };
    Built { options: options.clone(), acceptor, problems }
}

fn nowhere() -> Span {
    Span::whole(&Source::other("dynamic configuration"))
}
