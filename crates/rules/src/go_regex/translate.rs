//! Reads a pattern by Go's grammar and writes it in Rust's syntax.
//!
//! Every element is written so that it means the same wherever it stands: flags are spelled out at the
//! element (`(?i:a)`), classes list code points, groups are numbered and never named. What remains of Rust's
//! syntax is only concatenation, `|`, parentheses and the repetition operators.

use super::class;
use super::error::GoRegexError;

/// How deep groups and repetitions may be nested. Go allows 1000, but the engine compiles by recursion, and a
/// thread's stack must do.
const MAX_DEPTH: usize = 100;

/// The largest repeat count, also as the product of nested ones.
const MAX_REPEAT: u32 = 1000;

/// A pattern in Rust's syntax.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The name of each group; the first is the whole match.
    pub(super) names: Vec<Option<Box<str>>>,
}

pub(super) fn translate(pattern: &str) -> Result<Translated, GoRegexError> {
    let mut translator = Translator {
        pattern,
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        flags: Flags::default(),
        names: vec![None],
        groups: Vec::new(),
        level: Level::default(),
    };
    while let Some(c) = translator.peek() {
        translator.element(c)?;
    }
    if !translator.groups.is_empty() {
        return Err(GoRegexError::new(GoRegexError::MISSING_PAREN, pattern));
    }
    Ok(Translated { pattern: translator.out, names: translator.names })
}

/// The flags `i`, `m`, `s`, `U`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    ungreedy: bool,
}

/// What is known of the group that is being read, or of the whole pattern.
#[derive(Debug, Default)]
struct Level {
    /// The element that a repetition operator would apply to.
    last: Option<Element>,
    /// What the elements before it add up to.
    size: Size,
}

/// What is bounded in an element, or the largest of several.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// The product of nested repeat counts.
    repeats: u32,
    /// How many groups and repetitions are nested.
    depth: usize,
}

impl Size {
    const ONE: Self = Self { repeats: 1, depth: 0 };

