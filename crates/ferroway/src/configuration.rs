//! The loop that makes what providers say what runs.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use ferroway_config::dynamic::Dynamic;
use ferroway_config::{Problem, Severity};
use ferroway_control::{INTERNAL, Planner, Providers};
use ferroway_providers::Message;
use ferroway_runtime::{Builder, Publisher};

/// Plans, builds and publishes.
pub(crate) struct Configuration {
    planner: Planner,
    builder: Builder,
    publisher: Arc<Publisher>,
    providers: Providers,
    /// What was told already: a problem that stays is not told again.
    told: BTreeSet<String>,
}

impl Configuration {
    /// Starts with what ferroway configures for itself.
    pub(crate) fn new(
        planner: Planner,
        builder: Builder,
        publisher: Arc<Publisher>,
        internal: Dynamic,
    ) -> Self {
        let mut providers = Providers::default();
        providers.0.insert(INTERNAL.into(), Arc::new(internal));
        Self { planner, builder, publisher, providers, told: BTreeSet::new() }
    }

    /// Takes over what a provider says and makes it live. Its problems are logged already.
    pub(crate) fn update(&mut self, message: Message) {
        let known = self.providers.0.insert(message.provider.clone(), message.config);
        if known.is_some_and(|known| Arc::ptr_eq(&known, &self.providers.0[&message.provider])) {
            tracing::debug!(providerName = &*message.provider, "Skipping unchanged configuration");
            return;
        }
        self.apply();
    }

    /// Reads files with certificates again, and makes live what they say now.
    pub(crate) fn reread(&mut self, files: &[PathBuf]) {
        if self.builder.look_again(files) {
            tracing::info!(?files, "Files with certificates have changed");
            self.apply();
        }
    }

    /// The files with certificates that are to be followed.
    pub(crate) fn certificate_files(&self) -> BTreeSet<PathBuf> {
        self.builder.certificate_files()
    }

    /// Makes what the providers say now live.
    pub(crate) fn apply(&mut self) {
        let plan = self.planner.plan(self.providers.clone());
        let outcome = self.builder.build(&plan);
        self.publisher.publish(outcome.snapshot);
        for check in outcome.checks {
            tokio::task::spawn_local(check);
        }
        let mut problems = plan.problems();
        problems.extend(outcome.problems);
        self.tell(&problems);
    }

    fn tell(&mut self, problems: &[Problem]) {
        let mut now = BTreeSet::new();
        for problem in problems {
            let text = problem.to_string();
            if !self.told.contains(&text) && !now.contains(&text) {
                match problem.severity {
                    Severity::Error => tracing::error!("{text}"),
                    Severity::Warning => tracing::warn!("{text}"),
                }
            }
            now.insert(text);
        }
        self.told = now;
    }
}
