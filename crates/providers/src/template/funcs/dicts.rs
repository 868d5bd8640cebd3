//! Functions that make, read and merge maps.

use super::super::value::Value;
use super::Family;
use super::args::{Entries, Outcome, at_least, exactly, map, text, to_text};

pub(super) const FUNCTIONS: Family = &[
    ("dict", make),
    ("get", get),
    ("hasKey", has_key),
    ("pluck", pluck),
    ("keys", keys),
    ("values", values),
    ("pick", pick),
    ("omit", omit),
    ("dig", dig),
    ("deepCopy", deep_copy),
    ("mustDeepCopy", deep_copy),
];

/// The functions that change their first argument; the executor gives it the result.
pub(super) const MUTATORS: Family = &[
    ("set", set),
    ("unset", unset),
    ("merge", merge),
    ("mustMerge", merge),
    ("mergeOverwrite", merge_overwrite),
    ("mustMergeOverwrite", merge_overwrite),
];

fn make(args: &[Value]) -> Outcome {
    let value = |pair: &[Value]| pair.get(1).cloned().unwrap_or_else(|| "".into());
    Ok(Value::map(args.chunks(2).map(|pair| (to_text(&pair[0]), value(pair))).collect()))
}

fn get(args: &[Value]) -> Outcome {
    let [entries, key] = exactly(args)?;
    Ok(map(entries)?.get(text(key)?).cloned().unwrap_or_else(|| "".into()))
}

fn set(args: &[Value]) -> Outcome {
    let [entries, key, value] = exactly(args)?;
    let mut entries = map(entries)?.clone();
    entries.insert(text(key)?.into(), value.clone());
    Ok(Value::map(entries))
}

fn unset(args: &[Value]) -> Outcome {
    let [entries, key] = exactly(args)?;
    let mut entries = map(entries)?.clone();
    entries.remove(text(key)?);
    Ok(Value::map(entries))
}

fn has_key(args: &[Value]) -> Outcome {
    let [entries, key] = exactly(args)?;
    Ok(map(entries)?.contains_key(text(key)?).into())
}

fn pluck(args: &[Value]) -> Outcome {
    let ([key], maps) = at_least(args)?;
    let key = text(key)?;
    let mut found = Vec::new();
    for entries in maps {
        found.extend(map(entries)?.get(key).cloned());
    }
    Ok(Value::list(found))
}

/// Go gives keys and values in random order; here they are sorted by key, so that a reload changes nothing.
fn keys(args: &[Value]) -> Outcome {
    let mut keys = Vec::new();
    for entries in args {
        keys.extend(map(entries)?.keys().cloned());
    }
    Ok(Value::texts(keys))
}

fn values(args: &[Value]) -> Outcome {
    let [entries] = exactly(args)?;
    Ok(Value::list(map(entries)?.values().cloned().collect()))
}

/// What happens to the entries whose key is listed.
#[derive(Clone, Copy, PartialEq)]
enum Listed {
    Kept,
    Removed,
}

fn filtered(args: &[Value], listed: Listed) -> Outcome {
    let ([entries], names) = at_least(args)?;
    let names: Vec<&str> = names.iter().map(text).collect::<Result<_, _>>()?;
    let mut kept = map(entries)?.clone();
    kept.retain(|key, _| names.contains(&&**key) == (listed == Listed::Kept));
    Ok(Value::map(kept))
}

fn pick(args: &[Value]) -> Outcome {
    filtered(args, Listed::Kept)
}

fn omit(args: &[Value]) -> Outcome {
    filtered(args, Listed::Removed)
}

/// Which value of a key in two maps stays.
#[derive(Clone, Copy, PartialEq)]
enum Winner {
    /// The first, unless it is empty.
    First,
    Last,
}

fn merge(args: &[Value]) -> Outcome {
    merged(args, Winner::First)
}

fn merge_overwrite(args: &[Value]) -> Outcome {
    merged(args, Winner::Last)
}

fn merged(args: &[Value], winner: Winner) -> Outcome {
    let ([first], others) = at_least(args)?;
    let mut entries = map(first)?.clone();
    for other in others {
        merge_into(&mut entries, map(other)?, winner);
    }
    Ok(Value::map(entries))
}

/// Maps in maps are merged too.
fn merge_into(into: &mut Entries, from: &Entries, winner: Winner) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(old), Value::Map(new)) if matches!(old, Value::Map(_)) => {
                let Value::Map(map) = &*old else { continue };
                let mut inner = map.entries.clone();
                merge_into(&mut inner, &new.entries, winner);
                *old = Value::map(inner);
            }
            (Some(old), value) if winner == Winner::Last || !old.is_true() => *old = value.clone(),
            (Some(_), _) => {}
            (None, value) => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// `dig "a" "b" DEFAULT MAP`: the value at the end of a path of keys.
fn dig(args: &[Value]) -> Outcome {
    let [first, rest @ .., default, entries] = args else {
        return Err(format!("expected at least 3 arguments, got {}", args.len()));
    };
    let mut found = entries;
    for key in std::iter::once(first).chain(rest) {
        match map(found)?.get(text(key)?) {
            Some(value) => found = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(found.clone())
}

fn deep_copy(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(value.clone())
}
