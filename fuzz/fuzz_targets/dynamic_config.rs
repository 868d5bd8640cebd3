//! Dynamic configuration, from text to the typed model: problems stand at places that exist, and loading after a change
//! gives what loading anew gives.
//!
//! An input that starts with `#toml` is TOML, every other one YAML.

#![no_main]

use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, decode_dynamic};
use ferroway_config::{Format, IncrementalYaml, Problem, Source};
use libfuzzer_sys::fuzz_target;

type Loaded = Result<(Dynamic, Vec<Problem>), Vec<Problem>>;

fuzz_target!(|text: &str| {
    if text.starts_with("#toml") {
        let source = Source::file("dynamic.toml", text);
        check(&source, &load(Format::Toml, &source));
        return;
    }
    let mut incremental = IncrementalYaml::new();
    for version in [text.to_owned(), without_a_line(text), text.to_owned()] {
        let source = Source::file("dynamic.yml", version);
        let loaded = load(Format::Yaml, &source);
        check(&source, &loaded);
        assert_eq!(incremental.load(&source), loaded, "incremental loading differs");
    }
});

fn load(format: Format, source: &Arc<Source>) -> Loaded {
    format.load(source).map(|root| decode_dynamic(&root))
}

fn check(source: &Source, loaded: &Loaded) {
    let problems = match loaded {
        Ok((dynamic, problems)) => {
            let errors = problems.iter().any(Problem::is_error);
            assert!(dynamic.broken.is_empty() || errors, "something is broken without an error");
            problems
        }
        Err(problems) => {
            assert!(problems.iter().any(Problem::is_error), "refused without an error");
            problems
        }
    };
    // YAML and TOML count further characters as line breaks.
    let lines = source.text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    for problem in problems {
        assert!(!problem.message.is_empty());
        assert!(usize::try_from(problem.span.line).is_ok_and(|line| line <= lines), "{problem}");
        assert!(problem.render().starts_with(&problem.to_string()));
    }
}

/// The text without one of its lines; which one depends on the text, so that all kinds of changes occur.
fn without_a_line(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let left_out = text.bytes().map(usize::from).sum::<usize>() % lines.len().max(1);
    lines.iter().enumerate().filter(|(index, _)| *index != left_out).map(|(_, line)| *line).collect()
}
