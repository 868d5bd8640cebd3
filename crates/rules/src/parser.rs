//! Parses rules: a subset of Go expressions (specification section 2.3).
//!
//! Operators are `&&`, `||`, `!` and parentheses; `!` binds tightest, `||` loosest. Go's line rule holds: a
//! line that ends behind an operand ends the rule, so an operator stands at the end of a line and not at the
//! start of the next.

use std::ops::RangeInclusive;

use crate::go_string::unquote;
use crate::lexer::{Kind, Lexer, Token};
use crate::{Argument, Call, RuleError, Signature, Span, Syntax, Tree, Vocabulary};

/// The longest rule that is accepted, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// How deep parentheses may be nested.
pub const MAX_DEPTH: usize = 200;

/// Parses the rule `text` with the matchers that `vocabulary` has for `syntax`.
///
/// # Errors
/// The first thing in the text that is not a rule. Never panics, whatever the text.
pub fn parse(text: &str, syntax: Syntax, vocabulary: &Vocabulary) -> Result<Tree<Call>, RuleError> {
    if text.len() > MAX_LENGTH {
        let message = format!("rule has {} bytes, more than {MAX_LENGTH}", text.len());
        return Err(RuleError::new(text, Span::new(0, 0), message));
    }
    let mut lexer = Lexer::new(text)?;
    let token = lexer.next()?;
    let mut parser = Parser { text, syntax, vocabulary, lexer, token, depth: 0 };
    let tree = parser.disjunction(false)?;
    if parser.token.kind == Kind::Newline {
        let newline = parser.advance()?;
        if parser.token.kind != Kind::End {
            return Err(parser.unexpected_newline(newline.span));
        }
    }
    match parser.token.kind {
        Kind::End => Ok(tree),
        _ => Err(parser.unexpected_behind_operand()),
    }
}

