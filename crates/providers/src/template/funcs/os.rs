//! The environment, host names and paths.

use std::net::ToSocketAddrs;

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, exactly, text};

pub(super) const FUNCTIONS: Family = &[
    ("env", env),
    ("expandenv", expandenv),
    ("getHostByName", get_host_by_name),
    ("base", base),
    ("dir", dir),
    ("clean", clean),
    ("ext", ext),
    ("isAbs", is_abs),
    ("osBase", base),
    ("osDir", dir),
    ("osClean", clean),
    ("osExt", ext),
    ("osIsAbs", is_abs),
];

/// A variable of the environment; empty where it is not set.
fn variable(name: &str) -> String {
    // The standard library panics on names that no variable can have.
    if name.is_empty() || name.contains(['=', '\0']) {
        return String::new();
    }
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

fn env(args: &[Value]) -> Outcome {
    let [name] = exactly(args)?;
    Ok(variable(text(name)?).into())
}

fn expandenv(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let mut rest = text(value)?;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, tail) = variable_name(after);
        match name {
            Some(name) => out.push_str(&variable(name)),
            // A dollar sign before something that cannot be a name.
            None if tail.len() == after.len() => out.push('$'),
            None => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The name behind a dollar sign, `NAME`, `{NAME}` or one special character, and what follows. Without a name,
/// bad syntax is skipped as far as Go skips it.
fn variable_name(text: &str) -> (Option<&str>, &str) {
    let special = |c: char| c.is_ascii_digit() || "*#$@!?-".contains(c);
    if let Some(braced) = text.strip_prefix('{') {
        return match braced.find('}') {
            Some(0) => (None, &braced[1..]),
            Some(end) => (Some(&braced[..end]), &braced[end + 1..]),
            None => (None, braced),
        };
    }
    if text.starts_with(special) {
        return (Some(&text[..1]), &text[1..]);
    }
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    if end == 0 { (None, text) } else { (Some(&text[..end]), &text[end..]) }
}

/// One of the addresses of a host.
fn get_host_by_name(args: &[Value]) -> Outcome {
    let [name] = exactly(args)?;
    let name = text(name)?;
    let found = (name, 0).to_socket_addrs().map_err(|error| format!("{name}: {error}"))?;
    let addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
    let count = u64::try_from(addresses.len()).unwrap_or(u64::MAX);
    if count == 0 {
        return Err(format!("{name} has no address"));
    }
    let at = usize::try_from(super::random::below(count)?).unwrap_or(0);
    Ok(addresses[at].as_str().into())
}

fn base(args: &[Value]) -> Outcome {
    let [path] = exactly(args)?;
    let path = text(path)?;
    if path.is_empty() {
        return Ok(".".into());
    }
    let trimmed = path.trim_end_matches('/');
    Ok(if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }.into())
}

fn dir(args: &[Value]) -> Outcome {
    let [path] = exactly(args)?;
    let path = text(path)?;
    Ok(cleaned(path.rfind('/').map_or("", |slash| &path[..=slash])).into())
}

fn clean(args: &[Value]) -> Outcome {
    let [path] = exactly(args)?;
    Ok(cleaned(text(path)?).into())
}

/// The shortest path with the same meaning, judged by its text alone.
fn cleaned(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn ext(args: &[Value]) -> Outcome {
    let [path] = exactly(args)?;
    let name = text(path)?.rsplit('/').next().unwrap_or_default();
    Ok(name.rfind('.').map_or("", |dot| &name[dot..]).into())
}

fn is_abs(args: &[Value]) -> Outcome {
    let [path] = exactly(args)?;
    Ok(text(path)?.starts_with('/').into())
}
