//! The hosts that a rule speaks of: TLS options and certificates are chosen by them.

use ferroway_rules::{Call, RuleError, Syntax, Tree, parse};

use crate::matchers::VOCABULARY;

/// The name under which rules ask for hosts.
const HOST: &str = "Host";

/// The names in every `Host` of the HTTP rule `text` that is not negated, whatever the other operators, in lower case
/// and in the order of the text (specification section 5.4).
///
/// # Errors
/// The text is no rule.
pub fn host_names(text: &str, syntax: Syntax) -> Result<Vec<Box<str>>, RuleError> {
    let mut names = Vec::new();
    collect(&parse(text, syntax, &VOCABULARY)?, &mut names);
    Ok(names)
}

fn collect(tree: &Tree<Call>, names: &mut Vec<Box<str>>) {
    match tree {
        Tree::And(children) | Tree::Or(children) => children.iter().for_each(|child| collect(child, names)),
        Tree::Leaf { leaf, negated: false } if crate::matchers::MATCHERS[leaf.matcher].name() == HOST => {
            names.extend(leaf.arguments.iter().map(|argument| argument.value.to_lowercase().into()));
        }
        Tree::Leaf { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_of_the_text() {
        for (rule, syntax, expected) in [
            ("Host(`B.com`) && (PathPrefix(`/`) || Host(`*.a.com`))", Syntax::V3, &["b.com", "*.a.com"][..]),
            ("!Host(`a`) && !(Path(`/`) && !Host(`b`))", Syntax::V3, &["b"]),
            ("HostRegexp(`a`) || ClientIP(`::1`)", Syntax::V3, &[]),
            ("Host(`a`, `b`) || Path(`/`)", Syntax::V2, &["a", "b"]),
        ] {
            let names = host_names(rule, syntax).expect(rule);
            assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), expected, "{rule}");
        }
        assert!(host_names("Host(", Syntax::V3).is_err());
    }
}
