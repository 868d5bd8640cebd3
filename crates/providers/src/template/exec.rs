//! Executing a parsed template.
//!
//! Go's maps are shared: `set $map "key" 1` changes the map that `$map` holds. Values here never change, so the
//! executor assigns the result of `set` and its kin to the variable (or field of a variable) that was their first
//! argument. What stays different: two variables that hold the same map are changed one at a time.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Instant;

use super::ast::{Branch, Callee, Command, Node, Operand, OperandKind, Parsed, Pipeline, Style};
use super::lex::Fault;
use super::methods;
use super::value::Value;
use super::{MAX_DEPTH, MAX_OUTPUT_BYTES, MAX_STEPS, MAX_TIME, MAX_VALUE_DEPTH, MAX_VALUE_WEIGHT};

/// Steps between two looks at the clock.
const STEPS_PER_LOOK: u64 = 256;

/// What a list of nodes asks of the `range` around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Done,
    Break,
    Continue,
}

/// The text that a template makes with `data` as its data object.
pub(super) fn execute(parsed: &Parsed<'_>, data: &Value) -> Result<String, Fault> {
    let mut executor = Executor {
        templates: &parsed.templates,
        variables: vec![("$", data.clone())],
        out: String::new(),
        steps: 0,
        depth: 0,
        started: Instant::now(),
    };
    executor.list(&parsed.body, data)?;
    Ok(executor.out)
}

struct Executor<'a> {
    templates: &'a HashMap<String, Vec<Node<'a>>>,
    /// The variables of the current template, the newest last.
    variables: Vec<(&'a str, Value)>,
    out: String,
    steps: u64,
    /// Bodies and parentheses that are being executed, one inside of the other.
    depth: usize,
    started: Instant,
}

