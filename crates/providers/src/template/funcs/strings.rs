//! Functions that cut, join, search and quote text.

use std::rc::Rc;

use super::super::quoting::{self, Escapes};
use super::super::value::Value;
use super::Family;
use super::args::{Outcome, check_size, exactly, integer, list, text, to_text};

pub(super) const FUNCTIONS: Family = &[
    ("hello", hello),
    ("abbrev", abbrev),
    ("abbrevboth", abbrevboth),
    ("trunc", trunc),
    ("trim", trim),
    ("trimall", trim_all),
    ("trimAll", trim_all),
    ("trimSuffix", trim_suffix),
    ("trimPrefix", trim_prefix),
    ("substr", substr),
    ("repeat", repeat),
    ("contains", contains),
    ("hasPrefix", has_prefix),
    ("hasSuffix", has_suffix),
    ("quote", quote),
    ("squote", squote),
    ("cat", cat),
    ("indent", indent),
    ("nindent", nindent),
    ("replace", replace),
    ("plural", plural),
    ("toString", to_string),
    ("toStrings", to_strings),
    ("split", split),
    ("splitList", split_list),
    ("splitn", splitn),
    ("join", join),
    ("sortAlpha", sort_alpha),
    ("normalize", normalize),
    ("fail", fail),
];

fn hello(args: &[Value]) -> Outcome {
    exactly::<0>(args)?;
    Ok("Hello!".into())
}

/// A count as an index; negative counts are zero.
fn index(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

fn abbrev(args: &[Value]) -> Outcome {
    let [width, value] = exactly(args)?;
    let (width, value) = (integer(width)?, text(value)?);
    Ok(if width < 4 { value.into() } else { abbreviate(value, 0, index(width)).into() })
}

fn abbrevboth(args: &[Value]) -> Outcome {
    let [left, right, value] = exactly(args)?;
    let (left, right) = (integer(left)?, integer(right)?);
    let value = text(value)?;
    if right < 4 || (left > 0 && right < 7) {
        return Ok(value.into());
    }
    Ok(abbreviate(value, index(left), index(right)).into())
}

/// `value` in at most `width` bytes, with `...` for what is left out before `offset` and at the end.
fn abbreviate(value: &str, offset: usize, width: usize) -> String {
    const DOTS: &str = "...";
    if value.len() <= width {
        return value.to_owned();
    }
    let room = width - DOTS.len();
    let offset = if value.len() < offset.saturating_add(room) { value.len() - room } else { offset };
    if offset <= 4 {
        return format!("{}{DOTS}", &value[..value.floor_char_boundary(room)]);
    }
    let offset = value.floor_char_boundary(offset);
    if offset + room < value.len() {
        return format!("{DOTS}{}", abbreviate(&value[offset..], 0, room));
    }
    format!("{DOTS}{}", &value[value.ceil_char_boundary(value.len() - room)..])
}

fn trunc(args: &[Value]) -> Outcome {
    let [count, value] = exactly(args)?;
    let (count, value) = (integer(count)?, text(value)?);
    let keep = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(if keep >= value.len() {
        value
    } else if count < 0 {
        &value[value.ceil_char_boundary(value.len() - keep)..]
    } else {
        &value[..value.floor_char_boundary(keep)]
    }
    .into())
}

fn trim(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(text(value)?.trim().into())
}

fn trim_all(args: &[Value]) -> Outcome {
    let [cut, value] = exactly(args)?;
    let cut = text(cut)?;
    Ok(text(value)?.trim_matches(|c| cut.contains(c)).into())
}

fn trim_suffix(args: &[Value]) -> Outcome {
    let [suffix, value] = exactly(args)?;
    let value = text(value)?;
    Ok(value.strip_suffix(text(suffix)?).unwrap_or(value).into())
}

fn trim_prefix(args: &[Value]) -> Outcome {
    let [prefix, value] = exactly(args)?;
    let value = text(value)?;
    Ok(value.strip_prefix(text(prefix)?).unwrap_or(value).into())
}

fn substr(args: &[Value]) -> Outcome {
    let [start, end, value] = exactly(args)?;
    let (start, end) = (integer(start)?, integer(end)?);
    let value = text(value)?;
    let length = value.len();
    let (from, to) = if start < 0 {
        (0, usize::try_from(end).ok().filter(|end| *end <= length))
    } else if end < 0 || index(end) > length {
        (index(start), Some(length))
    } else {
        (index(start), Some(index(end)))
    };
    let to = to
        .filter(|to| from <= *to)
        .ok_or_else(|| format!("expected a range inside of {length} bytes, got {start} to {end}"))?;
    Ok(value[value.floor_char_boundary(from)..value.floor_char_boundary(to)].into())
}

fn repeat(args: &[Value]) -> Outcome {
    let [count, value] = exactly(args)?;
    let (count, value) = (integer(count)?, text(value)?);
    let times = usize::try_from(count).map_err(|_| format!("expected a count of at least 0, got {count}"))?;
    check_size(value.len().saturating_mul(times))?;
    Ok(value.repeat(times).into())
}

/// The two text arguments of a search: what is looked for, and where.
fn needle_and_text(args: &[Value]) -> Result<(&str, &str), String> {
    let [needle, value] = exactly(args)?;
    Ok((text(needle)?, text(value)?))
}

fn contains(args: &[Value]) -> Outcome {
    let (needle, value) = needle_and_text(args)?;
    Ok(value.contains(needle).into())
}

fn has_prefix(args: &[Value]) -> Outcome {
    let (needle, value) = needle_and_text(args)?;
    Ok(value.starts_with(needle).into())
}

fn has_suffix(args: &[Value]) -> Outcome {
    let (needle, value) = needle_and_text(args)?;
    Ok(value.ends_with(needle).into())
}

/// The values that are not nil, each made text by `show`, with spaces between.
fn spaced(args: &[Value], show: impl Fn(&str) -> String) -> Value {
    let shown: Vec<String> =
        args.iter().filter(|value| !value.is_nil()).map(|value| show(&to_text(value))).collect();
    shown.join(" ").into()
}

fn quote(args: &[Value]) -> Outcome {
    Ok(spaced(args, |value| quoting::quote(value, Escapes::Unprintable)))
}

fn squote(args: &[Value]) -> Outcome {
    Ok(spaced(args, |value| format!("'{value}'")))
}

fn cat(args: &[Value]) -> Outcome {
    Ok(spaced(args, str::to_owned))
}

fn indented(args: &[Value]) -> Result<String, String> {
    let [spaces, value] = exactly(args)?;
    let (spaces, value) = (integer(spaces)?, text(value)?);
    let width = usize::try_from(spaces).map_err(|_| format!("expected at least 0 spaces, got {spaces}"))?;
    let lines = value.matches('\n').count() + 1;
    check_size(value.len().saturating_add(width.saturating_mul(lines)))?;
    let pad = " ".repeat(width);
    Ok(format!("{pad}{}", value.replace('\n', &format!("\n{pad}"))))
}

fn indent(args: &[Value]) -> Outcome {
    Ok(indented(args)?.into())
}

fn nindent(args: &[Value]) -> Outcome {
    Ok(format!("\n{}", indented(args)?).into())
}

fn replace(args: &[Value]) -> Outcome {
    let [old, new, value] = exactly(args)?;
    let (old, new, value) = (text(old)?, text(new)?, text(value)?);
    let found = if old.is_empty() { value.chars().count() + 1 } else { value.matches(old).count() };
    check_size(value.len().saturating_add(new.len().saturating_mul(found)))?;
    Ok(value.replace(old, new).into())
}

fn plural(args: &[Value]) -> Outcome {
    let [one, many, count] = exactly(args)?;
    let (one, many) = (text(one)?, text(many)?);
    Ok(if integer(count)? == 1 { one } else { many }.into())
}

fn to_string(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Text(to_text(value)))
}