    fn max(self, other: Self) -> Self {
        Self { repeats: self.repeats.max(other.repeats), depth: self.depth.max(other.depth) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Element {
    /// Where it begins in the output.
    start: usize,
    size: Size,
    /// Whether a repetition operator ends it in the output.
    is_repeated: bool,
    /// Where that operator begins and ends in the pattern: a further one right behind it is a syntax error.
    operator: Option<(usize, usize)>,
}

struct Group {
    /// Where the group begins in the output.
    start: usize,
    /// The flags to restore behind it.
    flags: Flags,
    outer: Level,
}

struct Translator<'p> {
    pattern: &'p str,
    at: usize,
    out: String,
    flags: Flags,
    names: Vec<Option<Box<str>>>,
    groups: Vec<Group>,
    level: Level,
}

impl<'p> Translator<'p> {
    fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The part of the pattern from `start` to here.
    fn since(&self, start: usize) -> &'p str {
        &self.pattern[start..self.at]
    }

    /// Reads the element that begins with `c`.
    fn element(&mut self, c: char) -> Result<(), GoRegexError> {
        match c {
            '(' => self.open(),
            ')' => self.close(),
            '|' => {
                self.at += 1;
                self.out.push('|');
                self.end_element();
                Ok(())
            }
            '*' | '+' | '?' => {
                let start = self.at;
                self.at += 1;
                self.repeat(start, 1, |out| out.push(c))
            }
            '{' => self.counted_repeat(),
            '[' => {
                let (text, length) = class::bracketed(self.rest(), self.flags.fold_case)?;
                self.at += length;
                self.push(&text);
                Ok(())
            }
            '\\' => self.escape(),
            _ => {
                self.at += c.len_utf8();
                match c {
                    '^' => self.push(if self.flags.multi_line { "(?m:^)" } else { r"\A" }),
                    '$' => self.push(if self.flags.multi_line { "(?m:$)" } else { r"\z" }),
                    '.' => self.push(if self.flags.dot_newline { "(?s:.)" } else { "." }),
                    c => self.literal(c),
                }
                Ok(())
            }
        }
    }

    /// Closes the element before this point, so that no operator applies to it.
    fn end_element(&mut self) {
        if let Some(last) = self.level.last.take() {
            self.level.size = self.level.size.max(last.size);
        }
    }

    /// Begins an element that starts at `start` in the output.
    fn begin_element(&mut self, start: usize, size: Size) {
        self.end_element();
        self.level.last = Some(Element { start, size, is_repeated: false, operator: None });
    }

    fn push(&mut self, text: &str) {
        self.begin_element(self.out.len(), Size::ONE);
        self.out.push_str(text);
    }

    fn literal(&mut self, c: char) {
        self.begin_element(self.out.len(), Size::ONE);
        let folded = self.flags.fold_case && (!c.is_ascii() || c.is_ascii_alphabetic());
        if folded {
            self.out.push_str("(?i:");
        }
        self.out.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4])));
        if folded {
            self.out.push(')');
        }
    }

    /// Applies a repetition operator that begins at `start` and has been read but for a `?` behind it.
    ///
    /// `count` is the largest number of repetitions that counts against [`MAX_REPEAT`].
    fn repeat(
        &mut self,
        start: usize,
        count: u32,
        write: impl FnOnce(&mut String),
    ) -> Result<(), GoRegexError> {
        let mut ungreedy = self.flags.ungreedy;
        if self.rest().starts_with('?') {
            self.at += 1;
            ungreedy = !ungreedy;
        }
        let Some(last) = &mut self.level.last else {
            return Err(GoRegexError::new(GoRegexError::MISSING_REPEAT_ARGUMENT, self.since(start)));
        };
        if let Some((first, _)) = last.operator.filter(|(_, end)| *end == start) {
            return Err(GoRegexError::new(GoRegexError::NESTED_REPEAT, &self.pattern[first..self.at]));
        }
        last.size.repeats = if count == 0 { 1 } else { last.size.repeats.saturating_mul(count) };
        last.size.depth += 1;
        if last.size.repeats > MAX_REPEAT {
            return Err(GoRegexError::new(GoRegexError::REPEAT_COUNT, self.since(start)));
        }
        if last.size.depth > MAX_DEPTH {
            return Err(GoRegexError::new(GoRegexError::DEPTH, self.pattern));
        }
        if last.is_repeated {
            self.out.insert_str(last.start, "(?:");
            self.out.push(')');
        }
        last.is_repeated = true;
        last.operator = Some((start, self.at));
        write(&mut self.out);
        if ungreedy {
            self.out.push('?');
        }
        Ok(())
    }

    /// `{n}`, `{n,}`, `{n,m}`; a brace that begins none of them is a literal.
    fn counted_repeat(&mut self) -> Result<(), GoRegexError> {
        let start = self.at;
        let Some((least, most, length)) = repeat_counts(self.rest()) else {
            self.at += 1;
            self.literal('{');
            return Ok(());
        };
        self.at += length;
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
            return Err(GoRegexError::new(GoRegexError::REPEAT_COUNT, self.since(start)));
        }
        // An open end counts by its beginning, and what occurs not at all does not count.
        let count = most.unwrap_or(least.max(1));
        self.repeat(start, count, |out| {
            let most = most.map_or(String::new(), |most| most.to_string());
            out.push_str(&format!("{{{least},{most}}}"));
        })
    }

    fn escape(&mut self) -> Result<(), GoRegexError> {
        let rest = self.rest();
        let anchor = match rest.as_bytes().get(1) {
            Some(b'A') => r"\A",
            Some(b'z') => r"\z",
            Some(b'b') => r"(?-u:\b)",
            Some(b'B') => r"(?-u:\B)",
            Some(b'C') => return Err(GoRegexError::new(GoRegexError::ESCAPE, &rest[..2])),
            Some(b'Q') => {
                let quoted = &rest[2..];
                let (text, length) = match quoted.find("\\E") {
                    Some(end) => (&quoted[..end], end + 2),
                    None => (quoted, quoted.len()),
                };
                self.at += 2 + length;
                text.chars().for_each(|c| self.literal(c));
                return Ok(());
            }
            _ => "",
        };
        if !anchor.is_empty() {
            self.at += 2;
            self.push(anchor);
        } else if let Some((class, length)) = class::escaped(rest)? {
            self.at += length;
            let class = if self.flags.fold_case { format!("(?i:{class})") } else { class };
            self.push(&class);
        } else {
            let (code, length) = class::escaped_char(rest)?;
            self.at += length;
            match char::from_u32(code) {
                Some(c) => self.literal(c),
                None => self.push(class::NOTHING),
            }
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), GoRegexError> {
        let start = self.at;
        if !self.rest().starts_with("(?") {
            self.at += 1;
            self.names.push(None);
            return self.enter("(", self.flags);
        }
        for opening in ["(?P<", "(?<"] {
            if let Some(body) = self.rest().strip_prefix(opening).filter(|body| !body.is_empty()) {
                return self.open_named(start, opening.len(), body);
            }
        }
        self.open_flags(start)
    }

    fn open_named(&mut self, start: usize, opening: usize, body: &str) -> Result<(), GoRegexError> {
        let Some(end) = body.find('>') else {
            return Err(GoRegexError::new(GoRegexError::NAMED_CAPTURE, &self.pattern[start..]));
        };
        self.at += opening + end + 1;
        let name = &body[..end];
        if name.is_empty() || !name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            return Err(GoRegexError::new(GoRegexError::NAMED_CAPTURE, self.since(start)));
        }
        self.names.push(Some(name.into()));
        self.enter("(", self.flags)
    }

    /// `(?flags)` and `(?flags:`
    fn open_flags(&mut self, start: usize) -> Result<(), GoRegexError> {
        self.at += 2;
        let mut flags = self.flags;
        let (mut value, mut has_flag) = (true, false);
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                'i' => flags.fold_case = value,
                'm' => flags.multi_line = value,
                's' => flags.dot_newline = value,
                'U' => flags.ungreedy = value,
                '-' if value => value = false,
                ':' if value || has_flag => return self.enter("(?:", flags),
                ')' if value || has_flag => {
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            has_flag = c != '-';
        }
        Err(GoRegexError::new(GoRegexError::PERL, self.since(start)))
    }

    fn enter(&mut self, opening: &str, flags: Flags) -> Result<(), GoRegexError> {
        if self.groups.len() == MAX_DEPTH {
            return Err(GoRegexError::new(GoRegexError::DEPTH, self.pattern));
        }
        let outer = std::mem::take(&mut self.level);
        self.groups.push(Group { start: self.out.len(), flags: self.flags, outer });
        self.flags = flags;
        self.out.push_str(opening);
        Ok(())
    }

    fn close(&mut self) -> Result<(), GoRegexError> {
        let Some(group) = self.groups.pop() else {
            return Err(GoRegexError::new(GoRegexError::UNEXPECTED_PAREN, self.pattern));
        };
        self.at += 1;
        self.out.push(')');
        self.end_element();
        let mut size = self.level.size.max(Size::ONE);
        size.depth += 1;
        if size.depth > MAX_DEPTH {
            return Err(GoRegexError::new(GoRegexError::DEPTH, self.pattern));
        }
        self.level = group.outer;
        self.flags = group.flags;
        self.begin_element(group.start, size);
        Ok(())
    }
}

/// The numbers of a counted repetition and its length; `None` when `text` does not begin with one.
///
/// Numbers that are too large come out as `u32::MAX`.
fn repeat_counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let number = |text: &str| -> Option<(u32, usize)> {
        let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let digits = &text[..length];
        // Go takes numbers with leading zeros for literals.
        let is_number = length > 0 && (length == 1 || !digits.starts_with('0'));
        is_number.then(|| (digits.parse().unwrap_or(u32::MAX), length))
    };
    let (least, length) = number(text.strip_prefix('{')?)?;
    let mut at = 1 + length;
    let mut most = Some(least);
    if text[at..].starts_with(',') {
        at += 1;
        most = None;
        if !text[at..].starts_with('}') {
            let (count, length) = number(&text[at..])?;
            most = Some(count);
            at += length;
        }
    }
    text[at..].starts_with('}').then_some((least, most, at + 1))
}
