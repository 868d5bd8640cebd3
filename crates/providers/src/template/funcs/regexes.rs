//! Regular expressions. The `regex` crate reads Go's syntax but for rare corners (`\C`, `\Q`).

use super::super::value::Value;
use regex::Regex;

use super::Family;
use super::args::{Outcome, check_size, exactly, integer, text};

pub(super) const FUNCTIONS: Family = &[
    ("regexMatch", is_match),
    ("mustRegexMatch", must_match),
    ("regexFind", find),
    ("mustRegexFind", find),
    ("regexFindAll", find_all),
    ("mustRegexFindAll", find_all),
    ("regexReplaceAll", replace_all),
    ("mustRegexReplaceAll", replace_all),
    ("regexReplaceAllLiteral", replace_all_literal),
    ("mustRegexReplaceAllLiteral", replace_all_literal),
    ("regexSplit", split),
    ("mustRegexSplit", split),
    ("regexQuoteMeta", quote_meta),
];

fn compile(value: &Value) -> Result<Regex, String> {
    let pattern = text(value)?;
    Regex::new(pattern).map_err(|error| {
        // The crate's messages show the pattern on several lines; the last one says what is wrong.
        let reason = error.to_string();
        let reason = reason.lines().next_back().unwrap_or_default().trim_start_matches("error: ");
        format!("expected a regular expression, got {pattern:?}: {reason}")
    })
}

fn is_match(args: &[Value]) -> Outcome {
    let [pattern, value] = exactly(args)?;
    let value = text(value)?;
    Ok(compile(pattern).is_ok_and(|regex| regex.is_match(value)).into())
}

fn must_match(args: &[Value]) -> Outcome {
    let [pattern, value] = exactly(args)?;
    Ok(compile(pattern)?.is_match(text(value)?).into())
}

fn find(args: &[Value]) -> Outcome {
    let [pattern, value] = exactly(args)?;
    let found = compile(pattern)?.find(text(value)?).map_or("", |found| found.as_str());
    Ok(found.into())
}

/// The count that limits a search; negative means all.
fn limit(value: &Value) -> Result<usize, String> {
    Ok(usize::try_from(integer(value)?).unwrap_or(usize::MAX))
}

fn find_all(args: &[Value]) -> Outcome {
    let [pattern, value, count] = exactly(args)?;
    let regex = compile(pattern)?;
    let found = regex.find_iter(text(value)?).take(limit(count)?);
    Ok(Value::texts(found.map(|found| found.as_str())))
}

fn replace_all(args: &[Value]) -> Outcome {
    let [pattern, value, replacement] = exactly(args)?;
    let replacement = text(replacement)?;
    replaced(pattern, value, replacement.len(), |regex, value| {
        regex.replace_all(value, replacement).into_owned()
    })
}

fn replace_all_literal(args: &[Value]) -> Outcome {
    let [pattern, value, replacement] = exactly(args)?;
    let replacement = text(replacement)?;
    replaced(pattern, value, replacement.len(), |regex, value| {
        regex.replace_all(value, regex::NoExpand(replacement)).into_owned()
    })
}

fn replaced(
    pattern: &Value,
    value: &Value,
    replacement_size: usize,
    replace: impl Fn(&Regex, &str) -> String,
) -> Outcome {
    let (regex, value) = (compile(pattern)?, text(value)?);
    let matches = regex.find_iter(value).count();
    check_size(value.len().saturating_add(matches.saturating_mul(replacement_size)))?;
    Ok(replace(&regex, value).into())
}

fn split(args: &[Value]) -> Outcome {
    let [pattern, value, count] = exactly(args)?;
    let (regex, value) = (compile(pattern)?, text(value)?);
    let count = limit(count)?;
    if count == 0 {
        return Ok(Value::texts::<&str>([]));
    }
    if value.is_empty() && !regex.as_str().is_empty() {
        return Ok(Value::texts([""]));
    }
    // As in Go: an empty match at the start parts nothing, and nothing follows a match at the very end.
    let mut parts: Vec<&str> = Vec::new();
    let (mut start, mut last_match) = (0, 0);
    for found in regex.find_iter(value) {
        if parts.len() + 1 == count {
            break;
        }
        last_match = found.start();
        if found.end() != 0 {
            parts.push(&value[start..found.start()]);
        }
        start = found.end();
    }
    if last_match != value.len() {
        parts.push(&value[start..]);
    }
    Ok(Value::texts(parts))
}

fn quote_meta(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let special = |c: char| r"\.+*?()|[]{}^$".contains(c);
    let mut out = String::new();
    for c in text(value)?.chars() {
        if special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    Ok(out.into())
}
