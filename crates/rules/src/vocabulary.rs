//! Which matchers a rule may use, and what the writer of an unknown one probably meant.

use std::ops::RangeInclusive;

/// The dialect of a rule: the option `ruleSyntax` of a router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// The matchers of Traefik v2, deprecated.
    V2,
    /// The matchers of Traefik v3.
    #[default]
    V3,
}

/// How a matcher is called.
#[derive(Debug)]
pub struct Signature {
    /// The name as documented, such as `PathPrefix`.
    pub name: &'static str,
    /// The dialect that knows it.
    pub syntax: Syntax,
    /// How many arguments it takes.
    pub arguments: RangeInclusive<usize>,
    /// An example of a call, for messages.
    pub usage: &'static str,
}

/// The matchers of one kind of rule (HTTP, TCP), of both dialects.
#[derive(Debug)]
pub struct Vocabulary {
    signatures: Vec<&'static Signature>,
    misnomers: &'static [(&'static str, &'static str)],
}

impl Vocabulary {
    /// A vocabulary. A [`Call`](crate::Call) names a matcher by its number in `signatures`.
    ///
    /// `misnomers` lists names that do not exist in either dialect, or only in v2, but that people write,
    /// with the name of the v3 matcher that they mean.
    pub fn new(
        signatures: impl IntoIterator<Item = &'static Signature>,
        misnomers: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { signatures: signatures.into_iter().collect(), misnomers }
    }

    /// The number and signature of the matcher that `name` means.
    pub(crate) fn find(&self, name: &str, syntax: Syntax) -> Option<(usize, &'static Signature)> {
        let known = |signature: &Signature| signature.syntax == syntax && is_spelling(signature.name, name);
        let number = self.signatures.iter().position(|signature| known(signature))?;
        Some((number, self.signatures[number]))
    }

    /// Advice for the writer of the unknown matcher `name`.
    pub(crate) fn advice(&self, name: &str, syntax: Syntax) -> String {
        let own = || self.signatures.iter().filter(move |signature| signature.syntax == syntax);
        if let Some(signature) = own().find(|signature| signature.name.eq_ignore_ascii_case(name)) {
            return format!("write {}", signature.name);
        }
        let nearest = self.misnomer(name, syntax).or_else(|| {
            let near = own().map(|signature| (distance(signature.name, name), *signature));
            near.filter(|(edits, _)| *edits <= 1 + name.len() / 4)
                .min_by_key(|(edits, _)| *edits)
                .map(|found| found.1)
        });
        let foreign =
            self.signatures.iter().any(|other| other.syntax != syntax && is_spelling(other.name, name));
        let dialects = match syntax {
            Syntax::V3 => ("v2", "v3"),
            Syntax::V2 => ("v3", "v2"),
        };
        match (foreign, nearest) {
            (true, Some(signature)) => {
                format!(
                    "{name} belongs to the {} rule syntax, in {} write {}",
                    dialects.0, dialects.1, signature.usage
                )
            }
            (true, None) => {
                format!("{name} belongs to the {} rule syntax, this is {}", dialects.0, dialects.1)
            }
            (false, Some(signature)) => format!("did you mean {}?", signature.usage),
            (false, None) => {
                let names: Vec<&str> = own().map(|signature| signature.name).collect();
                format!("known matchers: {}", names.join(", "))
            }
        }
    }

    fn misnomer(&self, name: &str, syntax: Syntax) -> Option<&'static Signature> {
        let (_, meant) = self.misnomers.iter().find(|(wrong, _)| wrong.eq_ignore_ascii_case(name))?;
        self.find(meant, syntax).map(|(_, signature)| signature)
    }
}

/// Whether `given` is one of the accepted spellings of `name`: exact, lower case, upper case or title case.
fn is_spelling(name: &str, given: &str) -> bool {
    if !name.eq_ignore_ascii_case(given) {
        return false;
    }
    let upper = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    name == given || upper(given) || lower(given) || (upper(&given[..1]) && lower(&given[1..]))
}

/// How many letters must be inserted, removed or replaced to get from one name to the other, in any case.
fn distance(a: &str, b: &str) -> usize {
    // No matcher has a name of this length, and the work stays small.
    const LONGEST: usize = 40;
    if b.len() > LONGEST {
        return usize::MAX;
    }
    let b: Vec<char> = b.to_ascii_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.to_ascii_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    static SIGNATURES: [Signature; 4] = [
        Signature { name: "HostRegexp", syntax: Syntax::V3, arguments: 1..=1, usage: "HostRegexp(`re`)" },
        Signature { name: "Header", syntax: Syntax::V3, arguments: 2..=2, usage: "Header(`k`, `v`)" },
        Signature {
            name: "Headers",
            syntax: Syntax::V2,
            arguments: 2..=usize::MAX,
            usage: "Headers(`k`, `v`)",
        },
        Signature { name: "Method", syntax: Syntax::V3, arguments: 1..=1, usage: "Method(`GET`)" },
    ];

    fn vocabulary() -> Vocabulary {
        Vocabulary::new(&SIGNATURES, &[("Verb", "Method")])
    }

    #[test]
    fn four_spellings_are_accepted() {
        for name in ["HostRegexp", "hostregexp", "HOSTREGEXP", "Hostregexp"] {
            assert_eq!(vocabulary().find(name, Syntax::V3).map(|found| found.0), Some(0), "{name}");
        }
        for name in ["hostRegexp", "HostREGEXP", "hOSTREGEXP", "HostRegex", "", "Headers"] {
            assert!(vocabulary().find(name, Syntax::V3).is_none(), "{name}");
        }
        assert_eq!(vocabulary().find("headers", Syntax::V2).map(|found| found.0), Some(2));
    }

    #[test]
    fn advice_names_the_nearest_form() {
        let known = "known matchers: HostRegexp, Header, Method";
        for (name, syntax, expected) in [
            ("hOSTREGEXP", Syntax::V3, "write HostRegexp"),
            ("HostRegex", Syntax::V3, "did you mean HostRegexp(`re`)?"),
            ("Methods", Syntax::V3, "did you mean Method(`GET`)?"),
            ("verb", Syntax::V3, "did you mean Method(`GET`)?"),
            ("Headers", Syntax::V3, "Headers belongs to the v2 rule syntax, in v3 write Header(`k`, `v`)"),
            ("Header", Syntax::V2, "Header belongs to the v3 rule syntax, in v2 write Headers(`k`, `v`)"),
            ("Method", Syntax::V2, "Method belongs to the v3 rule syntax, this is v2"),
            ("Foo", Syntax::V3, known),
            ("é", Syntax::V3, known),
            (&"H".repeat(100_000), Syntax::V3, known),
        ] {
            assert_eq!(vocabulary().advice(name, syntax), expected);
        }
    }
}
