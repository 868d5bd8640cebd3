//! Chores of this repository: `cargo xtask tidy`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its user")]

mod tidy;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask tidy

Checks what no compiler does: the layers of the crates, the tables that folders must stand in, sizes of files, what
text must not contain, and how every crate begins. Each finding names the file and the rule.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        ["--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository");
    let tree = match tidy::Tree::read(root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            return ExitCode::from(2);
        }
    };
    let (mut passed, mut failed) = (0, 0);
    for rule in tidy::RULES {
        let findings = (rule.check)(&tree);
        for finding in &findings {
            println!("{} {}: {}: {}", finding.severity.label(), finding.path, rule.name, finding.message);
        }
        if findings.iter().any(|finding| finding.severity == tidy::Severity::Failure) {
            failed += 1;
        } else {
            passed += 1;
            println!("ok   tidy/{}", rule.name);
        }
    }
    println!("{passed} passed, {failed} failed, 0 skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
