//! Go's `fmt.Sprintf` for the values of a template.
//!
//! Nothing fails: what a verb cannot do becomes a note in the output, `%!d(string=x)`, as in Go.

use std::fmt::Write as _;

use super::MAX_VALUE_WEIGHT;
use super::numbers::{FloatForm, format_float, write_float};
use super::quoting::{Escapes, is_printable, quote, quote_char};
use super::value::Value;

/// The largest width and precision that Go takes.
const MAX_WIDTH: usize = 1_000_000;

/// What stands between `%` and the verb.
#[derive(Clone, Copy, Default)]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// The arguments and which of them comes next.
struct Arguments<'a> {
    values: &'a [Value],
    next: usize,
    /// An argument was chosen by its number, so unused ones are no mistake.
    reordered: bool,
    /// The last number in brackets was none of an argument.
    bad_index: bool,
}

/// The text of `format` with the arguments in it.
pub(super) fn sprintf(format: &str, values: &[Value]) -> String {
    let mut out = String::new();
    let mut arguments = Arguments { values, next: 0, reordered: false, bad_index: false };
    let mut rest = format;
    while let Some((text, behind)) = rest.split_once('%') {
        out.push_str(text);
        rest = directive(&mut out, behind, &mut arguments);
        if is_too_long(&out) {
            return out;
        }
    }
    out.push_str(rest);
    if !arguments.reordered && arguments.next < values.len() {
        let extra: Vec<String> = values[arguments.next..].iter().map(typed).collect();
        let _ = write!(out, "%!(EXTRA {})", extra.join(", "));
    }
    out
}

/// True for what the executor refuses as a value; what writes into it can stop.
fn is_too_long(out: &str) -> bool {
    out.len() > MAX_VALUE_WEIGHT
}

/// A value with its type, for notes.
fn typed(value: &Value) -> String {
    if value.is_nil() { "<nil>".to_owned() } else { format!("{}={value}", value.type_name()) }
}

/// Writes one directive and gives the text behind it.
fn directive<'a>(out: &mut String, text: &'a str, arguments: &mut Arguments<'_>) -> &'a str {
    let mut spec = Spec::default();
    let mut rest = flags(text, &mut spec);
    arguments.bad_index = false;
    rest = arguments.index(rest);
    if let Some(behind) = rest.strip_prefix('*') {
        rest = behind;
        match arguments.size() {
            Some((width, negative)) => {
                spec.width = Some(width);
                spec.minus |= negative;
                spec.zero &= !negative;
            }
            None => out.push_str("%!(BADWIDTH)"),
        }
    } else {
        (spec.width, rest) = number(rest);
    }
    if let Some(behind) = rest.strip_prefix('.') {
        rest = arguments.index(behind);
        if let Some(behind) = rest.strip_prefix('*') {
            rest = behind;
            match arguments.size() {
                Some((precision, false)) => spec.precision = Some(precision),
                _ => out.push_str("%!(BADPREC)"),
            }
        } else {
            let (precision, behind) = number(rest);
            (spec.precision, rest) = (Some(precision.unwrap_or(0)), behind);
        }
    }
    rest = arguments.index(rest);
    let Some(verb) = rest.chars().next() else {
        out.push_str("%!(NOVERB)");
        return rest;
    };
    rest = &rest[verb.len_utf8()..];
    match arguments.values.get(arguments.next) {
        _ if verb == '%' => out.push('%'),
        _ if arguments.bad_index => drop(write!(out, "%!{verb}(BADINDEX)")),
        None => drop(write!(out, "%!{verb}(MISSING)")),
        Some(value) => {
            arguments.next += 1;
            write_value(out, spec, verb, value);
        }
    }
    rest
}

fn flags<'a>(text: &'a str, spec: &mut Spec) -> &'a str {
    let end = text.find(|c| !"+-# 0".contains(c)).unwrap_or(text.len());
    for flag in text[..end].chars() {
        match flag {
            '+' => spec.plus = true,
            '-' => spec.minus = true,
            '#' => spec.sharp = true,
            ' ' => spec.space = true,
            _ => spec.zero = true,
        }
    }
    &text[end..]
}

/// A width or precision in digits; none where it is missing or larger than Go takes.
fn number(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].parse().ok().filter(|size| *size <= MAX_WIDTH), &text[end..])
}

