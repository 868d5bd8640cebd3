//! Reading DER one value after the other.

use x509_parser::asn1_rs::{Any, Class, FromDer, GeneralizedTime, Tag};

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed: expected {0}")]
pub struct Malformed(pub(super) &'static str);

/// The rest of a message, or of a part of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value, whatever it is.
    pub(super) fn any(&mut self, what: &'static str) -> Result<Any<'a>, Malformed> {
        let (rest, any) = Any::from_der(self.0).map_err(|_| Malformed(what))?;
        self.0 = rest;
        Ok(any)
    }

    /// All bytes of the next value, tag and length included.
    pub(super) fn raw(&mut self, what: &'static str) -> Result<&'a [u8], Malformed> {
        let before = self.0;
        self.any(what)?;
        before.get(..before.len() - self.0.len()).ok_or(Malformed(what))
    }

    /// The content of the next value, which has to be of this type.
    pub(super) fn value(&mut self, tag: Tag, what: &'static str) -> Result<&'a [u8], Malformed> {
        let any = self.any(what)?;
        let is_it = any.header.class() == Class::Universal && any.tag() == tag;
        if is_it { Ok(any.data) } else { Err(Malformed(what)) }
    }

    /// What the next sequence holds.
    pub(super) fn sequence(&mut self, what: &'static str) -> Result<Self, Malformed> {
        self.value(Tag::Sequence, what).map(Self)
    }

    /// The content of the next value, if it has this number in this context.
    pub(super) fn tagged(&mut self, number: u32) -> Option<Self> {
        let (rest, any) = Any::from_der(self.0).ok()?;
        let is_it = any.header.class() == Class::ContextSpecific && any.tag() == Tag(number);
        is_it.then(|| {
            self.0 = rest;
            Self(any.data)
        })
    }

    /// Seconds since 1970.
    pub(super) fn time(&mut self, what: &'static str) -> Result<i64, Malformed> {
        let content = self.value(Tag::GeneralizedTime, what)?;
        let time = GeneralizedTime::from_bytes(content).map_err(|_| Malformed(what))?;
        time.utc_datetime().map(|time| time.unix_timestamp()).map_err(|_| Malformed(what))
    }

    /// Whether there is nothing left.
    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails if something is left.
    pub(super) fn end(&self, what: &'static str) -> Result<(), Malformed> {
        if self.is_at_end() { Ok(()) } else { Err(Malformed(what)) }
    }
}
