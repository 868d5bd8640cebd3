//! From typed options to JSON, as Traefik writes them (Go's `encoding/json` over its structs).
//!
//! The `config!` macro makes it of the same description that decoding uses: names, order and marks. What holds
//! everywhere: zero values are left out, a value behind an `Option` that is there stays, sections are never left out,
//! durations are Go's text, maps are sorted. Everything goes straight into one buffer; there is no tree in between.
//!
//! What is secret never comes out: see [`secret`].

mod json;
pub mod quotes;
pub mod secret;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use json::{Object, list, string, strings};

use crate::decode::{FileOrContent, FreeForm, Marks};
use crate::duration::Duration;
use crate::dynamic::Object as Named;

/// A value that can be written as JSON.
pub trait Encode {
    /// Whether Go's `omitempty` leaves it out.
    fn is_omitted(&self) -> bool {
        false
    }

    /// Whether it is a list without items, which is left out behind an `Option`, too.
    fn is_empty_list(&self) -> bool {
        false
    }

    /// Writes it.
    fn encode(&self, out: &mut Vec<u8>);

    /// Writes that there is something, not what.
    fn encode_hidden(&self, out: &mut Vec<u8>) {
        string(out, secret::HIDDEN);
    }

    /// Writes it without what its names say is secret: header fields, passwords in URLs.
    fn encode_guarded(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }
}

/// A section: its options can stand among others.
pub trait EncodeSection {
    /// Writes the options.
    fn encode_options(&self, object: &mut Object<'_>);
}

/// Writes an option of a section; `is_default` is asked only where that matters.
pub(crate) fn option<T: Encode>(
    object: &mut Object<'_>,
    name: &'static str,
    marks: Marks,
    value: &T,
    is_default: impl FnOnce() -> bool,
) {
    if (value.is_omitted() && !marks.always_shown) || (marks.hidden_default && is_default()) {
        return;
    }
    object.with(name, |out| {
        if marks.secret {
            value.encode_hidden(out);
        } else if marks.guarded {
            value.encode_guarded(out);
        } else {
            value.encode(out);
        }
    });
}

impl Encode for bool {
    fn is_omitted(&self) -> bool {
        !self
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Encode for i64 {
    fn is_omitted(&self) -> bool {
        *self == 0
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl Encode for f64 {
    fn is_omitted(&self) -> bool {
        *self == 0.0
    }

    fn encode(&self, out: &mut Vec<u8>) {
        // JSON has no words for the others.
        let text = if self.is_finite() { self.to_string() } else { "null".to_owned() };
        out.extend_from_slice(text.as_bytes());
    }
}

impl Encode for str {
    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        string(out, self);
    }

    fn encode_guarded(&self, out: &mut Vec<u8>) {
        string(out, &secret::without_password(self));
    }
}

impl Encode for String {
    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        string(out, self);
    }

    fn encode_guarded(&self, out: &mut Vec<u8>) {
        self.as_str().encode_guarded(out);
    }
}

impl Encode for Duration {
    fn is_omitted(&self) -> bool {
        self.is_zero()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        string(out, &self.to_string());
    }
}

impl Encode for FileOrContent {
    fn is_omitted(&self) -> bool {
        self.0.is_empty()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        string(out, &self.0);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn is_omitted(&self) -> bool {
        self.as_ref().is_none_or(T::is_empty_list)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn encode_hidden(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode_hidden(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn encode_guarded(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.encode_guarded(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Encode> Encode for Box<T> {
    fn is_omitted(&self) -> bool {
        (**self).is_omitted()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn is_empty_list(&self) -> bool {
        self.is_empty()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        list(out, self, |out, item| item.encode(out));
    }

    fn encode_hidden(&self, out: &mut Vec<u8>) {
        list(out, self, |out, item| item.encode_hidden(out));
    }

    fn encode_guarded(&self, out: &mut Vec<u8>) {
        list(out, self, |out, item| item.encode_guarded(out));
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn is_omitted(&self) -> bool {
        self.is_empty()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        for (name, value) in self {
            object.with(name, |out| value.encode(out));
        }
        object.end();
    }

    fn encode_guarded(&self, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        for (name, value) in self {
            object.with(name, |out| {
                if secret::is_secret_name(name) {
                    value.encode_hidden(out);
                } else {
                    value.encode_guarded(out);
                }
            });
        }
        object.end();
    }
}

impl<T: Encode> Encode for Named<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.value.encode(out);
    }
}

/// The configuration of a plugin. Nobody but the plugin knows what is secret in it, so names decide.
impl Encode for FreeForm {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => text.encode_guarded(out),
            Self::List(items) => items.encode(out),
            Self::Map(map) => map.encode_guarded(out),
        }
    }
}