impl Arguments<'_> {
    /// Reads `[n]`, which makes the `n`th argument the next one.
    fn index<'a>(&mut self, text: &'a str) -> &'a str {
        let Some(inner) = text.strip_prefix('[') else { return text };
        self.reordered = true;
        let Some((digits, rest)) = inner.split_once(']') else {
            self.bad_index = true;
            return inner;
        };
        match digits.parse::<usize>() {
            Ok(wanted) if (1..=self.values.len()).contains(&wanted) => self.next = wanted - 1,
            _ => self.bad_index = true,
        }
        rest
    }

    /// The next argument as a size, and whether it is negative.
    fn size(&mut self) -> Option<(usize, bool)> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let (Value::Int(number) | Value::Int64(number)) = value else { return None };
        let size = usize::try_from(number.unsigned_abs()).ok().filter(|size| *size <= MAX_WIDTH)?;
        Some((size, *number < 0))
    }
}

fn write_value(out: &mut String, mut spec: Spec, verb: char, value: &Value) {
    if verb == 'v' {
        // `%+v` and `%#v` ask for more of structs, of which there are none; `%#v` quotes text besides.
        spec.plus = false;
        if std::mem::take(&mut spec.sharp) && matches!(value, Value::Text(_)) {
            return write_value(out, spec, 'q', value);
        }
    }
    match (verb, value) {
        ('T', value) => pad(out, spec, value.type_name()),
        ('v', value) if value.is_nil() => pad(out, spec, "<nil>"),
        (verb, value) if value.is_nil() => drop(write!(out, "%!{verb}(<nil>)")),
        (verb, Value::List(list)) => {
            out.push('[');
            for (at, item) in list.items.iter().enumerate() {
                if is_too_long(out) {
                    return;
                }
                out.push_str(if at > 0 { " " } else { "" });
                write_value(out, spec, verb, item);
            }
            out.push(']');
        }
        (verb, Value::Map(map)) => {
            out.push_str("map[");
            for (at, (key, item)) in map.entries.iter().enumerate() {
                if is_too_long(out) {
                    return;
                }
                out.push_str(if at > 0 { " " } else { "" });
                write_value(out, spec, verb, &Value::text(key.clone()));
                out.push(':');
                write_value(out, spec, verb, item);
            }
            out.push(']');
        }
        (verb, Value::Bool(value)) => match verb {
            't' | 'v' => pad(out, spec, if *value { "true" } else { "false" }),
            _ => bad_verb(out, verb, &Value::Bool(*value)),
        },
        (verb, Value::Int(number) | Value::Int64(number)) => write_integer(out, spec, verb, *number, value),
        (verb, Value::Float(number)) => write_number(out, spec, verb, *number),
        (verb, Value::Text(text)) => write_text(out, spec, verb, text, value),
        (verb, Value::Time(_) | Value::Version(_)) => {
            write_text(out, spec, verb, &value.to_string(), value);
        }
        (_, Value::Nil | Value::Missing) => {}
    }
}

fn bad_verb(out: &mut String, verb: char, value: &Value) {
    let _ = write!(out, "%!{verb}({})", typed(value));
}

/// Writes a text at its width, filled with spaces.
fn pad(out: &mut String, spec: Spec, text: &str) {
    let fill = " ".repeat(spec.width.unwrap_or(0).saturating_sub(text.chars().count()));
    out.push_str(if spec.minus { "" } else { &fill });
    out.push_str(text);
    out.push_str(if spec.minus { &fill } else { "" });
}

