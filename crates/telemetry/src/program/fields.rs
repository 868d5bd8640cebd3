//! The message and the fields of an event or a span, collected from `tracing`.

use std::error::Error;
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};

/// A message and fields, in the order in which they were given. A field that is given again, as by a
/// span further in, replaces the earlier one.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) message: String,
    pub(crate) list: Vec<(&'static str, Value)>,
}

/// The value of a field, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    /// A number or a boolean, as JSON has it.
    Bare(String),
}

impl Fields {
    /// Takes over the fields of another set, but not its message.
    pub(crate) fn extend_from(&mut self, other: &Self) {
        for (name, value) in &other.list {
            self.set(name, value.clone());
        }
    }

    fn set(&mut self, name: &'static str, value: Value) {
        match self.list.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.list.push((name, value)),
        }
    }

    fn bare(&mut self, field: &Field, value: &dyn fmt::Display) {
        self.set(name_of(field), Value::Bare(value.to_string()));
    }
}

/// The name as it is logged: `r#type` is written for the keyword's sake.
fn name_of(field: &Field) -> &'static str {
    field.name().trim_start_matches("r#")
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match name_of(field) {
            "message" => value.clone_into(&mut self.message),
            name => self.set(name, Value::Text(value.to_owned())),
        }
    }

    /// Also for `%value` and `?value`.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    /// With its causes, as Go's wrapped errors have them.
    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.ends_with(&cause_text) {
                // Writing to a string cannot fail.
                let _ = write!(text, ": {cause_text}");
            }
            source = cause.source();
        }
        self.record_str(field, &text);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, &value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.bare(field, &value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.bare(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field, &value);
        } else {
            self.record_str(field, &value.to_string());
        }
    }
}
