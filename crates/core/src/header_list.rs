//! The fields of a message.

use http::{HeaderName, HeaderValue};

/// The fields of a message or of a trailer section, in the order in which they came.
///
/// A list and not a hash table: a proxy looks up a dozen names among a dozen fields and copies the rest, which a
/// table makes dearer than it is (hashing each name, growing two arrays). Codecs bound how many fields there are,
/// so that no look-up is long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderList {
    fields: Vec<(HeaderName, HeaderValue)>,
}

/// What names a field in a look-up; text is compared without regard to case.
pub trait FieldName: Clone {
    /// Whether this is the name.
    fn is(&self, name: &HeaderName) -> bool;
}

impl FieldName for HeaderName {
    fn is(&self, name: &HeaderName) -> bool {
        self == name
    }
}

impl FieldName for &HeaderName {
    fn is(&self, name: &HeaderName) -> bool {
        *self == name
    }
}

impl FieldName for &str {
    fn is(&self, name: &HeaderName) -> bool {
        name == *self
    }
}

impl HeaderList {
    /// No fields.
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// No fields, and room for some.
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields) }
    }

    /// How many field lines there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The value of the first line of this name.
    pub fn get(&self, name: impl FieldName) -> Option<&HeaderValue> {
        self.get_all(name).next()
    }

    /// The values of all lines of this name, in their order.
    pub fn get_all(&self, name: impl FieldName) -> impl DoubleEndedIterator<Item = &HeaderValue> + Clone {
        self.fields.iter().filter(move |(field, _)| name.is(field)).map(|(_, value)| value)
    }

    /// Whether there is a line of this name.
    pub fn contains(&self, name: impl FieldName) -> bool {
        self.get(name).is_some()
    }

    /// Adds a line.
    pub fn append(&mut self, name: HeaderName, value: HeaderValue) {
        self.fields.push((name, value));
    }

    /// Makes this the only line of its name, in the place of the first one that was there.
    pub fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        match self.fields.iter().position(|(field, _)| *field == name) {
            None => self.fields.push((name, value)),
            Some(at) => {
                self.fields[at].1 = value;
                let mut place = 0;
                self.fields.retain(|(field, _)| {
                    place += 1;
                    place <= at + 1 || *field != name
                });
            }
        }
    }

    /// Removes all lines of this name; the value of the first one.
    #[expect(clippy::needless_pass_by_value, reason = "as the other look-ups")]
    pub fn remove(&mut self, name: impl FieldName) -> Option<HeaderValue> {
        let first = self.fields.iter().position(|(field, _)| name.is(field))?;
        let (_, value) = self.fields.remove(first);
        self.retain(|field| !name.is(field));
        Some(value)
    }

    /// Removes the lines whose names do not satisfy `keep`.
    pub fn retain(&mut self, mut keep: impl FnMut(&HeaderName) -> bool) {
        self.fields.retain(|(name, _)| keep(name));
    }

    /// The lines.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&HeaderName, &HeaderValue)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// The name of each line: one that has several comes several times.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &HeaderName> {
        self.fields.iter().map(|(name, _)| name)
    }
}

impl<'a> IntoIterator for &'a HeaderList {
    type Item = (&'a HeaderName, &'a HeaderValue);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (HeaderName, HeaderValue)>,
        fn(&'a (HeaderName, HeaderValue)) -> Self::Item,
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.iter().map(|(name, value)| (name, value))
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for HeaderList {
    fn from_iter<I: IntoIterator<Item = (HeaderName, HeaderValue)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, HOST, VIA};

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderList {
        let field = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn lines_of_a_name_keep_their_order() {
        let headers = headers(&[("via", "1"), ("accept", "a"), ("via", "2")]);
        assert_eq!(headers.get_all(&VIA).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers.get_all("VIA").rev().collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(headers.get(&ACCEPT).map(HeaderValue::as_bytes), Some(&b"a"[..]));
        assert_eq!(
            (headers.get(&HOST), headers.contains("via"), headers.contains(&HOST)),
            (None, true, false)
        );
    }

    #[test]
    fn an_insertion_replaces_all_lines_in_the_first_place() {
        let mut fields = headers(&[("accept", "a"), ("via", "1"), ("x", "x"), ("via", "2")]);
        fields.insert(VIA, HeaderValue::from_static("3"));
        assert_eq!(fields, headers(&[("accept", "a"), ("via", "3"), ("x", "x")]));
        fields.insert(HOST, HeaderValue::from_static("h"));
        assert_eq!(fields, headers(&[("accept", "a"), ("via", "3"), ("x", "x"), ("host", "h")]));
    }

    #[test]
    fn a_removal_takes_all_lines() {
        let mut fields = headers(&[("via", "1"), ("accept", "a"), ("via", "2")]);
        assert_eq!(fields.remove(&VIA), Some(HeaderValue::from_static("1")));
        assert_eq!(fields.remove(&VIA), None);
        assert_eq!(fields, headers(&[("accept", "a")]));
    }
}
