//! The query of a request with the rules of Go's `url.ParseQuery`.

use std::borrow::Cow;
use std::cell::OnceCell;

use ferroway_rules::go_text;
use smallvec::SmallVec;

/// More parameters than this, and a query counts as empty: a limit of Go's against flooding.
const MAX_PARAMETERS: usize = 10_000;

type Pairs<'a> = SmallVec<[(Cow<'a, str>, Cow<'a, str>); 8]>;

/// The query of a request, decoded when a rule asks for it and then only once.
///
/// Up to eight parameters without escapes are decoded without allocation.
#[derive(Debug)]
pub struct Query<'a> {
    raw: &'a str,
    pairs: OnceCell<Pairs<'a>>,
}

impl<'a> Query<'a> {
    /// The query behind the `?` of a request target, without it.
    pub fn new(raw: Option<&'a str>) -> Self {
        Self { raw: raw.unwrap_or_default(), pairs: OnceCell::new() }
    }

    /// The query as it came.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The parameters in their order, decoded. Pairs that Go skips are missing: with `;`, or a bad escape.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.get_or_init(|| parse(self.raw)).iter().map(|(key, value)| (&**key, &**value))
    }

    /// The values of the parameter `key`, in their order.
    pub(crate) fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.pairs().filter(move |pair| pair.0 == key).map(|pair| pair.1)
    }
}

fn parse(raw: &str) -> Pairs<'_> {
    if raw.bytes().filter(|byte| *byte == b'&').count() >= MAX_PARAMETERS {
        return Pairs::new();
    }
    let parameters = raw.split('&').filter(|parameter| !parameter.is_empty() && !parameter.contains(';'));
    let decoded = parameters.filter_map(|parameter| {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        Some((unescape(key)?, unescape(value)?))
    });
    decoded.collect()
}

/// `text` with `+` and `%XX` decoded; `None` when an escape is malformed.
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let [high, low, after @ ..] = rest else { return None };
                rest = after;
                hex(*high)? << 4 | hex(*low)?
            }
            byte => *byte,
        });
    }
    Some(Cow::Owned(go_text(&bytes).into_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_go() {
        for (raw, expected) in [
            ("", &[][..]),
            ("a", &[("a", "")]),
            ("a=", &[("a", "")]),
            ("=b", &[("", "b")]),
            ("a=b=c", &[("a", "b=c")]),
            ("&&a=1&&a=2&", &[("a", "1"), ("a", "2")]),
            ("q=a+b%20c%2Bd", &[("q", "a b c+d")]),
            ("k%3Dv&%C3%A9=%e2%82%ac", &[("k=v", ""), ("é", "€")]),
            ("a=%ff", &[("a", "\u{fffd}")]),
            ("a=%zz&b=%4&c=%&d=1", &[("d", "1")]),
            ("a=1;b=2&c=3", &[("c", "3")]),
        ] {
            let query = Query::new(Some(raw));
            assert_eq!(query.pairs().collect::<Vec<_>>(), expected, "{raw:?}");
        }
        let query = Query::new(Some("a=1&b=2&a=3"));
        assert_eq!(query.values("a").collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(Query::new(None).pairs().count(), 0);
    }

    #[test]
    fn too_many_parameters_count_as_none() {
        let query = "a=b".to_owned() + &"&x".repeat(9_999);
        assert_eq!(Query::new(Some(&query)).pairs().count(), 10_000);
        let query = query + "&";
        assert_eq!(Query::new(Some(&query)).pairs().count(), 0);
    }
}
