//! `stripPrefix`: takes the first of several prefixes off the path.

use ferroway_config::dynamic;
use ferroway_core::header::X_FORWARDED_PREFIX;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use http::HeaderValue;

use crate::{Problem, path, values};

#[cfg(test)]
mod tests;

pub(crate) struct StripPrefix {
    prefixes: Box<[Prefix]>,
    /// What an empty path becomes: `/`, or nothing, which lets a later `addPrefix` do without a slash at the end.
    empty: &'static str,
}

struct Prefix {
    /// Not escaped.
    text: Box<str>,
    /// The same, for `X-Forwarded-Prefix`.
    value: HeaderValue,
}

impl StripPrefix {
    pub(crate) fn new(config: &dynamic::StripPrefix) -> Result<Self, Problem> {
        let prefixes = config.prefixes.iter().map(|prefix| {
            let text = prefix.trim();
            Ok(Prefix { text: text.into(), value: values::parse("prefixes", text)? })
        });
        Ok(Self {
            prefixes: prefixes.collect::<Result<_, Problem>>()?,
            empty: if config.force_slash.unwrap_or_default() { "/" } else { "" },
        })
    }
}

impl Filter for StripPrefix {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let path = request.target.path();
        let found = self
            .prefixes
            .iter()
            .find_map(|prefix| Some((prefix, path::strip(path, prefix.text.as_bytes())?)));
        let Some((prefix, rest)) = found else { return Flow::Next };
        let rest = if rest.is_empty() { self.empty.to_owned() } else { path::rooted(rest).into_owned() };
        request.headers.append(X_FORWARDED_PREFIX, prefix.value.clone());
        path::rewrite(&mut request.target, &rest, exchange)
    }
}
