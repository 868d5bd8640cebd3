//! From the text of a template to its tree.

use std::collections::HashMap;

use super::ast::{Branch, Callee, Command, Node, Operand, OperandKind, Parsed, Pipeline, Style};
use super::funcs;
use super::lex::{Fault, Kind, Lexer, Segment, Token};
use super::numbers::{Literal, parse_literal};
use super::quoting::{unquote, unquote_char};
use super::value::Value;

/// How deep blocks and parentheses may be nested.
const MAX_NESTING: usize = 100;

/// Parses a template.
pub(super) fn parse(source: &str) -> Result<Parsed<'_>, Fault> {
    let mut parser = Parser {
        lexer: Lexer::new(source),
        unread: Vec::new(),
        variables: vec!["$"],
        range_depth: 0,
        nesting: 0,
        templates: HashMap::new(),
    };
    let (body, stop) = parser.list()?;
    match stop {
        Stop::Eof => Ok(Parsed { body, templates: parser.templates }),
        Stop::End(at) | Stop::Else(at) => {
            Err(Fault::new(at, "unexpected end or else, no block is open here"))
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// Tokens that were read too early; the last one comes first.
    unread: Vec<Token<'a>>,
    /// The variables in scope.
    variables: Vec<&'a str>,
    range_depth: usize,
    nesting: usize,
    templates: HashMap<String, Vec<Node<'a>>>,
}

/// What ended a list of nodes, and where.
enum Stop {
    End(usize),
    /// The `else` is read, what follows it in the action is not.
    Else(usize),
    Eof,
}

/// The keywords that take a pipeline and bodies.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    If,
    With,
    Range,
}

