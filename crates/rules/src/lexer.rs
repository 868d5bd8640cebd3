//! Splits the text of a rule into tokens, with the lexical rules of Go expressions.

use crate::{RuleError, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier.
    Name,
    /// A string literal with its quotes.
    Text,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    /// A line end where Go ends a statement: behind a name, a literal or a closing parenthesis.
    Newline,
    /// Anything else that Go or nobody has a meaning for: numbers, characters, other operators.
    Other,
    /// The end of the rule.
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Reads tokens one after the other.
#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Whether a line end that follows is a token.
    newline_ends: bool,
}

impl<'t> Lexer<'t> {
    /// Refuses what Go refuses even in literals and comments: NUL, and byte order marks but at the start.
    pub(crate) fn new(text: &'t str) -> Result<Self, RuleError> {
        const MARK: char = '\u{feff}';
        let at = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        match text[at..].char_indices().find(|(_, c)| matches!(*c, '\0' | MARK)) {
            None => Ok(Self { text, at, newline_ends: false }),
            Some((offset, c)) => {
                let what = if c == MARK { "byte order mark" } else { "NUL character" };
                let span = Span::new(at + offset, at + offset + c.len_utf8());
                Err(RuleError::new(text, span, format!("rule contains a {what}")))
            }
        }
    }

    /// The next token; [`Kind::End`] from the end on.
    pub(crate) fn next(&mut self) -> Result<Token, RuleError> {
        if let Some(newline) = self.skip_space()? {
            self.newline_ends = false;
            return Ok(newline);
        }
        let start = self.at;
        let (kind, length) = self.scan(&self.text[start..])?;
        self.at += length;
        self.newline_ends = matches!(kind, Kind::Name | Kind::Text | Kind::Close);
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    /// Skips blanks, comments and line ends that mean nothing; returns a line end that ends a statement.
    fn skip_space(&mut self) -> Result<Option<Token>, RuleError> {
        loop {
            let rest = &self.text[self.at..];
            let start = self.at;
            let mut has_newline = false;
            if rest.starts_with([' ', '\t', '\r', '\n']) {
                has_newline = rest.starts_with('\n');
                self.at += 1;
            } else if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return Err(RuleError::new(
                        self.text,
                        Span::new(start, start + 2),
                        "comment is not closed",
                    ));
                };
                has_newline = comment[..length].contains('\n');
                self.at += length + 4;
            } else {
                return Ok(None);
            }
            if has_newline && self.newline_ends {
                return Ok(Some(Token { kind: Kind::Newline, span: Span::new(start, start + 1) }));
            }
        }
    }

    /// The kind and length of the token at the start of `rest`.
    fn scan(&self, rest: &str) -> Result<(Kind, usize), RuleError> {
        let Some(first) = rest.chars().next() else { return Ok((Kind::End, 0)) };
        let run = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
        Ok(match first {
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            ',' => (Kind::Comma, 1),
            '!' if !rest.starts_with("!=") => (Kind::Not, 1),
            '&' if rest.starts_with("&&") => (Kind::And, 2),
            '|' if rest.starts_with("||") => (Kind::Or, 2),
            '`' | '"' => (Kind::Text, self.string_length(rest, first)?),
            c if c == '_' || c.is_alphabetic() => (Kind::Name, run(|c| c == '_' || c.is_alphanumeric())),
            c if c.is_ascii_digit() => (Kind::Other, run(|c| matches!(c, '_' | '.') || c.is_alphanumeric())),
            c if is_operator(c) => (Kind::Other, run(is_operator)),
            c => (Kind::Other, c.len_utf8()),
        })
    }

    /// The length of the string literal at the start of `rest`, with its quotes.
    fn string_length(&self, rest: &str, quote: char) -> Result<usize, RuleError> {
        let mut escaped = false;
        for (offset, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                c if c == quote => return Ok(offset + 1),
                '\\' if quote == '"' => escaped = true,
                '\n' if quote == '"' => break,
                _ => {}
            }
        }
        let error = RuleError::new(self.text, Span::new(self.at, self.at + 1), "string is not closed");
        Err(error.with_help(format!(
            "add the closing {}",
            if quote == '"' { "double quote" } else { "back-quote" }
        )))
    }
}

/// Characters of which Go makes operators; rules know but `!`, `&&` and `||`.
fn is_operator(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '+' | '-' | '*' | '/' | '%' | '^' | '~' | ':' | '&' | '|' | '!')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let mut lexer = Lexer::new(text).unwrap();
        let mut found = Vec::new();
        loop {
            let token = lexer.next().unwrap();
            found.push((token.kind, token.span.of(text)));
            if token.kind == Kind::End {
                return found;
            }
        }
    }

    #[test]
    fn tokens() {
        use Kind::{And, Close, Comma, End, Name, Newline, Not, Open, Or, Other, Text};
        for (text, expected) in [
            ("", vec![(End, "")]),
            ("A(`x\\`)", vec![(Name, "A"), (Open, "("), (Text, "`x\\`"), (Close, ")"), (End, "")]),
            ("\"a\\\"b\",", vec![(Text, "\"a\\\"b\""), (Comma, ","), (End, "")]),
            (
                "!a&&b||é_1",
                vec![(Not, "!"), (Name, "a"), (And, "&&"), (Name, "b"), (Or, "||"), (Name, "é_1"), (End, "")],
            ),
            (
                "a != b == c",
                vec![(Name, "a"), (Other, "!="), (Name, "b"), (Other, "=="), (Name, "c"), (End, "")],
            ),
            ("127.0.0.1/8", vec![(Other, "127.0.0.1"), (Other, "/"), (Other, "8"), (End, "")]),
            ("é&#'", vec![(Name, "é"), (Other, "&"), (Other, "#"), (Other, "'"), (End, "")]),
            // A line end counts behind an operand only, comments are like the space they replace.
            (
                "\n a \n&&\n b\n\n",
                vec![(Name, "a"), (Newline, "\n"), (And, "&&"), (Name, "b"), (Newline, "\n"), (End, "")],
            ),
            ("a // c\nb // d", vec![(Name, "a"), (Newline, "\n"), (Name, "b"), (End, "")]),
            ("a /* c */ b /*\n*/ c", vec![(Name, "a"), (Name, "b"), (Newline, "/"), (Name, "c"), (End, "")]),
        ] {
            assert_eq!(kinds(text), expected, "{text:?}");
        }
    }

    #[test]
    fn characters_that_go_refuses() {
        assert_eq!(kinds("\u{feff}a"), [(Kind::Name, "a"), (Kind::End, "")]);
        for (text, expected) in [
            ("a \0", "1:3: rule contains a NUL character"),
            ("`\u{feff}`", "1:2: rule contains a byte order mark"),
        ] {
            assert_eq!(Lexer::new(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn unclosed_literals_and_comments() {
        for (text, expected) in [
            ("a `b", "1:3: string is not closed; add the closing back-quote"),
            ("\"b\\\"", "1:1: string is not closed; add the closing double quote"),
            ("\"b\n\"", "1:1: string is not closed; add the closing double quote"),
            ("/* c", "1:1: comment is not closed"),
        ] {
            let mut lexer = Lexer::new(text).unwrap();
            let error = (0..3).find_map(|_| lexer.next().err()).unwrap();
            assert_eq!(error.to_string(), expected, "{text:?}");
        }
    }
}
