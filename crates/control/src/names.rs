//! `name@provider`.

use std::borrow::Cow;

/// The provider of what ferroway defines itself.
pub const INTERNAL: &str = "internal";

/// A reference in full: one without `@` names an object of the provider that it stands in.
pub fn qualified<'n>(reference: &'n str, provider: &str) -> Cow<'n, str> {
    if reference.contains('@') {
        Cow::Borrowed(reference)
    } else {
        Cow::Owned(format!("{reference}@{provider}"))
    }
}

/// The provider of a full name.
pub fn provider_of(full: &str) -> &str {
    last_at(full).map_or("", |at| &full[at + 1..])
}

/// A full name without its provider.
pub fn local_name(full: &str) -> &str {
    last_at(full).map_or(full, |at| &full[..at])
}

/// Where the provider is set apart. Close to the end, so that a plain loop is the fastest way there: every change
/// of a configuration asks for tens of thousands.
fn last_at(full: &str) -> Option<usize> {
    full.bytes().rposition(|byte| byte == b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_and_without_provider() {
        assert_eq!(qualified("a", "file"), "a@file");
        assert_eq!(qualified("a@docker", "file"), "a@docker");
        assert_eq!((local_name("a@b@file"), provider_of("a@b@file")), ("a@b", "file"));
    }
}
