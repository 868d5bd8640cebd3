//! The two shapes of a line: zerolog's JSON, and its console format.

use tracing::{Level, Metadata};

use super::LogOptions;
use super::fields::{Fields, Value};
use crate::clock::Second;
use crate::escape::{Dialect, push_console_value, push_json, push_visible};

/// The shape of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Console(Colors),
    Json,
}

/// Whether the console format has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colors {
    On,
    Off,
}

/// One event to be written.
pub(crate) struct Line<'a> {
    pub(crate) time: &'a Second,
    pub(crate) metadata: &'a Metadata<'static>,
    pub(crate) fields: &'a Fields,
    /// Whether the line says which line of the source it comes from.
    pub(crate) caller: bool,
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BLUE: &str = "\x1b[34m";
const CYAN: &str = "\x1b[36m";
const GRAY: &str = "\x1b[90m";
const RESET: &str = "\x1b[0m";

impl Format {
    pub(crate) fn new(options: &LogOptions, terminal: bool) -> Self {
        match (options.format.as_str(), terminal && !options.no_color) {
            ("json", _) => Self::Json,
            (_, true) => Self::Console(Colors::On),
            (_, false) => Self::Console(Colors::Off),
        }
    }

    /// Appends the line, with its line break.
    pub(crate) fn write(self, out: &mut Vec<u8>, line: &Line<'_>) {
        match self {
            Self::Json => write_json(out, line),
            Self::Console(colors) => write_console(&mut Console { out, colors }, line),
        }
    }
}

fn write_json(out: &mut Vec<u8>, line: &Line<'_>) {
    let text = |out: &mut Vec<u8>, value: &str| {
        out.push(b'"');
        push_json(out, value.as_bytes(), Dialect::Plain);
        out.push(b'"');
    };
    out.extend_from_slice(b"{\"level\":\"");
    out.extend_from_slice(level_name(line.metadata).as_bytes());
    out.extend_from_slice(b"\",");
    for (name, value) in &line.fields.list {
        text(out, name);
        out.push(b':');
        match value {
            Value::Text(value) => text(out, value),
            Value::Bare(value) => out.extend_from_slice(value.as_bytes()),
        }
        out.push(b',');
    }
    out.extend_from_slice(b"\"time\":\"");
    line.time.push_local(out);
    out.push(b'"');
    if let Some((file, number)) = caller(line) {
        out.extend_from_slice(b",\"caller\":\"");
        push_json(out, file.as_bytes(), Dialect::Plain);
        out.push(b':');
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        out.push(b'"');
    }
    if !line.fields.message.is_empty() {
        out.extend_from_slice(b",\"message\":");
        text(out, &line.fields.message);
    }
    out.extend_from_slice(b"}\n");
}

struct Console<'o> {
    out: &'o mut Vec<u8>,
    colors: Colors,
}

impl Console<'_> {
    /// Runs `push` between a colour, which may be none, and the end of it.
    fn colored(&mut self, color: &str, push: impl FnOnce(&mut Vec<u8>)) {
        let color = if self.colors == Colors::On { color } else { "" };
        self.out.extend_from_slice(color.as_bytes());
        push(self.out);
        if !color.is_empty() {
            self.out.extend_from_slice(RESET.as_bytes());
        }
    }
}

fn write_console(console: &mut Console<'_>, line: &Line<'_>) {
    let (level, color) = level_label(line.metadata);
    console.colored(GRAY, |out| line.time.push_local(out));
    console.out.push(b' ');
    console.colored(color, |out| out.extend_from_slice(level.as_bytes()));
    if let Some((file, number)) = caller(line) {
        console.out.push(b' ');
        console.colored(BOLD, |out| {
            out.extend_from_slice(file.as_bytes());
            out.push(b':');
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        });
        console.colored(CYAN, |out| out.extend_from_slice(b" >"));
    }
    if !line.fields.message.is_empty() {
        let weight = if *line.metadata.level() <= Level::INFO { BOLD } else { "" };
        console.out.push(b' ');
        console.colored(weight, |out| push_message(out, &line.fields.message));
    }
    let mut fields: Vec<_> = line.fields.list.iter().collect();
    fields.sort_by_key(|(name, _)| (*name != "error", *name));
    for (name, value) in fields {
        console.out.push(b' ');
        console.colored(CYAN, |out| {
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
        });
        let push = |out: &mut Vec<u8>| match value {
            Value::Text(text) => push_console_value(out, text),
            Value::Bare(text) => out.extend_from_slice(text.as_bytes()),
        };
        if *name == "error" && console.colors == Colors::On {
            console.out.extend_from_slice(RED.as_bytes());
            console.colored(BOLD, push);
            console.out.extend_from_slice(RESET.as_bytes());
        } else {
            push(console.out);
        }
    }
    console.out.push(b'\n');
}

/// Appends a message: its line breaks stay, so that a text of several lines can be read.
fn push_message(out: &mut Vec<u8>, message: &str) {
    for (number, part) in message.split('\n').enumerate() {
        if number > 0 {
            out.push(b'\n');
        }
        push_visible(out, part.as_bytes());
    }
}

fn caller(line: &Line<'_>) -> Option<(&'static str, u32)> {
    let place = (line.metadata.file()?, line.metadata.line()?);
    line.caller.then_some(place)
}

fn level_name(metadata: &Metadata<'_>) -> &'static str {
    match *metadata.level() {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    }
}

fn level_label(metadata: &Metadata<'_>) -> (&'static str, &'static str) {
    match *metadata.level() {
        Level::TRACE => ("TRC", BLUE),
        Level::DEBUG => ("DBG", ""),
        Level::INFO => ("INF", GREEN),
        Level::WARN => ("WRN", YELLOW),
        Level::ERROR => ("ERR", RED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_get_colors() {
        const ON: Format = Format::Console(Colors::On);
        const OFF: Format = Format::Console(Colors::Off);
        let cases = [
            ("", true, false, ON),
            ("common", true, false, ON),
            ("common", true, true, OFF),
            ("common", false, false, OFF),
            ("JSON", true, false, ON),
            ("json", true, false, Format::Json),
            ("json", false, true, Format::Json),
        ];
        for (word, terminal, no_color, expected) in cases {
            let options = LogOptions { format: word.to_owned(), no_color, ..LogOptions::default() };
            assert_eq!(Format::new(&options, terminal), expected, "{word} {terminal} {no_color}");
        }
    }
}
