//! The types that are written as text: bools, numbers, text, durations.

use std::fmt;

use super::{Context, Decode, Shape};
use crate::duration::Duration;
use crate::node::{Node, Scalar, ScalarKind, Value};
use crate::problem::{Problem, ProblemKind};

/// Why a text is not a value of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What would have been right.
    pub expected: &'static str,
    /// What Traefik says.
    pub traefik: String,
}

/// Decodes a scalar node by a parser of its text.
fn scalar<'n, T>(
    node: &'n Node,
    cx: &mut Context<'n>,
    expected: &str,
    parse: impl FnOnce(&'n Scalar) -> Result<T, Mismatch>,
) -> Option<T> {
    let Value::Scalar(scalar) = &node.value else { return cx.expected(node, expected) };
    match parse(scalar) {
        Ok(value) => Some(value),
        Err(mismatch) => {
            let path = cx.path();
            let (found, hint) = (node.describe(), yes_hint(&scalar.text, expected));
            let message = format!("invalid value {found} for {path}: expected {}{hint}", mismatch.expected);
            let problem = Problem::error(ProblemKind::BadValue, node.span.clone(), path, message);
            cx.report(problem.traefik(mismatch.traefik));
            None
        }
    }
}

/// A hint for those who know YAML 1.1.
fn yes_hint(text: &str, expected: &str) -> &'static str {
    let old = ["yes", "no", "on", "off", "y", "n"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if old && expected == bool::EXPECTED { " (yes, no, on and off are plain text in YAML 1.2)" } else { "" }
}

/// What a scalar type expects, and how it is read from text and shown.
trait Text: Sized {
    const EXPECTED: &'static str;
    fn parse(text: &str) -> Result<Self, String>;
    fn text(&self) -> String;
}

macro_rules! text_types {
    ($($type:ty: $shape:expr),* $(,)?) => { $(
        impl Decode for $type {
            const SHAPE: Shape = $shape;

            fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
                scalar(node, cx, <$type as Text>::EXPECTED, |scalar| parse_text(&scalar.to_text()))
            }

            fn from_text(text: &str) -> Option<Result<Self, Mismatch>> {
                Some(parse_text(text))
            }

            fn show(&self) -> String {
                Text::text(self)
            }
        }
    )* };
}

fn parse_text<T: Text>(text: &str) -> Result<T, Mismatch> {
    T::parse(text).map_err(|traefik| Mismatch { expected: T::EXPECTED, traefik })
}

text_types! {
    bool: Shape::Bool,
    i64: Shape::Scalar(<i64 as Text>::EXPECTED),
    String: Shape::Scalar(<String as Text>::EXPECTED),
    Duration: Shape::Scalar(<Duration as Text>::EXPECTED),
    FileOrContent: Shape::Scalar(<FileOrContent as Text>::EXPECTED),
}

/// Go's `strconv.ParseBool`.
impl Text for bool {
    const EXPECTED: &'static str = "a bool (true or false)";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
            _ => Err(format!("strconv.ParseBool: parsing {text:?}: invalid syntax")),
        }
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// Go's `strconv.ParseInt` with base 10.
impl Text for i64 {
    const EXPECTED: &'static str = "an integer";

    fn parse(text: &str) -> Result<Self, String> {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        text.parse::<Self>().map_err(|error| {
            let reason = match error.kind() {
                PosOverflow | NegOverflow => "value out of range",
                _ => "invalid syntax",
            };
            format!("strconv.ParseInt: parsing {text:?}: {reason}")
        })
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl Text for String {
    const EXPECTED: &'static str = "text";

    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn text(&self) -> String {
        self.clone()
    }
}

impl Text for Duration {
    const EXPECTED: &'static str = "a duration (seconds, or a number with a unit such as 500ms, 10s, 1m30s)";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse::<Self>().map_err(|error| error.to_string())
    }

    fn text(&self) -> String {
        let nanoseconds = self.as_nanos();
        if nanoseconds % 1_000_000_000 == 0 {
            return (nanoseconds / 1_000_000_000).to_string();
        }
        self.to_string()
    }
}

/// A 64-bit float; unlike other types it reads the text as written, not Go's six decimals of it.
impl Decode for f64 {
    const SHAPE: Shape = Shape::Scalar("a number");

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        scalar(node, cx, "a number", |scalar| match scalar.kind {
            ScalarKind::Float => scalar.float().ok_or_else(|| not_a_float(&scalar.text)),
            _ => scalar.text.parse().map_err(|_| not_a_float(&scalar.text)),
        })
    }

    fn from_text(text: &str) -> Option<Result<Self, Mismatch>> {
        Some(text.parse().map_err(|_| not_a_float(text)))
    }

    fn show(&self) -> String {
        format!("{self:.6}")
    }
}

fn not_a_float(text: &str) -> Mismatch {
    let traefik = format!("strconv.ParseFloat: parsing {text:?}: invalid syntax");
    Mismatch { expected: "a number", traefik }
}

/// The name of a file, or what would stand in it: certificates, keys, tokens.
///
/// Reading the file is for whoever uses the value: if a file of that name exists, its content counts, else the text.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct FileOrContent(pub String);

/// Content is often a secret, so only a file name is shown.
impl fmt::Debug for FileOrContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains('\n') { f.write_str("\"<content>\"") } else { write!(f, "{:?}", self.0) }
    }
}

impl Text for FileOrContent {
    const EXPECTED: &'static str = "a file name or content";

    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}