struct Parser<'t> {
    text: &'t str,
    syntax: Syntax,
    vocabulary: &'t Vocabulary,
    lexer: Lexer<'t>,
    /// The token that comes next.
    token: Token,
    /// How many parentheses are open.
    depth: usize,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<Token, RuleError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn error(&self, span: Span, message: impl Into<String>) -> RuleError {
        RuleError::new(self.text, span, message)
    }

    /// `a || b || c`; what an outer `!` asks for is passed down.
    fn disjunction(&mut self, negated: bool) -> Result<Tree<Call>, RuleError> {
        let mut terms = vec![self.conjunction(negated)?];
        while self.token.kind == Kind::Or {
            self.advance()?;
            terms.push(self.conjunction(negated)?);
        }
        Ok(if negated { Tree::all(terms) } else { Tree::any(terms) })
    }

    /// `a && b && c`
    fn conjunction(&mut self, negated: bool) -> Result<Tree<Call>, RuleError> {
        let mut terms = vec![self.operand(negated)?];
        while self.token.kind == Kind::And {
            self.advance()?;
            terms.push(self.operand(negated)?);
        }
        Ok(if negated { Tree::any(terms) } else { Tree::all(terms) })
    }

    /// A call or a rule in parentheses, with any number of `!` before it.
    fn operand(&mut self, mut negated: bool) -> Result<Tree<Call>, RuleError> {
        while self.token.kind == Kind::Not {
            self.advance()?;
            negated = !negated;
        }
        match self.token.kind {
            Kind::Open => self.group(negated),
            Kind::Name => Ok(Tree::Leaf { negated, leaf: self.call()? }),
            _ => Err(self.unexpected_operand()),
        }
    }

    fn group(&mut self, negated: bool) -> Result<Tree<Call>, RuleError> {
        let open = self.advance()?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(open.span, format!("more than {MAX_DEPTH} nested parentheses")));
        }
        let tree = self.disjunction(negated)?;
        self.depth -= 1;
        match self.token.kind {
            Kind::Close => self.advance()?,
            Kind::End => return Err(self.error(open.span, "parenthesis is not closed")),
            Kind::Newline => return Err(self.unexpected_newline(self.token.span)),
            _ => return Err(self.unexpected_behind_operand()),
        };
        Ok(tree)
    }

    /// `Matcher(argument, …)`
    fn call(&mut self) -> Result<Call, RuleError> {
        let name = self.advance()?;
        if self.token.kind != Kind::Open {
            return Err(self.not_a_call(name.span));
        }
        let spelled = name.span.of(self.text);
        let Some((matcher, signature)) = self.vocabulary.find(spelled, self.syntax) else {
            let error = self.error(name.span, format!("unknown matcher {}", shortened(spelled)));
            return Err(error.with_help(self.vocabulary.advice(spelled, self.syntax)));
        };
        let open = self.advance()?;
        let arguments = self.arguments(name.span, open.span)?;
        let close = self.advance()?;
        let call = Call { matcher, span: Span::new(name.span.start, close.span.end), arguments };
        self.check(&call, signature)?;
        Ok(call)
    }

    /// The arguments up to, without, the closing parenthesis. A comma behind the last one is allowed.
    fn arguments(&mut self, name: Span, open: Span) -> Result<Vec<Argument>, RuleError> {
        let mut arguments = Vec::new();
        while self.token.kind != Kind::Close {
            if self.token.kind == Kind::End {
                return Err(self.error(open, "parenthesis is not closed").with_help("add the closing )"));
            }
            if self.token.kind != Kind::Text {
                return Err(self.not_quoted(name, open));
            }
            let literal = self.advance()?;
            arguments.push(self.argument(literal.span)?);
            match self.token.kind {
                Kind::Comma => self.advance()?,
                Kind::Close => break,
                _ => return Err(self.unexpected_behind_argument(name, open)),
            };
        }
        Ok(arguments)
    }

    fn argument(&self, span: Span) -> Result<Argument, RuleError> {
        let value = unquote(span.of(self.text)).map_err(|bad| {
            let start = span.start + bad.offset;
            self.error(Span::new(start, start + bad.length), bad.message)
                .with_help("in back-quotes nothing needs to be escaped")
        })?;
        Ok(Argument { value, span })
    }

    /// Whether the number of arguments fits, and none is empty.
    fn check(&self, call: &Call, signature: &Signature) -> Result<(), RuleError> {
        let (name, count) = (signature.name, call.arguments.len());
        if !signature.arguments.contains(&count) {
            let message = format!("{name} takes {}, not {count}", arity(&signature.arguments));
            let help = if count > 1 && *signature.arguments.end() == 1 {
                let quoted = call.arguments.iter().map(|argument| argument.span.of(self.text));
                alternatives(name, quoted)
            } else {
                signature.usage.to_owned()
            };
            return Err(self.error(call.span, message).with_help(help));
        }
        match call.arguments.iter().find(|argument| argument.value.is_empty()) {
            Some(empty) => Err(self.error(empty.span, format!("{name} has an empty argument"))),
            None => Ok(()),
        }
    }
}

