//! The functions of `text/template` itself. `and` and `or` are in [`super::exec`], sprig replaces `slice`.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::funcs::Family;
use super::printf::{sprint, sprintf, sprintln};
use super::quoting::is_printable;
use super::value::Value;

pub(super) const FUNCTIONS: Family = &[
    ("not", not),
    ("len", len),
    ("index", index),
    ("call", call),
    ("print", print),
    ("println", println),
    ("printf", printf),
    ("html", html),
    ("js", js),
    ("urlquery", urlquery),
    ("eq", eq),
    ("ne", ne),
    ("lt", lt),
    ("le", le),
    ("gt", gt),
    ("ge", ge),
];

type Outcome = Result<Value, String>;

fn not(args: &[Value]) -> Outcome {
    match args {
        [value] => Ok((!value.is_true()).into()),
        _ => Err(format!("expected 1 argument, got {}", args.len())),
    }
}

fn len(args: &[Value]) -> Outcome {
    let length = match args {
        [Value::Text(text)] => text.len(),
        [Value::List(list)] => list.items.len(),
        [Value::Map(map)] => map.entries.len(),
        [other] => return Err(format!("expected text, a list or a map, got {}", other.describe())),
        _ => return Err(format!("expected 1 argument, got {}", args.len())),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(args: &[Value]) -> Outcome {
    let Some((first, keys)) = args.split_first() else {
        return Err("expected at least 1 argument, got 0".into());
    };
    if first.is_nil() {
        return Err("expected a list, a map or text, got nil".into());
    }
    let mut found = first.clone();
    for key in keys {
        found = element(&found, key)?;
    }
    Ok(found)
}

fn element(value: &Value, key: &Value) -> Outcome {
    let at = || match key {
        Value::Int(at) | Value::Int64(at) => {
            usize::try_from(*at).map_err(|_| format!("expected an index from 0 on, got {at}"))
        }
        other => Err(format!("expected a whole number as index, got {}", other.describe())),
    };
    let out_of_range = |at, length| format!("index {at} is out of range, there are {length} elements");
    match value {
        Value::List(list) => {
            let at = at()?;
            list.items.get(at).cloned().ok_or_else(|| out_of_range(at, list.items.len()))
        }
        Value::Text(text) => {
            let at = at()?;
            let byte = text.as_bytes().get(at).ok_or_else(|| out_of_range(at, text.len()))?;
            Ok(Value::Int((*byte).into()))
        }
        Value::Map(map) => match key {
            Value::Text(key) => Ok(map.entries.get(key).cloned().unwrap_or(Value::Missing)),
            other => Err(format!("expected text as key, got {}", other.describe())),
        },
        other => Err(format!("expected a list, a map or text, got {}", other.describe())),
    }
}

fn call(args: &[Value]) -> Outcome {
    let shown = args.first().map_or_else(|| "nothing".to_owned(), Value::describe);
    Err(format!("expected a function, got {shown}"))
}

fn print(args: &[Value]) -> Outcome {
    Ok(sprint(args).into())
}

fn println(args: &[Value]) -> Outcome {
    Ok(sprintln(args).into())
}

fn printf(args: &[Value]) -> Outcome {
    match args {
        [Value::Text(format), values @ ..] => Ok(sprintf(format, values).into()),
        [other, ..] => Err(format!("expected a format, got {}", other.describe())),
        [] => Err("expected at least 1 argument, got 0".into()),
    }
}

/// The arguments of an escaping function as one text; nil shows as it does in an action.
fn joined(args: &[Value]) -> String {
    let shown = |value: &Value| if value.is_nil() { "<no value>".into() } else { value.clone() };
    sprint(&args.iter().map(shown).collect::<Vec<_>>())
}

fn html(args: &[Value]) -> Outcome {
    let mut out = String::new();
    for c in joined(args).chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    Ok(out.into())
}

fn js(args: &[Value]) -> Outcome {
    let mut out = String::new();
    for c in joined(args).chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c if is_printable(c) => out.push(c),
            c => drop(write!(out, "\\u{:04X}", u32::from(c))),
        }
    }
    Ok(out.into())
}

fn urlquery(args: &[Value]) -> Outcome {
    let mut out = String::new();
    for byte in joined(args).bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    Ok(out.into())
}

fn not_comparable(a: &Value, b: &Value) -> String {
    format!("{} and {} cannot be compared", a.describe(), b.describe())
}

fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    match (a, b) {
        (a, b) if a.is_nil() || b.is_nil() => Ok(a.is_nil() && b.is_nil()),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Int(a) | Value::Int64(a), Value::Int(b) | Value::Int64(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => Ok(a == b),
        (Value::Time(a), Value::Time(b)) => Ok(a == b),
        _ => Err(not_comparable(a, b)),
    }
}

/// True where the first argument equals one of the others.
fn eq(args: &[Value]) -> Outcome {
    let [first, others @ ..] = args else { return Err("expected at least 2 arguments, got 0".into()) };
    if others.is_empty() {
        return Err("expected at least 2 arguments, got 1".into());
    }
    for other in others {
        if equal(first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn two(args: &[Value]) -> Result<[&Value; 2], String> {
    match args {
        [a, b] => Ok([a, b]),
        _ => Err(format!("expected 2 arguments, got {}", args.len())),
    }
}

fn ne(args: &[Value]) -> Outcome {
    let [a, b] = two(args)?;
    Ok((!equal(a, b)?).into())
}

/// The order of two numbers or texts; nothing where one is not a number.
fn order(args: &[Value]) -> Result<Option<Ordering>, String> {
    match two(args)? {
        [Value::Int(a) | Value::Int64(a), Value::Int(b) | Value::Int64(b)] => Ok(Some(a.cmp(b))),
        [Value::Float(a), Value::Float(b)] => Ok(a.partial_cmp(b)),
        [Value::Text(a), Value::Text(b)] => Ok(Some(a.cmp(b))),
        [a, b] => Err(not_comparable(a, b)),
    }
}

fn lt(args: &[Value]) -> Outcome {
    Ok(order(args)?.is_some_and(Ordering::is_lt).into())
}

fn le(args: &[Value]) -> Outcome {
    Ok(order(args)?.is_some_and(Ordering::is_le).into())
}

fn gt(args: &[Value]) -> Outcome {
    Ok(order(args)?.is_some_and(Ordering::is_gt).into())
}

fn ge(args: &[Value]) -> Outcome {
    Ok(order(args)?.is_some_and(Ordering::is_ge).into())
}
