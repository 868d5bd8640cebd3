//! Acceptors: TLS options with the certificates, ready for handshakes. Kept while both are what they were, so
//! that sessions of clients outlive reloads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferroway_config::dynamic::TlsOptions;
use ferroway_config::{Problem, ProblemKind, Source, Span};
use ferroway_control::{DEFAULT_OPTIONS, EntryPointTls, TlsPlan, Verdicts};
use ferroway_core::LocalBoxFuture;
use ferroway_tls::{Acceptor, Certificates, Files, Outcome, Versions};

use crate::snapshot::Acceptors;
use crate::stapling::Stapling;

/// What the acceptors of the present plan are made of, and they themselves.
pub(super) struct Tls {
    files: Files,
    certificates: Option<Loaded>,
    acceptors: BTreeMap<Arc<str>, Built>,
    /// The acceptors alone.
    by_options: Arc<BTreeMap<Arc<str>, Option<Arc<Acceptor>>>>,
    /// Which routers do not get their options.
    verdicts: Verdicts,
    problems: Vec<Problem>,
    /// Where OCSP responses are to be stapled.
    stapling: Option<Stapling>,
    /// What staples them to certificates that are new.
    staplers: Vec<LocalBoxFuture<'static, ()>>,
}

/// The certificates, and what is said of them with every plan.
#[derive(Debug)]
struct Loaded {
    certificates: Arc<Certificates>,
    problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
struct Built {
    options: Arc<TlsOptions>,
    /// What the files of the authorities said.
    versions: Versions,
    acceptor: Option<Arc<Acceptor>>,
    /// What is said of it with every plan.
    problems: Vec<Problem>,
}

impl Tls {
    pub(super) fn new(files: Files, stapling: Option<Stapling>) -> Self {
        Self {
            files,
            certificates: None,
            acceptors: BTreeMap::new(),
            by_options: Arc::default(),
            verdicts: Verdicts::default(),
            problems: Vec::new(),
            stapling,
            staplers: Vec::new(),
        }
    }

    /// Makes what a plan needs. Reads the files of certificates, which blocks. True if each router that stays the same
    /// answers under the same options as before.
    pub(super) fn update(&mut self, plan: &TlsPlan) -> bool {
        self.problems.clear();
        let (certificates, kept) = self.load(plan);
        let mut old = std::mem::take(&mut self.acceptors);
        for (name, options) in &plan.options {
            let known = old.remove(name).filter(|known| known.options == *options);
            let known = known.map(|known| if kept { known } else { known.with_certificates(&certificates) });
            let built = match known {
                Some(known) if self.files.are_current(&known.versions) => known,
                known => Built::new(name, options, &certificates, &self.files, known),
            };
            self.problems.extend(built.problems.iter().cloned());
            self.acceptors.insert(name.clone(), built);
        }
        let now = self.acceptors.iter().map(|(name, built)| (name.clone(), built.acceptor.clone())).collect();
        let before = std::mem::replace(&mut self.by_options, Arc::new(now));
        let usable = |options: &BTreeMap<Arc<str>, Option<Arc<Acceptor>>>| -> Vec<(Arc<str>, bool)> {
            options.iter().map(|(name, acceptor)| (name.clone(), acceptor.is_some())).collect()
        };
        let same_verdicts = self.verdicts == *plan.verdicts();
        self.verdicts = plan.verdicts().clone();
        same_verdicts && usable(&before) == usable(&self.by_options)
    }

    /// The certificates, and whether they are those of the plan before.
    fn load(&mut self, plan: &TlsPlan) -> (Arc<Certificates>, bool) {
        let (stored, store) = (&plan.certificates, &plan.store);
        if let Some(known) = &self.certificates
            && known.certificates.are_current(stored, store, &self.files)
        {
            self.problems.extend(known.problems.iter().cloned());
            return (known.certificates.clone(), true);
        }
        let before = self.certificates.as_ref().map(|known| &*known.certificates);
        let (certificates, problems) = Certificates::load(stored.clone(), store, &self.files, before);
        let mut problems: Vec<Problem> = problems.iter().map(of_certificate).collect();
        problems.extend(self.follow(&certificates));
        self.problems.extend(problems.iter().cloned());
        let certificates = Arc::new(certificates);
        self.certificates = Some(Loaded { certificates: certificates.clone(), problems });
        (certificates, false)
    }

    /// Has the certificates' status asked for, if it is to be; the problems are certificates that cannot be asked for.
    fn follow(&mut self, certificates: &Certificates) -> Vec<Problem> {
        let Some(stapling) = &mut self.stapling else { return Vec::new() };
        let followed = stapling.follow(certificates);
        self.staplers.extend(followed.tasks);
        let warning = |words| Problem::warning(ProblemKind::Semantic, nowhere(), "tls.certificates", words);
        followed.warnings.into_iter().map(warning).collect()
    }

    /// What staples OCSP responses to certificates that are new since the last call. They end with their certificates.
    pub(super) fn take_staplers(&mut self) -> Vec<LocalBoxFuture<'static, ()>> {
        std::mem::take(&mut self.staplers)
    }

    /// The acceptors of an entry point.
    pub(super) fn acceptors(&self, tls: &Arc<EntryPointTls>) -> Acceptors {
        Acceptors::new(self.acceptor(DEFAULT_OPTIONS), tls.clone(), self.by_options.clone())
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

    /// The certificates that clients may get (DER), but for a generated one.
    pub(super) fn certificates(&self) -> Vec<Vec<u8>> {
        let all = self.certificates.iter().flat_map(|loaded| loaded.certificates.all());
        // A certificate is there once for each of its names.
        let all: BTreeSet<Vec<u8>> = all.filter_map(|served| served.certificate()).collect();
        all.into_iter().collect()
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Built {
    /// An acceptor for options. With `known`, only files have changed since: if they are of no use now, what they said
    /// before stays in force.
    fn new(
        name: &Arc<str>,
        options: &Arc<TlsOptions>,
        certificates: &Arc<Certificates>,
        files: &Files,
        known: Option<Self>,
    ) -> Self {
        let path = format!("tls.options.{name}");
        let problem = |make: fn(ProblemKind, Span, String, String) -> Problem, words: &str| {
            make(ProblemKind::Semantic, nowhere(), path.clone(), format!("{path}: {words}"))
        };
        let known = known.and_then(|known| known.acceptor);
        let (acceptor, problems) = match Acceptor::new(name, options, certificates, files) {
            Ok((acceptor, warnings)) => {
                let warnings = warnings.iter().map(|words| problem(Problem::warning, words)).collect();
                (Some(Arc::new(acceptor)), warnings)
            }
            Err(error) if known.is_some() => {
                let words = format!("{error}; what was read before stays in force");
                (known, vec![problem(Problem::error, &words)])
            }
            Err(error) => (None, vec![problem(Problem::error, &error)]),
        };
        let versions = files.versions(&options.client_auth.ca_files);
        Self { options: options.clone(), versions, acceptor, problems }
    }

    fn with_certificates(self, certificates: &Arc<Certificates>) -> Self {
        let acceptor = self.acceptor.map(|acceptor| Arc::new(acceptor.with_certificates(certificates)));
        Self { acceptor, ..self }
    }
}

fn of_certificate(problem: &ferroway_tls::Problem) -> Problem {
    let make = match problem.outcome {
        Outcome::Served => Problem::warning,
        Outcome::Skipped | Outcome::Kept => Problem::error,
    };
    make(ProblemKind::Semantic, nowhere(), "tls.certificates", problem.to_string())
}

fn nowhere() -> Span {
    Span::whole(&Source::other("dynamic configuration"))
}