/// Writes a number at its width: zeros go between sign and digits, spaces around all.
fn pad_number(out: &mut String, spec: Spec, negative: bool, digits: &str) {
    let sign = match (negative, spec.plus, spec.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    if spec.zero && !spec.minus {
        let zeros = spec.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
        let _ = write!(out, "{sign}{}{digits}", "0".repeat(zeros));
    } else {
        pad(out, spec, &format!("{sign}{digits}"));
    }
}

fn write_integer(out: &mut String, mut spec: Spec, verb: char, number: i64, value: &Value) {
    let size = number.unsigned_abs();
    let character = u32::try_from(number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
    let escapes = if spec.plus { Escapes::NotAscii } else { Escapes::Unprintable };
    let (prefix, digits) = match verb {
        'v' | 'd' => ("", size.to_string()),
        'b' => (if spec.sharp { "0b" } else { "" }, format!("{size:b}")),
        'o' => (if spec.sharp { "0" } else { "" }, format!("{size:o}")),
        'O' => ("0o", format!("{size:o}")),
        'x' => (if spec.sharp { "0x" } else { "" }, format!("{size:x}")),
        'X' => (if spec.sharp { "0X" } else { "" }, format!("{size:X}")),
        'c' => return pad(out, spec, &character.to_string()),
        'q' => return pad(out, spec, &quote_char(character, escapes)),
        'U' => {
            let digits = format!("U+{size:0width$X}", width = spec.precision.unwrap_or(4).max(4));
            let shown = spec.sharp && is_printable(character);
            return pad(out, spec, &if shown { format!("{digits} '{character}'") } else { digits });
        }
        _ => return bad_verb(out, verb, value),
    };
    let mut digits = digits;
    if let Some(precision) = spec.precision {
        // A precision of nothing shows no zero, and zeros up to a precision are not those up to the width.
        digits = if precision == 0 && number == 0 { String::new() } else { format!("{digits:0>precision$}") };
        spec.zero = false;
    }
    pad_number(out, spec, number < 0, &format!("{prefix}{digits}"));
}

fn write_number(out: &mut String, mut spec: Spec, verb: char, number: f64) {
    let (form, default) = match verb {
        'v' | 'g' | 'G' => (FloatForm::General, None),
        'f' | 'F' => (FloatForm::Fixed, Some(6)),
        'e' | 'E' => (FloatForm::Exponent, Some(6)),
        _ => return bad_verb(out, verb, &Value::Float(number)),
    };
    let mut shown = format_float(number.abs(), form, spec.precision.or(default));
    if spec.sharp && form == FloatForm::General && !shown.contains('e') && number.is_finite() {
        let wanted = spec.precision.unwrap_or(6);
        let digits = shown.bytes().filter(u8::is_ascii_digit).count();
        shown.push_str(if shown.contains('.') { "" } else { "." });
        shown.push_str(&"0".repeat(wanted.saturating_sub(digits)));
    }
    if verb.is_ascii_uppercase() {
        shown.make_ascii_uppercase();
    }
    if !number.is_finite() {
        // Infinity has a sign of its own, and zeros in front of it would be odd.
        spec.zero = false;
        shown = if number.is_nan() { "NaN".to_owned() } else { "Inf".to_owned() };
        spec.plus |= number.is_infinite();
    }
    pad_number(out, spec, number.is_sign_negative() && !number.is_nan(), &shown);
}

fn write_text(out: &mut String, spec: Spec, verb: char, text: &str, value: &Value) {
    let cut = || text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect::<String>();
    match verb {
        's' | 'v' => pad(out, spec, &cut()),
        'q' if spec.sharp
            && !text.contains(['`', '\u{7f}'])
            && text.chars().all(|c| c == '\t' || c >= ' ') =>
        {
            pad(out, spec, &format!("`{}`", cut()));
        }
        'q' => {
            let escapes = if spec.plus { Escapes::NotAscii } else { Escapes::Unprintable };
            pad(out, spec, &quote(&cut(), escapes));
        }
        'x' | 'X' => {
            let bytes = text.bytes().take(spec.precision.unwrap_or(usize::MAX));
            let hex =
                bytes.map(|byte| if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
            let hex: Vec<String> = hex.collect();
            let prefix = match (spec.sharp, verb) {
                (false, _) => "",
                (true, 'x') => "0x",
                (true, _) => "0X",
            };
            let joined = if spec.space { hex.join(&format!(" {prefix}")) } else { hex.concat() };
            pad(out, spec, &if joined.is_empty() { joined } else { format!("{prefix}{joined}") });
        }
        _ => bad_verb(out, verb, value),
    }
}

/// Go's `fmt.Sprint`: a space between two values of which none is text.
pub(super) fn sprint(values: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        let is_text = |value: &Value| matches!(value, Value::Text(_));
        if at > 0 && !is_text(value) && !is_text(&values[at - 1]) {
            out.push(' ');
        }
        push_plain(&mut out, value);
    }
    out
}

/// Go's `fmt.Sprintln`.
pub(super) fn sprintln(values: &[Value]) -> String {
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        push_plain(&mut out, value);
    }
    out.push('\n');
    out
}

fn push_plain(out: &mut String, value: &Value) {
    let _ = match value {
        Value::Missing => out.write_str("<nil>"),
        Value::Float(number) => write_float(out, *number),
        other => write!(out, "{other}"),
    };
}