/// Errors: each says what stands there and what could.
impl Parser<'_> {
    fn unexpected_operand(&self) -> RuleError {
        let span = self.token.span;
        let found = shortened(span.of(self.text));
        match self.token.kind {
            Kind::End if self.text.trim().is_empty() => self.error(span, "rule is empty"),
            Kind::End => self.error(span, "rule ends where a matcher is expected"),
            Kind::Text => self
                .error(span, "a string alone is not a rule")
                .with_help(format!("put it into a matcher, such as Host({found})")),
            _ => self.error(span, format!("expected a matcher, found {found}")),
        }
    }

    /// What follows a complete operand is neither an operator nor the end.
    fn unexpected_behind_operand(&self) -> RuleError {
        let span = self.token.span;
        let found = span.of(self.text);
        let error = self.error(span, format!("expected && or ||, found {}", shortened(found)));
        match (self.token.kind, found.to_ascii_lowercase().as_str()) {
            (Kind::Close, _) => self.error(span, "parenthesis was never opened"),
            (Kind::Other, "&") | (Kind::Name, "and") => error.with_help("write &&"),
            (Kind::Other, "|") | (Kind::Name, "or") => error.with_help("write ||"),
            (Kind::Other, _) => error.with_help("rules know the operators &&, || and !"),
            _ => error,
        }
    }

    fn unexpected_newline(&self, newline: Span) -> RuleError {
        self.error(Span::new(newline.start, newline.start), "the rule ends with this line, but there is more")
            .with_help("put the operator at the end of the line, not at the start of the next")
    }

    /// A name without parentheses.
    fn not_a_call(&self, name: Span) -> RuleError {
        let spelled = name.of(self.text);
        let known = self.vocabulary.find(spelled, self.syntax).map(|(_, signature)| signature);
        match (self.token.kind, known) {
            (_, None) if spelled.eq_ignore_ascii_case("not") => {
                self.error(name, "expected a matcher, found not").with_help("write !")
            }
            (Kind::Other, Some(signature)) if self.token.span.of(self.text).starts_with(':') => self
                .error(self.token.span, format!("expected ( after {spelled}"))
                .with_help(format!("this is the syntax of Traefik v1, write {}", signature.usage)),
            (_, Some(signature)) => {
                self.error(name, format!("expected ( after {spelled}")).with_help(signature.usage)
            }
            (_, None) => self
                .error(name, format!("{} is not a matcher call", shortened(spelled)))
                .with_help(self.vocabulary.advice(spelled, self.syntax)),
        }
    }

    /// An argument is not a string literal.
    fn not_quoted(&self, name: Span, open: Span) -> RuleError {
        let pieces = split_arguments(self.text, open.end);
        let here = self.token.span.start;
        let piece = pieces.iter().copied().find(|piece| piece.start <= here && here < piece.end);
        let piece = piece.unwrap_or(self.token.span);
        let error = self.error(piece, "argument is not a quoted string");
        if piece.of(self.text).contains('`') {
            return error.with_help("an argument is one string; matchers cannot be nested");
        }
        let quoted: Vec<String> = pieces.iter().map(|piece| quoted(piece.of(self.text))).collect();
        error.with_help(format!("{}({})", name.of(self.text), quoted.join(", ")))
    }

    /// What follows an argument is neither a comma nor the closing parenthesis.
    fn unexpected_behind_argument(&mut self, name: Span, open: Span) -> RuleError {
        let span = self.token.span;
        let found = shortened(span.of(self.text));
        match self.token.kind {
            Kind::End => self.error(open, "parenthesis is not closed").with_help("add the closing )"),
            Kind::Newline => self
                .error(Span::new(span.start, span.start), "expected , or ) before the end of the line")
                .with_help("close the parenthesis on this line, or put a comma behind the argument"),
            Kind::And | Kind::Or => {
                let name = name.of(self.text);
                self.error(span, format!("{found} stands inside the arguments of {name}"))
                    .with_help(format!("operators join matchers: {name}(…) {found} {name}(…)"))
            }
            _ => self
                .error(span, format!("expected , or ), found {found}"))
                .with_help("an argument is one string in back-quotes"),
        }
    }
}

/// How many arguments a matcher takes, in words.
fn arity(range: &RangeInclusive<usize>) -> String {
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    match (*range.start(), *range.end()) {
        (least, usize::MAX) => format!("at least {least} {}", plural(least)),
        (least, most) if least == most => format!("{least} {}", plural(least)),
        (least, most) => format!("{least} or {most} arguments"),
    }
}

/// ``Host(`a`) || Host(`b`)`` for the arguments of a matcher that takes only one.
fn alternatives<'a>(name: &str, quoted: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 4;
    let mut calls: Vec<String> = quoted.take(SHOWN + 1).map(|quoted| format!("{name}({quoted})")).collect();
    if calls.len() > SHOWN {
        calls[SHOWN] = "…".to_owned();
    }
    calls.join(" || ")
}

/// The pieces between the commas from `start` up to the parenthesis that closes, without the space around
/// them.
fn split_arguments(text: &str, start: usize) -> Vec<Span> {
    let (mut pieces, mut depth, mut quote) = (Vec::new(), 0_usize, None);
    let mut piece_start = start;
    let mut push = |from: usize, to: usize| {
        let piece = &text[from..to];
        let lead = piece.len() - piece.trim_start().len();
        pieces.push(Span::new(from + lead, from + lead + piece.trim().len()));
    };
    for (offset, c) in text[start..].char_indices() {
        let at = start + offset;
        match c {
            '`' | '"' if quote.is_none() => quote = Some(c),
            c if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                push(piece_start, at);
                piece_start = at + 1;
            }
            ')' | '\n' => {
                push(piece_start, at);
                return pieces;
            }
            _ => {}
        }
    }
    push(piece_start, text.len());
    pieces
}

/// The argument as it should have been written.
fn quoted(piece: &str) -> String {
    if piece.starts_with(['`', '"']) {
        return shortened(piece);
    }
    format!("`{}`", shortened(piece.trim_matches('\'')))
}

/// `text` for a message: only its beginning when it is long.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
