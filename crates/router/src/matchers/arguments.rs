//! The arguments of a call, as constructors of matchers read them.

use ferroway_rules::{Call, GoRegex, RuleError};

/// A call to make a matcher of.
pub(crate) struct Arguments<'a> {
    text: &'a str,
    call: &'a Call,
    warnings: &'a mut Vec<RuleError>,
}

impl<'a> Arguments<'a> {
    /// The arguments of `call` in the rule `text`; what constructors warn of goes to `warnings`.
    pub(crate) fn new(text: &'a str, call: &'a Call, warnings: &'a mut Vec<RuleError>) -> Self {
        Self { text, call, warnings }
    }

    pub(crate) fn len(&self) -> usize {
        self.call.arguments.len()
    }

    /// The argument of this number, from 0 on.
    pub(crate) fn get(&self, number: usize) -> Option<&'a str> {
        self.call.arguments.get(number).map(|argument| argument.value.as_str())
    }

    /// The argument of this number, which the signature of the matcher requires.
    pub(crate) fn value(&self, number: usize) -> &'a str {
        self.get(number).expect("the parser checked the number of arguments")
    }

    /// An error about an argument.
    pub(crate) fn error(&self, number: usize, message: impl Into<String>) -> RuleError {
        let span = self.call.arguments.get(number).map_or(self.call.span, |argument| argument.span);
        RuleError::new(self.text, span, message)
    }

    /// An error about the call as a whole.
    pub(crate) fn call_error(&self, message: impl Into<String>) -> RuleError {
        RuleError::new(self.text, self.call.span, message)
    }

    /// Notes that the argument is valid, but hardly what was meant. Enough is enough in a rule of a megabyte.
    pub(crate) fn warn(&mut self, number: usize, message: impl Into<String>, help: impl Into<String>) {
        const MOST: usize = 20;
        if self.warnings.len() == MOST {
            return;
        }
        let warning = self.error(number, message).with_help(help);
        self.warnings.push(warning);
    }

    /// The argument as a regular expression.
    pub(crate) fn regex(&self, number: usize) -> Result<GoRegex, RuleError> {
        GoRegex::new(self.value(number)).map_err(|error| self.error(number, error.to_string()))
    }

    /// The argument, which must be ASCII.
    pub(crate) fn ascii(&self, number: usize) -> Result<&'a str, RuleError> {
        let value = self.value(number);
        if value.is_ascii() {
            return Ok(value);
        }
        let error = self.error(number, format!("host {value:?} is not ASCII"));
        Err(error.with_help("write international names in their xn-- form"))
    }
}