/// The elements of a list as texts without its nils; another value alone.
fn texts(value: &Value) -> Vec<Rc<str>> {
    match value {
        Value::List(list) => list.items.iter().filter(|item| !item.is_nil()).map(to_text).collect(),
        value if value.is_nil() => Vec::new(),
        other => vec![to_text(other)],
    }
}

fn to_strings(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::texts(texts(value)))
}

/// The parts of `value` between separators; an empty separator parts characters.
fn parts<'a>(value: &'a str, separator: &str, limit: usize) -> Vec<&'a str> {
    if !separator.is_empty() {
        return value.splitn(limit, separator).collect();
    }
    let mut starts = value.char_indices().map(|(at, _)| at).skip(1);
    let mut cuts: Vec<usize> = starts.by_ref().take(limit.saturating_sub(1)).collect();
    cuts.insert(0, 0);
    cuts.push(value.len());
    cuts.windows(2).map(|pair| &value[pair[0]..pair[1]]).filter(|part| !part.is_empty()).collect()
}

/// Traefik's own, text first; sprig's takes the separator first and gives a map.
fn split(args: &[Value]) -> Outcome {
    let [value, separator] = exactly(args)?;
    Ok(Value::texts(parts(text(value)?, text(separator)?, usize::MAX)))
}

fn split_list(args: &[Value]) -> Outcome {
    let [separator, value] = exactly(args)?;
    Ok(Value::texts(parts(text(value)?, text(separator)?, usize::MAX)))
}

fn splitn(args: &[Value]) -> Outcome {
    let [separator, limit, value] = exactly(args)?;
    let (separator, value) = (text(separator)?, text(value)?);
    let found = match integer(limit)? {
        0 => Vec::new(),
        limit => parts(value, separator, usize::try_from(limit).unwrap_or(usize::MAX)),
    };
    let named = found.into_iter().enumerate().map(|(at, part)| (format!("_{at}").into(), part.into()));
    Ok(Value::map(named.collect()))
}

fn join(args: &[Value]) -> Outcome {
    let [separator, value] = exactly(args)?;
    let separator = text(separator)?;
    let texts = texts(value);
    check_size(texts.iter().map(|text| text.len() + separator.len()).sum())?;
    Ok(texts.join(separator).into())
}

fn sort_alpha(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let mut sorted = if list(value).is_ok() { texts(value) } else { vec![to_text(value)] };
    sorted.sort_unstable();
    Ok(Value::texts(sorted))
}

/// Traefik's own: everything that is neither a letter nor a digit becomes `-`, as in generated router names.
fn normalize(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let words = text(value)?.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    Ok(words.collect::<Vec<_>>().join("-").into())
}

fn fail(args: &[Value]) -> Outcome {
    let [message] = exactly(args)?;
    Err(text(message)?.to_owned())
}
