//! Functions that choose between values, and JSON.

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, at_least, boolean, exactly, text};
use super::json::{self, Style};

pub(super) const FUNCTIONS: Family = &[
    ("default", default),
    ("empty", empty),
    ("coalesce", coalesce),
    ("all", all),
    ("any", any),
    ("ternary", ternary),
    ("fromJson", from_json),
    ("mustFromJson", must_from_json),
    ("toJson", to_json),
    ("mustToJson", to_json),
    ("toPrettyJson", to_pretty_json),
    ("mustToPrettyJson", to_pretty_json),
    ("toRawJson", to_raw_json),
    ("mustToRawJson", to_raw_json),
];

fn default(args: &[Value]) -> Outcome {
    let ([default], given) = at_least(args)?;
    Ok(given.first().filter(|value| value.is_true()).unwrap_or(default).clone())
}

fn empty(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok((!value.is_true()).into())
}

fn coalesce(args: &[Value]) -> Outcome {
    Ok(args.iter().find(|value| value.is_true()).cloned().unwrap_or(Value::Nil))
}

fn all(args: &[Value]) -> Outcome {
    Ok(args.iter().all(Value::is_true).into())
}

fn any(args: &[Value]) -> Outcome {
    Ok(args.iter().any(Value::is_true).into())
}

fn ternary(args: &[Value]) -> Outcome {
    let [yes, no, condition] = exactly(args)?;
    Ok(if boolean(condition)? { yes } else { no }.clone())
}

fn from_json(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(json::parse(text(value)?).unwrap_or(Value::Nil))
}

fn must_from_json(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    json::parse(text(value)?).map_err(|error| error.to_string())
}

fn to_json(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(json::write(value, Style::Compact).into())
}

fn to_pretty_json(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(json::write(value, Style::Pretty).into())
}

fn to_raw_json(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(json::write(value, Style::Raw).into())
}
