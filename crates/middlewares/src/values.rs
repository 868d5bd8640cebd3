//! Field names and values from configuration.

use http::{HeaderName, HeaderValue};

use crate::Problem;

/// `X-Replaced-Path`.
pub(crate) const X_REPLACED_PATH: HeaderName = HeaderName::from_static("x-replaced-path");

/// A field value. Line breaks, which a value folded over several lines in YAML may have, become spaces.
///
/// # Errors
/// Other control characters.
pub(crate) fn parse(option: &str, text: &str) -> Result<HeaderValue, Problem> {
    let one_line = text.replace(['\r', '\n'], " ");
    HeaderValue::from_bytes(one_line.trim().as_bytes()).map_err(|_| {
        Problem::invalid(format!("{option}: {text:?} has characters that no field value may have"))
    })
}

/// A field name.
///
/// # Errors
/// It is empty or has characters that no name may have.
pub(crate) fn name(option: &str, text: &str) -> Result<HeaderName, Problem> {
    HeaderName::from_bytes(text.as_bytes()).map_err(|_| {
        Problem::invalid(format!("{option}: {text:?} is no field name, expected letters, digits and hyphens"))
    })
}

/// An escaped path as field value.
pub(crate) fn of_path(escaped: &str) -> HeaderValue {
    HeaderValue::from_str(escaped).expect("an escaped path is ASCII without control characters")
}
