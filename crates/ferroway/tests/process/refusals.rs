//! Starts that fail, each with words that help and status 1.

use std::fs;
use std::net::TcpListener;

use tempfile::TempDir;

use crate::support::run;

#[test]
fn a_port_that_is_taken() {
    let folder = TempDir::new().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound");
    let said = run(folder.path(), &[&format!("--entryPoints.web.address={address}")]);
    assert_eq!(said.code, Some(1));
    let expected = format!(
        "error: error while building entryPoint web: the address {address} is already in use by another process\n"
    );
    assert_eq!(said.err, expected);
}

#[test]
fn files_that_cannot_be_used() {
    for (name, content, expected) in [
        (
            "syntax.yml",
            &b"entryPoints:\n  web:\n    address: \":0\"\n   log: {}\n"[..],
            &[
                "error: the static configuration cannot be used:\nsyntax.yml:4:4: ",
                "     4 |    log: {}\n       |    ^",
            ][..],
        ),
        (
            "unknown.yml",
            b"entryPoints:\n  web:\n    adress: \":0\"\n",
            &[
                "unknown.yml:3:5: unknown option \"adress\" in entryPoints.web; did you mean \"address\"?",
                "     3 |     adress: \":0\"\n       |     ^",
            ],
        ),
        (
            "value.yml",
            b"entryPoints:\n  web:\n    address: \":0\"\n    reusePort: maybe\n",
            &["value.yml:4:16: ", "     4 |     reusePort: maybe\n       |                ^"],
        ),
        // All of it at once.
        (
            "many.yml",
            b"entryPoints:\n  web: {address: \":0\", x: 1}\nlog: {y: 2}\nproviders: {z: 3}\n",
            &["many.yml:2:24: ", "many.yml:3:7: ", "many.yml:4:13: "],
        ),
        ("syntax.toml", b"[entryPoints\n", &["syntax.toml:1:"]),
        (
            "unknown.toml",
            b"[log]\nlevle = \"INFO\"\n",
            &["unknown.toml:2:1: ", "     2 | levle = \"INFO\"\n       | ^"],
        ),
        ("binary.yml", b"entryPoints: \xff\xfe\n", &["binary.yml: cannot read: "]),
        ("empty.yml", b"", &["empty.yml: no configuration found in file"]),
        ("file.json", b"{}", &["file.json: unsupported file extension (expected .yml, .yaml or .toml)"]),
        ("protocol.yml", b"entryPoints: {u: {address: \":0/sctp\"}}\n", &["invalid protocol: sctp"]),
        (
            "trust.yml",
            b"entryPoints: {u: {address: \"127.0.0.1:0\", forwardedHeaders: {trustedIPs: [nonsense]}}}\n",
            &["nonsense"],
        ),
    ] {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join(name), content).expect("a folder");
        let said = run(folder.path(), &[&format!("--configFile={name}")]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{name}");
        assert!(said.err.starts_with("error: "), "{name}: {}", said.err);
        for part in expected {
            assert!(said.err.contains(part), "{name} says\n{}\nwithout\n{part}", said.err);
        }
    }
}

#[test]
fn arguments_that_cannot_be_used() {
    let folder = TempDir::new().expect("a folder");
    for (argument, expected) in [
        ("foo", "flag foo: unexpected argument \"foo\" (expected --option=value)"),
        ("--nope=1", "flag --nope: unknown option \"nope\""),
        ("--entryPoints.web.adress=:0", "flag --entryPoints.web.adress: unknown option \"adress\""),
        ("--entryPoints.web.reusePort=maybe", "flag --entryPoints.web.reusePort: "),
    ] {
        let said = run(folder.path(), &[argument]);
        assert_eq!(said.code, Some(1), "{argument}");
        assert!(said.err.contains(expected), "{argument}: {}", said.err);
    }
}

/// Every option that the help calls not implemented is refused by its name, all of them at once.
#[test]
fn options_that_are_not_there_yet() {
    let folder = TempDir::new().expect("a folder");
    let help = run(folder.path(), &["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    let mut sections: Vec<String> = Vec::new();
    let mut lines = help.out.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(option) = line.trim_start().strip_prefix("--") else { continue };
        let option = option.split(' ').next().expect("a name");
        let planned = lines.peek().is_some_and(|text| text.ends_with("(not implemented yet)"));
        // An option within a section that is not there is refused with the section.
        let known = |section: &String| option.starts_with(&format!("{section}."));
        if planned && !sections.iter().any(known) {
            sections.push(option.to_owned());
        }
    }
    assert!(sections.len() > 20, "{sections:?}");
    for section in &sections {
        let argument = format!("--{}=true", section.replace("<name>", "name").replace("[n]", "[0]"));
        let said = run(folder.path(), &[&argument]);
        assert_eq!(said.code, Some(1), "{argument}");
        // The words may name the section by itself, and in its own spelling.
        let refused = |line: &str| {
            let (flag, words) = line.split_once(": ")?;
            let name = words.split_once(" is not implemented yet in ferroway")?.0.to_lowercase();
            (flag == format!("flag {argument}").trim_end_matches("=true")
                && argument[2..].to_lowercase().starts_with(&name))
            .then_some(())
        };
        assert!(said.err.lines().any(|line| refused(line).is_some()), "{argument}: {}", said.err);
    }
}