impl<'a> Parser<'a> {
    fn token(&mut self) -> Result<Token<'a>, Fault> {
        match self.unread.pop() {
            Some(token) => Ok(token),
            None => self.lexer.token(),
        }
    }

    fn peek(&mut self) -> Result<Token<'a>, Fault> {
        let token = self.token()?;
        self.unread.push(token);
        Ok(token)
    }

    fn expect_end(&mut self, context: &str) -> Result<(), Fault> {
        let token = self.token()?;
        if token.kind == Kind::End { Ok(()) } else { Err(unexpected(token, context)) }
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(
        &mut self,
        at: usize,
        parse: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.nesting == MAX_NESTING {
            return Err(Fault::new(at, format!("nested more than {MAX_NESTING} levels deep")));
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    /// The nodes up to the `end` or `else` that belongs to somebody further out.
    fn list(&mut self) -> Result<(Vec<Node<'a>>, Stop), Fault> {
        let mut nodes = Vec::new();
        loop {
            match self.lexer.segment()? {
                Segment::Text(text) => nodes.push(Node::Text(text)),
                Segment::Eof => return Ok((nodes, Stop::Eof)),
                Segment::Action => {
                    let token = self.peek()?;
                    if token.is(Kind::Word, "end") {
                        self.token()?;
                        self.expect_end("end")?;
                        return Ok((nodes, Stop::End(token.at)));
                    }
                    if token.is(Kind::Word, "else") {
                        self.token()?;
                        return Ok((nodes, Stop::Else(token.at)));
                    }
                    nodes.extend(self.action(token)?);
                }
            }
        }
    }

    /// One action; a definition leaves no node.
    fn action(&mut self, token: Token<'a>) -> Result<Option<Node<'a>>, Fault> {
        let keyword = if token.kind == Kind::Word { token.text } else { "" };
        let block = match keyword {
            "if" => Block::If,
            "with" => Block::With,
            "range" => Block::Range,
            "template" => return self.template().map(Some),
            "block" => return self.block_definition().map(Some),
            "define" => return self.define().map(|()| None),
            "break" | "continue" => {
                self.token()?;
                self.expect_end(keyword)?;
                if self.range_depth == 0 {
                    return Err(Fault::new(token.at, format!("{keyword} outside of range")));
                }
                return Ok(Some(if keyword == "break" { Node::Break } else { Node::Continue }));
            }
            _ => {
                return self
                    .pipeline("an action", Closing::Action)
                    .map(|pipeline| Some(Node::Action(pipeline)));
            }
        };
        self.token()?;
        self.nested(token.at, |parser| parser.branch(block, token.at)).map(Some)
    }

    /// `if`, `with` or `range` behind its keyword, up to its `end`.
    fn branch(&mut self, block: Block, at: usize) -> Result<Node<'a>, Fault> {
        let scope = self.variables.len();
        let context = if block == Block::Range { "range" } else { "a condition" };
        let pipeline = self.pipeline(context, Closing::Action)?;
        self.range_depth += usize::from(block == Block::Range);
        let (then, stop) = self.list()?;
        self.range_depth -= usize::from(block == Block::Range);
        let otherwise = match stop {
            Stop::End(_) => Vec::new(),
            Stop::Eof => return Err(Fault::new(at, "this block has no end")),
            Stop::Else(_) => self.otherwise(block, at)?,
        };
        self.variables.truncate(scope);
        let branch = Branch { pipeline, then, otherwise };
        Ok(match block {
            Block::If => Node::If(branch),
            Block::With => Node::With(branch),
            Block::Range => Node::Range(branch),
        })
    }

    /// What follows an `else`: its list, or for `else if` and `else with` the block that also ends this one.
    fn otherwise(&mut self, block: Block, at: usize) -> Result<Vec<Node<'a>>, Fault> {
        let token = self.peek()?;
        let chained = match (block, token.kind, token.text) {
            (Block::If, Kind::Word, "if") | (Block::With, Kind::Word, "with") => true,
            (_, Kind::End, _) => false,
            _ => return Err(unexpected(token, "else")),
        };
        self.token()?;
        if chained {
            return self.nested(token.at, |parser| Ok(vec![parser.branch(block, token.at)?]));
        }
        match self.list()? {
            (nodes, Stop::End(_)) => Ok(nodes),
            (_, Stop::Else(at)) => Err(Fault::new(at, "expected end, got a second else")),
            (_, Stop::Eof) => Err(Fault::new(at, "this block has no end")),
        }
    }

    /// The name behind `template`, `define` or `block`.
    fn template_name(&mut self, context: &str) -> Result<(Token<'a>, String), Fault> {
        self.token()?;
        let token = self.token()?;
        let name = if token.kind == Kind::Text { unquote(token.text) } else { None };
        Ok((token, name.ok_or_else(|| unexpected(token, context))?))
    }

    fn template(&mut self) -> Result<Node<'a>, Fault> {
        let (token, name) = self.template_name("template, expected a name in quotes")?;
        let argument = if self.peek()?.kind == Kind::End {
            self.token()?;
            None
        } else {
            Some(self.pipeline("template", Closing::Action)?)
        };
        Ok(Node::Template { at: token.at, name, argument })
    }

    fn define(&mut self) -> Result<(), Fault> {
        let at = self.peek()?.at;
        if self.nesting > 0 {
            return Err(Fault::new(at, "define stands outside of all blocks only"));
        }
        let (token, name) = self.template_name("define, expected a name in quotes")?;
        self.expect_end("define")?;
        self.definition(token.at, name)
    }

    /// `block` defines a template and executes it in place.
    fn block_definition(&mut self) -> Result<Node<'a>, Fault> {
        let (token, name) = self.template_name("block, expected a name in quotes")?;
        let argument = Some(self.pipeline("block", Closing::Action)?);
        self.nested(token.at, |parser| parser.definition(token.at, name.clone()))?;
        Ok(Node::Template { at: token.at, name, argument })
    }

    /// The body of a template, up to its `end`.
    fn definition(&mut self, at: usize, name: String) -> Result<(), Fault> {
        let outer_variables = std::mem::replace(&mut self.variables, vec!["$"]);
        let outer_ranges = std::mem::take(&mut self.range_depth);
        let (body, stop) = self.list()?;
        self.variables = outer_variables;
        self.range_depth = outer_ranges;
        match stop {
            Stop::End(_) => {}
            Stop::Else(at) => return Err(Fault::new(at, "unexpected else in a definition")),
            Stop::Eof => return Err(Fault::new(at, "this block has no end")),
        }
        if self.templates.insert(name, body).is_some() {
            return Err(Fault::new(at, "this template is defined twice"));
        }
        Ok(())
    }

    /// A pipeline and the `}}` or `)` that closes it.
    fn pipeline(&mut self, context: &str, closing: Closing) -> Result<Pipeline<'a>, Fault> {
        let (variables, assigns) = self.declaration(context)?;
        let mut commands: Vec<Command<'a>> = Vec::new();
        loop {
            let token = self.peek()?;
            if closing.is(token) {
                self.token()?;
                break;
            }
            match (token.kind, closing) {
                (Kind::End, Closing::Parenthesis) => {
                    return Err(Fault::new(token.at, "unclosed parenthesis"));
                }
                (Kind::Symbol, _) if token.text != "(" => return Err(unexpected(token, context)),
                _ => {}
            }
            let command = self.command()?;
            if !commands.is_empty() && !command.is_callable() {
                return Err(Fault::new(token.at, "expected a function behind |"));
            }
            commands.push(command);
        }
        if commands.is_empty() {
            return Err(Fault::new(self.lexer.position(), format!("missing value for {context}")));
        }
        if !assigns {
            self.variables.extend(&variables);
        }
        refuse_lost_change(&variables, &commands)?;
        Ok(Pipeline { variables, assigns, commands })
    }

    /// `$x :=`, `$x =` or, in a range, `$i, $x :=`.
    fn declaration(&mut self, context: &str) -> Result<(Vec<&'a str>, bool), Fault> {
        let first = self.peek()?;
        if first.kind != Kind::Variable {
            return Ok((Vec::new(), false));
        }
        self.token()?;
        let mut names = vec![first.text];
        let mut token = self.peek()?;
        if context == "range" && token.is(Kind::Symbol, ",") {
            self.token()?;
            let second = self.token()?;
            if second.kind != Kind::Variable {
                return Err(unexpected(second, "range, expected a second variable"));
            }
            names.push(second.text);
            token = self.peek()?;
        }
        if !token.is(Kind::Symbol, ":=") && !token.is(Kind::Symbol, "=") {
            if names.len() > 1 || token.is(Kind::Symbol, ",") {
                return Err(unexpected(token, "a declaration"));
            }
            // The variable is no target but the first operand.
            self.unread.push(first);
            return Ok((Vec::new(), false));
        }
        self.token()?;
        let assigns = token.text == "=";
        if assigns && let Some(unknown) = names.iter().find(|name| !self.variables.contains(name)) {
            return Err(Fault::new(first.at, format!("undefined variable {unknown}")));
        }
        Ok((names, assigns))
    }

    /// An operand to evaluate or call, its arguments, and a `|` behind them.
    fn command(&mut self) -> Result<Command<'a>, Fault> {
        let first = self.operand()?;
        let mut arguments = Vec::new();
        loop {
            let token = self.peek()?;
            match (token.kind, token.text) {
                (Kind::End, _) | (Kind::Symbol, ")") => break,
                (Kind::Symbol, "|") => {
                    self.token()?;
                    break;
                }
                _ if token.spaced => arguments.push(self.operand()?),
                _ => return Err(unexpected(token, "a command")),
            }
        }
        Ok(Command { first, arguments })
    }

    fn operand(&mut self) -> Result<Operand<'a>, Fault> {
        let token = self.token()?;
        let bad = |expected: &str| Fault::new(token.at, format!("expected {expected}, got {:?}", token.text));
        let mut fields = Vec::new();
        let kind = match token.kind {
            Kind::Dot => OperandKind::Dot,
            Kind::Field => {
                fields.push(token.text);
                OperandKind::Dot
            }
            Kind::Variable if self.variables.contains(&token.text) => OperandKind::Variable(token.text),
            Kind::Variable => return Err(Fault::new(token.at, format!("undefined variable {}", token.text))),
            Kind::Text => {
                let text = unquote(token.text).ok_or_else(|| bad("text with valid escapes"))?;
                OperandKind::Constant(Value::text(text))
            }
            Kind::Character => {
                let c = unquote_char(token.text).ok_or_else(|| bad("one character"))?;
                OperandKind::Constant(Value::Int(u32::from(c).into()))
            }
            Kind::Number => {
                OperandKind::Constant(match parse_literal(token.text).ok_or_else(|| bad("a number"))? {
                    Literal::Int(number) => Value::Int(number),
                    Literal::Float(number) => Value::Float(number),
                    Literal::TooLarge => return Err(bad("a number that an int holds")),
                })
            }
            Kind::Word => self.word(token)?,
            Kind::Symbol if token.text == "(" => {
                let pipeline =
                    self.nested(token.at, |parser| parser.pipeline("a parenthesis", Closing::Parenthesis))?;
                OperandKind::Parenthesized(Box::new(pipeline))
            }
            Kind::Symbol | Kind::End => return Err(unexpected(token, "a command")),
        };
        let lone_dot = matches!(kind, OperandKind::Dot) && fields.is_empty();
        let mut next = self.peek()?;
        while next.kind == Kind::Field && !next.spaced {
            if lone_dot || matches!(kind, OperandKind::Nil | OperandKind::Constant(_)) {
                return Err(Fault::new(next.at, format!("{:?} has no fields", token.text)));
            }
            fields.push(next.text);
            self.token()?;
            next = self.peek()?;
        }
        Ok(Operand { at: token.at, kind, fields })
    }

    /// A constant that is a word, or a function.
    fn word(&self, token: Token<'a>) -> Result<OperandKind<'a>, Fault> {
        Ok(match token.text {
            "true" => OperandKind::Constant(true.into()),
            "false" => OperandKind::Constant(false.into()),
            "nil" => OperandKind::Nil,
            "if" | "else" | "end" | "range" | "with" | "define" | "block" | "template" | "break"
            | "continue" => {
                return Err(unexpected(token, "a command"));
            }
            name => match funcs::find(name) {
                Some((func, style)) => OperandKind::Function(Callee { name, func, style }),
                None => return Err(Fault::new(token.at, format!("function {name:?} is not defined"))),
            },
        })
    }
}

