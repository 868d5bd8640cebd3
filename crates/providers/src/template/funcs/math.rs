//! Arithmetic. Everything is converted first, see [`super::cast`]; integers wrap around as in Go.

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, at_least, exactly, integer, text, to_text};
use super::cast::{to_float, to_int};
use super::decimal::Decimal;

pub(super) const FUNCTIONS: Family = &[
    ("int", int),
    ("int64", to_int64),
    ("float64", to_float64),
    ("atoi", atoi),
    ("toDecimal", to_decimal),
    ("add", add),
    ("add1", add1),
    ("sub", sub),
    ("mul", mul),
    ("div", div),
    ("mod", modulo),
    ("addf", addf),
    ("add1f", add1f),
    ("subf", subf),
    ("mulf", mulf),
    ("divf", divf),
    ("max", max),
    ("biggest", max),
    ("min", min),
    ("maxf", maxf),
    ("minf", minf),
    ("floor", floor),
    ("ceil", ceil),
    ("round", round),
];

fn int(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Int(to_int(value)))
}

fn to_int64(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Int64(to_int(value)))
}

fn to_float64(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Float(to_float(value)))
}

fn atoi(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Int(text(value)?.parse().unwrap_or(0)))
}

/// The number whose octal digits the argument shows, as in file modes.
fn to_decimal(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Int64(i64::from_str_radix(&to_text(value), 8).unwrap_or(0)))
}

fn add(args: &[Value]) -> Outcome {
    Ok(Value::Int64(args.iter().fold(0, |sum: i64, value| sum.wrapping_add(to_int(value)))))
}

fn add1(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Int64(to_int(value).wrapping_add(1)))
}

fn sub(args: &[Value]) -> Outcome {
    let [a, b] = exactly(args)?;
    Ok(Value::Int64(to_int(a).wrapping_sub(to_int(b))))
}

fn mul(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    Ok(Value::Int64(others.iter().fold(to_int(first), |product, value| product.wrapping_mul(to_int(value)))))
}

/// The two integers of a division; the second is not zero.
fn dividend_and_divisor(args: &[Value]) -> Result<(i64, i64), String> {
    let [a, b] = exactly(args)?;
    match to_int(b) {
        0 => Err("division by zero".to_owned()),
        b => Ok((to_int(a), b)),
    }
}

fn div(args: &[Value]) -> Outcome {
    let (a, b) = dividend_and_divisor(args)?;
    Ok(Value::Int64(a.wrapping_div(b)))
}

fn modulo(args: &[Value]) -> Outcome {
    let (a, b) = dividend_and_divisor(args)?;
    Ok(Value::Int64(a.wrapping_rem(b)))
}

/// Applies an operation to decimal numbers from left to right.
fn decimal_fold(
    first: f64,
    others: &[Value],
    operation: impl Fn(Decimal, Decimal) -> Result<Decimal, String>,
) -> Outcome {
    let result = others.iter().try_fold(Decimal::from_float(first), |left, value| {
        operation(left, Decimal::from_float(to_float(value)))
    })?;
    Ok(Value::Float(result.to_float()))
}

fn addf(args: &[Value]) -> Outcome {
    decimal_fold(0.0, args, |a, b| Ok(a.add(b)))
}

fn add1f(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    decimal_fold(to_float(value), &[Value::Int(1)], |a, b| Ok(a.add(b)))
}

fn subf(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    decimal_fold(to_float(first), others, |a, b| Ok(a.subtract(b)))
}

fn mulf(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    decimal_fold(to_float(first), others, |a, b| Ok(a.multiply(b)))
}

fn divf(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    decimal_fold(to_float(first), others, |a, b| a.divide(b).ok_or_else(|| "division by zero".to_owned()))
}

fn max(args: &[Value]) -> Outcome {
    at_least::<1>(args)?;
    Ok(Value::Int64(args.iter().map(to_int).max().unwrap_or(0)))
}

fn min(args: &[Value]) -> Outcome {
    at_least::<1>(args)?;
    Ok(Value::Int64(args.iter().map(to_int).min().unwrap_or(0)))
}

fn maxf(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    Ok(Value::Float(others.iter().map(to_float).fold(to_float(first), f64::max)))
}

fn minf(args: &[Value]) -> Outcome {
    let ([first], others) = at_least(args)?;
    Ok(Value::Float(others.iter().map(to_float).fold(to_float(first), f64::min)))
}

fn floor(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Float(to_float(value).floor()))
}

fn ceil(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    Ok(Value::Float(to_float(value).ceil()))
}

/// Rounds to a number of decimal places. A third argument moves the border between down and up from 0.5.
fn round(args: &[Value]) -> Outcome {
    let ([value, places], others) = at_least(args)?;
    let border = others.first().map_or(0.5, to_float);
    // More places than a float has digits change nothing.
    let places = integer(places)?.clamp(-400, 400);
    let power = 10_f64.powf(to_float(&Value::Int(places)));
    let shifted = power * to_float(value);
    let rounded = if shifted.fract() >= border { shifted.ceil() } else { shifted.floor() };
    Ok(Value::Float(rounded / power))
}
