//! What is configured and does nothing yet: told, never ignored in silence.

use ferroway_config::dynamic::Dynamic;
use ferroway_config::{Problem, ProblemKind, Span};

use crate::plan::Providers;

/// A problem for everything in the dynamic configuration that ferroway does not have yet.
pub(crate) fn missing(providers: &Providers) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (provider, dynamic) in &providers.0 {
        of_provider(provider, dynamic, &mut problems);
    }
    problems
}

fn of_provider(provider: &str, dynamic: &Dynamic, problems: &mut Vec<Problem>) {
    let mut tell = |origin: &Span, section: &str, name: &str, what: &str| {
        let message = format!("{section}.{name}@{provider}: {what}");
        let path = format!("{section}.{name}");
        problems.push(Problem::error(ProblemKind::NotImplemented, origin.clone(), path, message));
    };
    for (name, router) in &dynamic.tcp.routers {
        tell(
            &router.origin,
            "tcp.routers",
            name,
            "TCP routing is not implemented yet; the router does not answer",
        );
    }
    for (name, router) in &dynamic.udp.routers {
        tell(
            &router.origin,
            "udp.routers",
            name,
            "UDP routing is not implemented yet; the router does not answer",
        );
    }
}
