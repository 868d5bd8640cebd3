//! What the files say together, and what is done about what is wrong with them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::{Running, folder_with, names, put, routers, yaml};
use crate::Message;

/// Files of a folder; `/` in a name makes sub-folders.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The problems without the folder's name.
fn problems(message: &Message, folder: &tempfile::TempDir) -> Vec<String> {
    let prefix = format!("{}/", folder.path().display());
    message.problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
}

#[tokio::test]
async fn all_files_of_a_folder_in_the_order_of_their_names() {
    let router = |name: &str, path: &str| {
        format!("http:\n  routers:\n    {name}:\n      rule: \"Path(`/{path}`)\"\n      service: s\n")
    };
    let files = folder(&[
        ("b.yml", &router("same", "b")),
        ("a/z.yml", &router("same", "a")),
        ("a.yml", &router("same", "dot")),
        (".hidden.YML", &router("hidden", "hidden")),
        ("c.TOML", "[http.routers.toml]\nrule = \"Path(`/t`)\"\nservice = \"s\"\n"),
        ("empty.yaml", ""),
        ("note.txt", &router("txt", "txt")),
        ("j.json", "{\"http\": {\"routers\": {\"json\": {\"rule\": \"Path(`/`)\"}}}}"),
        ("..data/d.yml", &router("version", "version")),
    ]);
    let mut running = Running::directory(files.path());
    let message = running.next().await;
    assert_eq!(routers(&message), names(&["hidden", "same", "toml"]));
    assert_eq!(message.config.http.routers["same"].value.rule, "Path(`/a`)");
    assert!(message.complete);
    let text = "HTTP router same is already defined at a/z.yml:3:5; this one is skipped";
    let root = files.path().display();
    let text = text.replace("a/z.yml", &format!("{root}/a/z.yml"));
    let text = text.replace(&format!("{root}/"), "");
    assert_eq!(problems(&message, &files), [format!("a.yml:3:5: {text}"), format!("b.yml:3:5: {text}")]);
    running.stop().await;
}

/// Texts with an error, and the place and words of it. None of them replaces what ran before.
const ERRORS: &[(&str, &str)] = &[
    ("http: [unclosed", "dyn.yml:1:"),
    ("http: {}\n", "dyn.yml:1:1: http needs"),
    ("http:\n  routers:\n    r:\n      rulez: x\n", "dyn.yml:4:7: "),
    ("http:\n  routers:\n    r:\n      rule: \"Path(`/`)\"\n      priority: abc\n", "dyn.yml:5:17: "),
    ("http:\n  routers:\n    r:\n      service: a\n    r:\n      service: b\n", "dyn.yml:5:5: "),
    ("http:\n  routers: 5\n", "dyn.yml:2:"),
    (
        "http:\n  routers:\n    r:\n      rule: {{ .X }}\n",
        "dyn.yml:4:16: template: false of type bool has no field X",
    ),
    (
        "http:\n  routers:\n    r:\n      rule: {{ nope }}\n",
        "dyn.yml:4:16: template: function \"nope\" is not defined",
    ),
    ("a: {{ \"b: [\" }}\n", "dyn.yml:1:"),
];

#[tokio::test]
async fn an_error_keeps_what_ran_before() {
    let files = folder(&[("dyn.yml", &yaml(&["good"]))]);
    let path = files.path().join("dyn.yml");
    let mut running = Running::file(&path);
    for (text, expected) in ERRORS {
        put(&path, &yaml(&["good"]));
        let good = running.routers(&["good"]).await;
        assert_eq!(good.problems, []);
        put(&path, text);
        let kept = running.next().await;
        assert!(!kept.complete && routers(&kept) == names(&["good"]), "{text}");
        let shown = problems(&kept, &files);
        assert!(shown.iter().any(|problem| problem.starts_with(expected)), "{text}: {shown:?}");
    }
    running.stop().await;
}

