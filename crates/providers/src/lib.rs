//! Where dynamic configuration comes from.
//!
//! A [`Provider`] watches one source and sends whole configurations; it knows nothing of routing, of other
//! providers, or of who listens. [`PROVIDERS`] is the one list of them: a new provider is a folder with its own
//! `mod.rs`, the `mod` line here and the line in the table. [`FileWatch`] follows files that configuration names.

mod file;
mod provider;
mod reload;
pub mod template;
mod throttle;
mod watch;

use ferroway_config::static_config::Providers;

pub use file::FileProvider;
pub use provider::{ConfigReceiver, ConfigSender, Message, Provider, ProviderError, ProviderFuture, channel};
pub use reload::{Reload, ReloadWatch};
pub use throttle::Throttled;
pub use watch::FileWatch;

/// A kind of provider.
#[derive(Clone, Copy, Debug)]
pub struct ProviderKind {
    /// Its name under `providers` in the static configuration.
    pub name: &'static str,
    /// Makes the provider if the configuration asks for it.
    pub build: Build,
}

/// Makes a provider; nothing where the configuration does not ask for it.
pub type Build = fn(&Providers, &Reload) -> Option<Result<Box<dyn Provider>, ProviderError>>;

/// All kinds of providers, in the order in which they are started.
pub const PROVIDERS: &[ProviderKind] = &[ProviderKind { name: "file", build: file::build }];

#[cfg(test)]
mod tests {
    use super::{PROVIDERS, Providers, Reload};
    use ferroway_config::static_config;

    #[test]
    fn every_kind_is_made_on_demand_only() {
        let names: Vec<&str> = PROVIDERS.iter().map(|kind| kind.name).collect();
        assert_eq!(names, ["file"]);
        let file = static_config::FileProvider { filename: "dyn.yml".to_owned(), ..Default::default() };
        let asked_for = Providers { file: Some(file), ..Providers::default() };
        for kind in PROVIDERS {
            assert!((kind.build)(&Providers::default(), &Reload::new()).is_none(), "{}", kind.name);
            let made = (kind.build)(&asked_for, &Reload::new()).unwrap().unwrap();
            assert_eq!(made.name(), kind.name);
        }
    }
}
