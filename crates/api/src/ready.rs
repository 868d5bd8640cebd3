//! `/ready`: whether every provider has spoken once, and what it said runs. Traefik has nothing like it.

use ferroway_config::encode::{Object, strings};
use http::StatusCode;

use crate::answer::Answer;
use crate::query::Query;

/// Who has spoken.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    /// The providers that are configured, and whether what they said first is live.
    pub providers: Vec<(&'static str, bool)>,
}

pub(crate) fn answer(readiness: &Readiness, query: &Query) -> Answer {
    let wanted: Vec<&str> =
        query.get("providers").split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let known = |name: &str| readiness.providers.iter().any(|(own, _)| *own == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let all: Vec<&str> = readiness.providers.iter().map(|(name, _)| *name).collect();
        let message = format!("no provider {unknown:?}; those that run: {}", all.join(", "));
        return Answer::error(StatusCode::BAD_REQUEST, &message);
    }
    let waiting: Vec<&str> = readiness
        .providers
        .iter()
        .filter(|(name, ready)| !ready && (wanted.is_empty() || wanted.contains(name)))
        .map(|(name, _)| *name)
        .collect();
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    let is_ready = waiting.is_empty();
    object.with("ready", |out| out.extend_from_slice(if is_ready { b"true" } else { b"false" }));
    if !is_ready {
        object.with("waitingFor", |out| strings(out, &waiting));
    }
    object.end();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Answer { status, ..Answer::json(out) }
}
