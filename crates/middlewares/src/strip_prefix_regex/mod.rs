//! `stripPrefixRegex`: takes what a regular expression matches at its start off the path.

use ferroway_config::dynamic;
use ferroway_core::header::X_FORWARDED_PREFIX;
use ferroway_core::{Exchange, Filter, Flow, RequestHead};
use ferroway_rules::{GoRegex, go_text};
use http::HeaderValue;

use crate::{Problem, path};

#[cfg(test)]
mod tests;

pub(crate) struct StripPrefixRegex(Box<[GoRegex]>);

impl StripPrefixRegex {
    pub(crate) fn new(config: &dynamic::StripPrefixRegex) -> Result<Self, Problem> {
        let regexes = config.regex.iter().map(|pattern| GoRegex::new(pattern.trim()));
        Ok(Self(regexes.collect::<Result<_, _>>()?))
    }

    /// How many bytes of a decoded path go away.
    fn prefix_len(&self, path: &[u8]) -> Option<usize> {
        let text = go_text(path);
        let at_start = |regex: &GoRegex| regex.find(&text).filter(|found| found.start == 0 && found.end > 0);
        let found = self.0.iter().find_map(at_start)?;
        Some(original_len(path, found.end))
    }
}

/// How many bytes of `path` the first `len` bytes of its text form stand for: a byte that is no UTF-8 takes three there.
fn original_len(path: &[u8], len: usize) -> usize {
    let (mut original, mut shown) = (0, 0);
    for chunk in path.utf8_chunks() {
        let valid = chunk.valid().len().min(len - shown);
        (original, shown) = (original + valid, shown + valid);
        let replaced = chunk.invalid().len().min((len - shown) / char::REPLACEMENT_CHARACTER.len_utf8());
        (original, shown) = (original + replaced, shown + replaced * char::REPLACEMENT_CHARACTER.len_utf8());
    }
    original
}

impl Filter for StripPrefixRegex {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        let escaped = request.target.path();
        let decoded = path::decode(escaped);
        let Some(len) = self.prefix_len(&decoded) else { return Flow::Next };
        let prefix = &decoded[..len];
        // What no field value can carry cannot be told to the server.
        let Ok(value) = HeaderValue::from_bytes(prefix) else { return path::refuse() };
        let rest = path::strip(escaped, prefix).unwrap_or(escaped);
        let rest = path::rooted(rest).into_owned();
        request.headers.append(X_FORWARDED_PREFIX, value);
        path::rewrite(&mut request.target, &rest, exchange)
    }
}