/// One bad file of a folder holds back the changes of all, until it is mended or removed.
#[tokio::test]
async fn a_bad_file_holds_back_the_others() {
    let files = folder(&[("a.yml", &yaml(&["a"]))]);
    let mut running = Running::directory(files.path());
    running.routers(&["a"]).await;
    let bad = files.path().join("bad.yml");
    put(&bad, "http: [");
    running.until(|_| {}, |message| !message.complete).await;
    put(&files.path().join("a.yml"), &yaml(&["a", "b"]));
    put(&bad, "http: {}");
    let held = running.until(|_| {}, |m| problems(m, &files)[0].contains("http needs")).await;
    assert_eq!(routers(&held), names(&["a"]));
    fs::remove_file(&bad).unwrap();
    running.routers(&["a", "b"]).await;
    running.stop().await;
}

/// A start with an error runs what is right, and takes what is mended step by step.
#[tokio::test]
async fn a_start_with_errors_runs_the_rest() {
    let broken = "http:\n  routers:\n    bad:\n      rulez: x\n    good:\n      rule: \"Path(`/`)\"\n      service: s\n";
    let files = folder(&[("a.yml", broken), ("b.yml", "http: ["), ("c.yml", &yaml(&["bad", "c"]))]);
    let mut running = Running::directory(files.path());
    let first = running.next().await;
    // The broken router keeps its name: the one of c.yml does not take its place.
    assert_eq!((routers(&first), first.complete), (names(&["good", "c"]), false));
    let object = &first.config.broken[0];
    assert_eq!((&*object.section, &*object.name, object.origin.line), ("http.routers", "bad", 3));
    assert_eq!(first.problems.len(), 3, "{:?}", problems(&first, &files));
    // Not well-formed: nothing is taken.
    put(&files.path().join("c.yml"), &yaml(&["d"]));
    put(&files.path().join("b.yml"), "http: {");
    let kept = running.until(|_| {}, |m| problems(m, &files).len() == 2).await;
    assert_eq!(routers(&kept), names(&["good", "c"]));
    // Well-formed, one object still broken.
    put(&files.path().join("b.yml"), &yaml(&["b"]));
    running.until(|m| assert!(!m.complete), |m| routers(m) == names(&["good", "b", "d"])).await;
    // From here on it is whole, and stays so.
    put(&files.path().join("a.yml"), &yaml(&["a"]));
    running.routers(&["a", "b", "d"]).await;
    put(&files.path().join("a.yml"), broken);
    let kept = running.until(|_| {}, |m| !m.complete).await;
    assert_eq!(routers(&kept), names(&["a", "b", "d"]));
    running.stop().await;
}

/// Names with the extension of a configuration that are none, or cannot be read.
#[tokio::test]
async fn things_that_are_no_files() {
    let make: BTreeMap<&str, fn(&std::path::Path)> = BTreeMap::from([
        (
            "pipe",
            (|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()))
                as fn(&std::path::Path),
        ),
        ("dangling link", |path| symlink("nowhere", path).unwrap()),
        ("not text", |path| fs::write(path, b"a: b\nc: \xff\n").unwrap()),
        ("link to itself", |path| symlink(path, path).unwrap()),
    ]);
    for (what, make) in make {
        let files = folder(&[("a.yml", &yaml(&["a"]))]);
        let odd = files.path().join("odd.yml");
        make(&odd);
        let mut running = Running::directory(files.path());
        let first = running.next().await;
        assert_eq!((routers(&first), first.complete), (names(&["a"]), false), "{what}");
        assert!(
            problems(&first, &files)[0].starts_with("odd.yml: cannot read it: "),
            "{what}: {:?}",
            first.problems
        );
        fs::remove_file(&odd).unwrap();
        running.routers(&["a"]).await;
        // A folder of such a name is one.
        fs::create_dir(&odd).unwrap();
        fs::write(odd.join("b.yml"), yaml(&["b"])).unwrap();
        running.routers(&["a", "b"]).await;
        running.stop().await;
    }
}

#[tokio::test]
async fn templates() {
    let text = "http:\n  routers:\n{{ range $i, $n := split \"a,b\" \",\" }}    {{ $n }}{{ $i }}:\n      rule: \"Path(`/{{ upper $n }}`)\"\n      service: s\n{{ end }}";
    let (_folder, path) = folder_with("dyn.yml", text);
    let mut running = Running::file(&path);
    let message = running.routers(&["a0", "b1"]).await;
    assert_eq!(message.config.http.routers["b1"].value.rule, "Path(`/B`)");
    running.stop().await;
}
