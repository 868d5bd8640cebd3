//! Static configuration from all its sources: loading is deterministic, and refuses nothing without saying why.
//!
//! An input is lines: flags (`--...`), variables (`TRAEFIK_...=...`), and from the first other line on the configuration
//! file, whose format follows from the flag that names it.

#![no_main]

use std::collections::BTreeMap;

use ferroway_config::Problem;
use ferroway_config::load::{Loaded, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match (load_sources(text), load_sources(text)) {
        (Ok(loaded), Ok(again)) => {
            assert!(!loaded.config.entry_points.is_empty(), "a router without an entry point");
            assert!(!loaded.warnings.iter().any(Problem::is_error), "an error among the warnings");
            check(&loaded.warnings);
            assert_eq!(loaded.warnings, again.warnings);
            assert_eq!(format!("{:?}", loaded.settings), format!("{:?}", again.settings));
        }
        (Err(problems), Err(again)) => {
            assert!(problems.iter().any(Problem::is_error), "refused without an error");
            check(&problems);
            assert_eq!(problems, again);
        }
        _ => panic!("the same configuration is accepted once and not again"),
    }
});

fn load_sources(text: &str) -> Result<Loaded, Vec<Problem>> {
    let mut args = Vec::new();
    let mut env = BTreeMap::new();
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        match line.split_once('=') {
            _ if line.starts_with("--") => args.push(line.to_owned()),
            Some((name, value)) if line.starts_with("TRAEFIK_") => {
                env.insert(name.to_owned(), value.to_owned());
            }
            _ => break,
        }
        rest = after;
    }
    load(&args, &env, &|_| Ok(rest.to_owned()))
}

fn check(problems: &[Problem]) {
    for problem in problems {
        assert!(!problem.message.is_empty());
        assert!(problem.render().starts_with(&problem.to_string()));
    }
}
