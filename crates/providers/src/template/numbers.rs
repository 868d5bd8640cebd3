//! Go's text forms of numbers: `strconv.FormatFloat` and the literals of Go source.

use std::fmt::{self, Write};

/// The form of a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FloatForm {
    /// `%f`: digits without an exponent.
    Fixed,
    /// `%e`: one digit before the point, and an exponent.
    Exponent,
    /// `%g`: the shorter of both.
    General,
}

/// Writes a float as Go prints it by default, with `%g`.
pub(super) fn write_float(out: &mut impl Write, value: f64) -> fmt::Result {
    out.write_str(&format_float(value, FloatForm::General, None))
}

/// The decimal digits of a float and the place of its point: `0.d1d2d3... * 10^point`.
fn digits(value: f64, count: Option<usize>) -> (String, i32) {
    let shown = match count {
        Some(count) => format!("{value:.*e}", count.saturating_sub(1)),
        None => format!("{value:e}"),
    };
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    (mantissa.replace('.', ""), exponent.parse::<i32>().unwrap_or(0) + 1)
}

/// A float in Go's form. `precision` counts digits behind the point, for [`FloatForm::General`] all digits; none
/// means as many as it takes to read the same number again.
pub(super) fn format_float(value: f64, form: FloatForm, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return if sign.is_empty() { "+Inf".to_owned() } else { "-Inf".to_owned() };
    }
    let size = value.abs();
    let body = match form {
        FloatForm::Fixed => match precision {
            Some(places) => format!("{size:.places$}"),
            None => format!("{size}"),
        },
        FloatForm::Exponent => {
            let (digits, point) = digits(size, precision.map(|places| places + 1));
            with_exponent(&digits, if size == 0.0 { 0 } else { point - 1 })
        }
        FloatForm::General => general(size, precision.map(|count| count.max(1))),
    };
    format!("{sign}{body}")
}

/// `%g` of a number that is not negative: an exponent for what is below 1e-4 or has more digits before the point
/// than the precision, which is 6 where none is given.
fn general(size: f64, precision: Option<usize>) -> String {
    let (mut digits, point) = digits(size, precision);
    digits.truncate(digits.trim_end_matches('0').len().max(1));
    let point = if size == 0.0 { 1 } else { point };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let limit = match precision.map(|wanted| i32::try_from(wanted).unwrap_or(i32::MAX)) {
        None => 6,
        Some(wanted) if wanted > count && count >= point => count,
        Some(wanted) => wanted,
    };
    if point < -3 || point > limit { with_exponent(&digits, point - 1) } else { plain(&digits, point) }
}

/// `d.ddde+XX`.
fn with_exponent(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.abs())
}

/// Digits with the point after the first `point` of them.
fn plain(digits: &str, point: i32) -> String {
    let Ok(point) = usize::try_from(point) else {
        let zeros = "0".repeat(usize::try_from(point.unsigned_abs()).unwrap_or(0));
        return format!("0.{zeros}{digits}");
    };
    match digits.split_at_checked(point) {
        Some(("", rest)) => format!("0.{rest}"),
        Some((whole, "")) => whole.to_owned(),
        Some((whole, rest)) => format!("{whole}.{rest}"),
        None => format!("{digits}{}", "0".repeat(point - digits.len())),
    }
}

/// What a numeric literal is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Literal {
    Int(i64),
    Float(f64),
    /// An integer that Go's `int` does not hold.
    TooLarge,
}

/// A number of Go source: decimal, `0x`, `0o`, `0b`, a leading `0` for octal, `_` between digits, floats.
pub(super) fn parse_literal(text: &str) -> Option<Literal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let hexadecimal = unsigned.starts_with("0x") || unsigned.starts_with("0X");
    let is_float =
        if hexadecimal { unsigned.contains(['p', 'P']) } else { unsigned.contains(['.', 'e', 'E']) };
    if !well_placed_underscores(unsigned) {
        return None;
    }
    if is_float {
        let bare = text.replace('_', "");
        let value = if hexadecimal { parse_hex_float(&bare)? } else { parse_decimal_float(&bare)? };
        return value.is_finite().then_some(Literal::Float(value));
    }
    match parse_int_prefixed(text) {
        Some(value) => {
            i64::try_from(value).map_or(Some(Literal::TooLarge), |value| Some(Literal::Int(value)))
        }
        None => None,
    }
}

/// Underscores stand between digits or behind a base prefix.
fn well_placed_underscores(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = at.checked_sub(1).map_or(b' ', |at| bytes[at]);
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let prefix = at == 2 && bytes[0] == b'0' && before.is_ascii_alphabetic();
        (before.is_ascii_hexdigit() || prefix) && after.is_ascii_hexdigit()
    })
}

fn parse_decimal_float(text: &str) -> Option<f64> {
    // Rust also reads `inf` and the like.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    text.parse().ok()
}

/// `0x1.8p3`.
fn parse_hex_float(text: &str) -> Option<f64> {
    let (negative, digits) =
        text.strip_prefix('-').map_or((false, text.trim_start_matches('+')), |rest| (true, rest));
    let (mantissa, exponent) = digits.get(2..)?.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let value = u64::from_str_radix(&all, 16).ok()?;
    let shift =
        exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    let size = value as f64 * 2_f64.powi(shift);
    Some(if negative { -size } else { size })
}

/// An integer with Go's prefixes and underscores.
pub(super) fn parse_int_prefixed(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, &*lower)
    };
    let digits = digits.replace('_', "");
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let size = i128::from_str_radix(&digits, radix).ok()?;
    Some(if negative { -size } else { size })
}
