//! The type and kind of values, in Go's words.

use super::super::value::Value;
use super::Family;
use super::args::{Outcome, exactly, text};

pub(super) const FUNCTIONS: Family = &[
    ("typeOf", type_of),
    ("typeIs", type_is),
    ("typeIsLike", type_is_like),
    ("kindOf", kind_of),
    ("kindIs", kind_is),
    ("deepEqual", deep_equal),
];

fn type_of(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(value.type_name().into())
}

fn type_is(args: &[Value]) -> Outcome {
    let [name, value] = exactly(args)?;
    Ok((text(name)? == value.type_name()).into())
}

fn type_is_like(args: &[Value]) -> Outcome {
    let [name, value] = exactly(args)?;
    let (name, found) = (text(name)?, value.type_name());
    Ok((name == found || found.strip_prefix('*') == Some(name)).into())
}

fn kind_of(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(value.kind_name().into())
}

fn kind_is(args: &[Value]) -> Outcome {
    let [name, value] = exactly(args)?;
    Ok((text(name)? == value.kind_name()).into())
}

fn deep_equal(args: &[Value]) -> Outcome {
    let [a, b] = exactly(args)?;
    Ok((a == b).into())
}
