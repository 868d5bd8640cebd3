//! The template functions, one file a family, and the one table of all of them.

mod args;
mod cases;
mod cast;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod json;
mod lists;
mod math;
mod os;
mod random;
mod reflect;
mod regexes;
mod semver;
mod strings;
mod unsupported;
mod urls;
mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::ast::Style;
use super::builtins;
use super::value::Value;

/// A template function.
pub(super) type Func = fn(&[Value]) -> Result<Value, String>;

/// The functions of one family by name.
pub(super) type Family = &'static [(&'static str, Func)];

/// All families that are called in the plain way. A name stands in one of them only.
const FAMILIES: &[Family] = &[
    builtins::FUNCTIONS,
    strings::FUNCTIONS,
    words::FUNCTIONS,
    lists::FUNCTIONS,
    dicts::FUNCTIONS,
    math::FUNCTIONS,
    dates::FUNCTIONS,
    encoding::FUNCTIONS,
    defaults::FUNCTIONS,
    reflect::FUNCTIONS,
    regexes::FUNCTIONS,
    semver::FUNCTIONS,
    urls::FUNCTIONS,
    os::FUNCTIONS,
    random::FUNCTIONS,
    unsupported::FUNCTIONS,
];

/// The function of that name, and how it is called.
pub(super) fn find(name: &str) -> Option<(Func, Style)> {
    static BY_NAME: LazyLock<HashMap<&str, (Func, Style)>> = LazyLock::new(|| {
        let plain =
            FAMILIES.iter().flat_map(|family| family.iter().map(|(name, func)| (*name, *func, Style::Plain)));
        let mutators = dicts::MUTATORS.iter().map(|(name, func)| (*name, *func, Style::Mutator));
        let lazy = [("and", Style::And), ("or", Style::Or)].map(|(name, style)| (name, never as Func, style));
        plain.chain(mutators).chain(lazy).map(|(name, func, style)| (name, (func, style))).collect()
    });
    BY_NAME.get(name).copied()
}

/// In the place of functions that the executor evaluates itself.
fn never(_: &[Value]) -> Result<Value, String> {
    Err("evaluated by the executor".to_owned())
}

/// The names of all functions.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().copied().flatten().chain(dicts::MUTATORS).map(|(name, _)| *name)
}