/// What ends a pipeline.
#[derive(Clone, Copy)]
enum Closing {
    Action,
    Parenthesis,
}

impl Closing {
    fn is(self, token: Token<'_>) -> bool {
        match self {
            Self::Action => token.kind == Kind::End,
            Self::Parenthesis => token.is(Kind::Symbol, ")"),
        }
    }
}

impl Command<'_> {
    /// False for what cannot take the value of the command before.
    fn is_callable(&self) -> bool {
        match self.first.kind {
            OperandKind::Nil | OperandKind::Constant(_) => false,
            OperandKind::Dot => !self.first.fields.is_empty(),
            _ => true,
        }
    }
}

fn unexpected(token: Token<'_>, context: &str) -> Fault {
    Fault::new(token.at, format!("unexpected {:?} in {context}", token.text))
}

/// `{{ $_ := set MAP ... }}` works by its effect on MAP, which must be a variable or a field of one: values are
/// not shared, so a change of anything else would be lost without a word.
fn refuse_lost_change(variables: &[&str], commands: &[Command<'_>]) -> Result<(), Fault> {
    let (["$_"], Some(Command { first, arguments })) = (variables, commands.last()) else { return Ok(()) };
    let OperandKind::Function(Callee { name, style: Style::Mutator, .. }) = first.kind else { return Ok(()) };
    match arguments.first().map(|argument| &argument.kind) {
        Some(OperandKind::Variable(_)) => Ok(()),
        _ => Err(Fault::new(
            first.at,
            format!("{name} changes its first argument, which must be a variable here, such as $map"),
        )),
    }
}
