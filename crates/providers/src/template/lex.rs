//! Text and tokens: where actions begin and end, and what they consist of.

/// An error at a byte offset of the template.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// What a token of an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name: a keyword or a function.
    Word,
    /// `.name`, the token's text is the name.
    Field,
    /// `.` alone.
    Dot,
    /// `$` or `$name`.
    Variable,
    Number,
    /// Text in double quotes or back-ticks.
    Text,
    /// A character in single quotes.
    Character,
    /// One of `( ) | , = :=`.
    Symbol,
    /// `}}`.
    End,
}

/// A token of an action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// White space stands before it.
    pub(super) spaced: bool,
}

impl Token<'_> {
    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Segment<'a> {
    Text(&'a str),
    /// The start of an action; its tokens follow.
    Action,
    Eof,
}

/// Reads a template from front to back.
pub(super) struct Lexer<'a> {
    source: &'a str,
    at: usize,
    /// The text before an action was given out, the action itself was not.
    action_follows: bool,
}

/// What Go's lexer takes for white space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, at: 0, action_follows: false }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// The next piece of text or action. Comments are left out, trim markers are obeyed.
    pub(super) fn segment(&mut self) -> Result<Segment<'a>, Fault> {
        loop {
            if std::mem::take(&mut self.action_follows) {
                return Ok(Segment::Action);
            }
            let rest = self.rest();
            if rest.is_empty() {
                return Ok(Segment::Eof);
            }
            let Some(length) = rest.find("{{") else {
                self.at = self.source.len();
                return Ok(Segment::Text(rest));
            };
            let open = self.at + length;
            let inner = &self.source[open + 2..];
            let trims = inner.strip_prefix('-').is_some_and(|inner| inner.starts_with(is_space));
            let text = if trims { rest[..length].trim_end_matches(is_space) } else { &rest[..length] };
            self.at = open + if trims { 4 } else { 2 };
            if self.rest().starts_with("/*") {
                self.skip_comment(open)?;
            } else {
                self.action_follows = true;
            }
            if !text.is_empty() {
                return Ok(Segment::Text(text));
            }
        }
    }

    /// Skips a comment and the delimiter behind it.
    fn skip_comment(&mut self, open: usize) -> Result<(), Fault> {
        let end = self.rest().find("*/").ok_or_else(|| Fault::new(open, "unclosed comment"))?;
        self.at += end + 2;
        if self.skip_end() {
            Ok(())
        } else {
            Err(Fault::new(self.at, "expected }} right behind the comment"))
        }
    }

    /// Skips `}}` or ` -}}`, with the white space that the latter trims; false where neither stands here.
    fn skip_end(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with("}}") {
            self.at += 2;
            return true;
        }
        let trimmed = rest.trim_start_matches(is_space);
        if trimmed.len() < rest.len() && trimmed.starts_with("-}}") {
            self.at = self.source.len() - trimmed[3..].trim_start_matches(is_space).len();
            return true;
        }
        false
    }

    /// The next token of the action that was begun.
    pub(super) fn token(&mut self) -> Result<Token<'a>, Fault> {
        let start = self.at;
        if self.skip_end() {
            return Ok(Token { kind: Kind::End, text: "}}", at: start, spaced: false });
        }
        let trimmed = self.rest().trim_start_matches(is_space);
        self.at = self.source.len() - trimmed.len();
        let spaced = self.at > start;
        if trimmed.starts_with("}}") {
            let at = self.at;
            self.at += 2;
            return Ok(Token { kind: Kind::End, text: "}}", at, spaced });
        }
        let at = self.at;
        let (kind, length) = self.measure(trimmed)?;
        self.at += length;
        let text = &trimmed[usize::from(kind == Kind::Field)..length];
        Ok(Token { kind, text, at, spaced })
    }

    /// The kind and length of the token that `rest` begins with.
    fn measure(&self, rest: &str) -> Result<(Kind, usize), Fault> {
        let mut chars = rest.chars();
        let Some(first) = chars.next() else { return Err(Fault::new(self.at, "unclosed action")) };
        let second = chars.next();
        let word_end = |from: usize| rest[from..].find(|c| !is_word(c)).map_or(rest.len(), |end| from + end);
        let (kind, length) = match first {
            '(' | ')' | '|' | ',' | '=' => return Ok((Kind::Symbol, 1)),
            ':' if second == Some('=') => return Ok((Kind::Symbol, 2)),
            '"' | '`' | '\'' => return self.measure_quoted(rest, first),
            '$' => (Kind::Variable, word_end(1)),
            '.' if !second.is_some_and(|c| c.is_ascii_digit()) => match word_end(1) {
                1 => (Kind::Dot, 1),
                end => (Kind::Field, end),
            },
            '.' | '+' | '-' | '0'..='9' => {
                let length = number_length(rest);
                if rest[length..].starts_with(is_word) || length == 0 {
                    let shown = &rest[..word_end(length.max(1))];
                    return Err(Fault::new(self.at, format!("expected a number, got {shown:?}")));
                }
                return Ok((Kind::Number, length));
            }
            c if is_word(c) => (Kind::Word, word_end(0)),
            c => return Err(Fault::new(self.at, format!("unexpected character {c:?} in an action"))),
        };
        let ends = rest[length..].starts_with(|c: char| is_space(c) || ".,|:)(".contains(c));
        if !ends && !rest[length..].is_empty() && !rest[length..].starts_with("}}") {
            let next = rest[length..].chars().next().unwrap_or_default();
            return Err(Fault::new(
                self.at + length,
                format!("unexpected character {next:?} behind {:?}", &rest[..length]),
            ));
        }
        Ok((kind, length))
    }

    fn measure_quoted(&self, rest: &str, quote: char) -> Result<(Kind, usize), Fault> {
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '\n' if quote != '`' => break,
                _ if escaped => escaped = false,
                '\\' if quote != '`' => escaped = true,
                c if c == quote => {
                    return Ok((if quote == '\'' { Kind::Character } else { Kind::Text }, at + 1));
                }
                _ => {}
            }
        }
        Err(Fault::new(self.at, format!("unterminated text, expected another {quote}")))
    }
}

/// The length of the number that a text begins with, by its characters alone.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = usize::from(text.starts_with(['+', '-']));
    let based = bytes.get(at) == Some(&b'0') && bytes.get(at + 1).is_some_and(|b| b"xXoObB".contains(b));
    let hexadecimal = based && bytes[at + 1].eq_ignore_ascii_case(&b'x');
    let start = at;
    at += if based { 2 } else { 0 };
    let exponent: &[u8] = if hexadecimal { b"pP" } else { b"eE" };
    while let Some(&byte) = bytes.get(at) {
        let sign = b"+-".contains(&byte) && at > start && exponent.contains(&bytes[at - 1]);
        let digit = if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        if !(digit || sign || byte == b'_' || byte == b'.' || exponent.contains(&byte)) {
            break;
        }
        at += 1;
    }
    if at == start { 0 } else { at }
}