impl<'a> Executor<'a> {
    /// Counts a function call or iteration, so that no template runs for ever.
    fn step(&mut self, at: usize) -> Result<(), Fault> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Fault::new(at, format!("more than {MAX_STEPS} calls and iterations")));
        }
        if self.steps.is_multiple_of(STEPS_PER_LOOK) && self.started.elapsed() > MAX_TIME {
            return Err(Fault::new(at, format!("not done after {} seconds", MAX_TIME.as_secs())));
        }
        Ok(())
    }

    fn print(&mut self, at: usize, value: &Value) -> Result<(), Fault> {
        let value = if value.is_nil() { &Value::Missing } else { value };
        // Writing to a String does not fail.
        let _ = write!(self.out, "{value}");
        self.check_output(at)
    }

    fn check_output(&self, at: usize) -> Result<(), Fault> {
        if self.out.len() > MAX_OUTPUT_BYTES {
            return Err(Fault::new(at, format!("the output passes {MAX_OUTPUT_BYTES} bytes")));
        }
        Ok(())
    }

    /// Runs `execute` one level deeper; each level costs stack.
    fn nested<T>(
        &mut self,
        at: usize,
        execute: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(
                at,
                format!("templates and blocks are nested more than {MAX_DEPTH} deep"),
            ));
        }
        self.depth += 1;
        let done = execute(self);
        self.depth -= 1;
        done
    }

    fn list(&mut self, nodes: &'a [Node<'a>], dot: &Value) -> Result<Flow, Fault> {
        for node in nodes {
            let flow = self.node(node, dot)?;
            if flow != Flow::Done {
                return Ok(flow);
            }
        }
        Ok(Flow::Done)
    }

    fn node(&mut self, node: &'a Node<'a>, dot: &Value) -> Result<Flow, Fault> {
        match node {
            Node::Text(text) => {
                self.out.push_str(text);
                self.check_output(0)?;
            }
            Node::Action(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    self.print(pipeline.at(), &value)?;
                }
            }
            Node::If(branch) => {
                return self.branch(branch, |executor, _| executor.list(&branch.then, dot), dot);
            }
            Node::With(branch) => {
                return self.branch(branch, |executor, value| executor.list(&branch.then, value), dot);
            }
            Node::Range(branch) => {
                let scope = self.variables.len();
                let flow = self.nested(branch.pipeline.at(), |executor| executor.range(branch, dot));
                self.variables.truncate(scope);
                return flow;
            }
            Node::Template { at, name, argument } => self.template(*at, name, argument.as_ref(), dot)?,
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Done)
    }

    /// A condition and the body that it chooses; `then` gets its value.
    fn branch(
        &mut self,
        branch: &'a Branch<'a>,
        then: impl FnOnce(&mut Self, &Value) -> Result<Flow, Fault>,
        dot: &Value,
    ) -> Result<Flow, Fault> {
        let scope = self.variables.len();
        let flow = self.nested(branch.pipeline.at(), |executor| {
            let value = executor.pipeline(&branch.pipeline, dot)?;
            if value.is_true() { then(executor, &value) } else { executor.list(&branch.otherwise, dot) }
        });
        self.variables.truncate(scope);
        flow
    }

    fn range(&mut self, branch: &'a Branch<'a>, dot: &Value) -> Result<Flow, Fault> {
        let at = branch.pipeline.at();
        let value = self.pipeline(&branch.pipeline, dot)?;
        let mut pairs: Box<dyn Iterator<Item = (Value, Value)>> = match &value {
            Value::List(list) => {
                let indexes = (0..).map(Value::Int);
                Box::new(indexes.zip(list.items.iter().cloned()))
            }
            Value::Map(map) => {
                Box::new(map.entries.iter().map(|(key, item)| (Value::Text(key.clone()), item.clone())))
            }
            Value::Int(count) | Value::Int64(count) => {
                if branch.pipeline.variables.len() > 1 {
                    return Err(Fault::new(at, "a number gives range one variable, not two"));
                }
                Box::new((0..*count).map(|number| (Value::Int(number), Value::Int(number))))
            }
            value if value.is_nil() => Box::new(std::iter::empty()),
            other => {
                let message =
                    format!("range expects a list, a map or a whole number, got {}", other.describe());
                return Err(Fault::new(at, message));
            }
        };
        let Some(first) = pairs.next() else { return self.list(&branch.otherwise, dot) };
        let body_scope = self.variables.len();
        for (index, item) in std::iter::once(first).chain(pairs) {
            self.step(at)?;
            self.set_range_variables(&branch.pipeline, index, &item, at)?;
            let flow = self.list(&branch.then, &item);
            self.variables.truncate(body_scope);
            if flow? == Flow::Break {
                break;
            }
        }
        Ok(Flow::Done)
    }

    /// Sets the variables that the pipeline of a range declared or names.
    fn set_range_variables(
        &mut self,
        pipeline: &Pipeline<'a>,
        index: Value,
        item: &Value,
        at: usize,
    ) -> Result<(), Fault> {
        match *pipeline.variables.as_slice() {
            [name] => self.assign(name, item.clone(), at),
            [index_name, item_name] => {
                self.assign(index_name, index, at)?;
                self.assign(item_name, item.clone(), at)
            }
            _ => Ok(()),
        }
    }

    fn template(
        &mut self,
        at: usize,
        name: &str,
        argument: Option<&'a Pipeline<'a>>,
        dot: &Value,
    ) -> Result<(), Fault> {
        let templates = self.templates;
        let body =
            templates.get(name).ok_or_else(|| Fault::new(at, format!("template {name:?} is not defined")))?;
        self.step(at)?;
        let data = match argument {
            Some(pipeline) => self.pipeline(pipeline, dot)?,
            None => Value::Missing,
        };
        let outer = std::mem::replace(&mut self.variables, vec![("$", data.clone())]);
        let done = self.nested(at, |executor| executor.list(body, &data));
        self.variables = outer;
        done.map(|_| ())
    }

    fn pipeline(&mut self, pipeline: &'a Pipeline<'a>, dot: &Value) -> Result<Value, Fault> {
        let mut value = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, value, dot)?);
        }
        let value = value.unwrap_or(Value::Missing);
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.assign(name, value.clone(), pipeline.at())?;
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    /// Gives a new value to the newest variable of that name.
    fn assign(&mut self, name: &str, value: Value, at: usize) -> Result<(), Fault> {
        match self.variables.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, old)) => {
                *old = value;
                Ok(())
            }
            None => Err(Fault::new(at, format!("undefined variable {name}"))),
        }
    }

    fn variable(&self, name: &str, at: usize) -> Result<&Value, Fault> {
        let found = self.variables.iter().rev().find(|(known, _)| *known == name);
        found.map(|(_, value)| value).ok_or_else(|| Fault::new(at, format!("undefined variable {name}")))
    }

    /// A command with the value of the one before as its last argument.
    fn command(
        &mut self,
        command: &'a Command<'a>,
        last: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let first = &command.first;
        match &first.kind {
            OperandKind::Nil => return Err(Fault::new(first.at, "nil is not a command")),
            OperandKind::Function(callee) if first.fields.is_empty() => {
                return self.call(*callee, first.at, &command.arguments, last, dot);
            }
            _ => {}
        }
        if command.arguments.is_empty() && last.is_none() {
            return self.operand(first, dot);
        }
        let Some((method, path)) = first.fields.split_last() else {
            return Err(Fault::new(first.at, "this is not a function and takes no arguments"));
        };
        let receiver = self.base(first, dot)?;
        let receiver = follow(receiver, path, first.at)?;
        let mut arguments = self.arguments(&command.arguments, dot)?;
        arguments.extend(last);
        methods::call(&receiver, method, &arguments).map_err(|message| Fault::new(first.at, message))
    }

    fn arguments(&mut self, operands: &'a [Operand<'a>], dot: &Value) -> Result<Vec<Value>, Fault> {
        operands.iter().map(|operand| self.operand(operand, dot)).collect()
    }

    fn operand(&mut self, operand: &'a Operand<'a>, dot: &Value) -> Result<Value, Fault> {
        let base = self.base(operand, dot)?;
        follow(base, &operand.fields, operand.at)
    }

    /// An operand before its fields are looked up.
    fn base(&mut self, operand: &'a Operand<'a>, dot: &Value) -> Result<Value, Fault> {
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Nil => Ok(Value::Nil),
            OperandKind::Variable(name) => self.variable(name, operand.at).cloned(),
            OperandKind::Constant(value) => Ok(value.clone()),
            OperandKind::Function(callee) => self.call(*callee, operand.at, &[], None, dot),
            OperandKind::Parenthesized(pipeline) => {
                self.nested(operand.at, |executor| executor.pipeline(pipeline, dot))
            }
        }
    }

    fn call(
        &mut self,
        callee: Callee<'a>,
        at: usize,
        operands: &'a [Operand<'a>],
        last: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        self.step(at)?;
        if matches!(callee.style, Style::And | Style::Or) {
            return self.decide(callee, at, operands, last, dot);
        }
        let mut arguments = self.arguments(operands, dot)?;
        arguments.extend(last);
        let value = (callee.func)(&arguments)
            .map_err(|message| Fault::new(at, format!("{}: {message}", callee.name)))?;
        let size = value.size();
        if size.depth > MAX_VALUE_DEPTH || size.weight > MAX_VALUE_WEIGHT {
            return Err(Fault::new(
                at,
                format!("{}: the result is too large or nested too deep", callee.name),
            ));
        }
        if callee.style == Style::Mutator
            && let Some(Operand { at, kind: OperandKind::Variable(name), fields }) = operands.first()
        {
            let changed = with_field(self.variable(name, *at)?, fields, value.clone());
            self.assign(name, changed, *at)?;
        }
        Ok(value)
    }

    /// `and` and `or`: the first argument that decides, else the last one.
    fn decide(
        &mut self,
        callee: Callee<'a>,
        at: usize,
        operands: &'a [Operand<'a>],
        last: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let mut decided = None;
        for operand in operands {
            let value = self.operand(operand, dot)?;
            if value.is_true() == (callee.style == Style::Or) {
                return Ok(value);
            }
            decided = Some(value);
        }
        let message = || Fault::new(at, format!("{}: expected at least 1 argument, got 0", callee.name));
        last.or(decided).ok_or_else(message)
    }
}

impl Pipeline<'_> {
    /// Where the pipeline begins.
    fn at(&self) -> usize {
        self.commands.first().map_or(0, |command| command.first.at)
    }
}

/// Looks fields up one after the other.
fn follow(mut value: Value, fields: &[&str], at: usize) -> Result<Value, Fault> {
    for field in fields {
        value = methods::call(&value, field, &[]).map_err(|message| Fault::new(at, message))?;
    }
    Ok(value)
}

/// `value` with `new` in the place of a field of a field.
fn with_field(value: &Value, fields: &[&str], new: Value) -> Value {
    let Some((field, inner)) = fields.split_first() else { return new };
    let Value::Map(map) = value else { return value.clone() };
    let mut entries = map.entries.clone();
    let old = entries.get(*field).cloned().unwrap_or(Value::Missing);
    entries.insert((*field).into(), with_field(&old, inner, new));
    Value::map(entries)
}
