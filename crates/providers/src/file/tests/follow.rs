//! What is followed, how fast, and what is not taken for a change.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Pace, Running, folder_with, names, options, patient, put, routers, yaml};
use crate::{FileProvider, ProviderError, Reload};

#[tokio::test]
async fn a_thousand_quick_changes_end_in_the_last_one() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["start"]));
    let mut running = Running::file(&path);
    running.routers(&["start"]).await;
    let writer = path.clone();
    let last = tokio::task::spawn_blocking(move || {
        for number in 0..1000 {
            let text = yaml(&[&format!("r{number}")]);
            if number % 2 == 0 { put(&writer, &text) } else { fs::write(&writer, text).unwrap() }
        }
    });
    running.until(|message| assert_eq!(routers(message).len(), 1), |m| routers(m) == names(&["r999"])).await;
    last.await.unwrap();
    running.stop().await;
}

/// The first change after a quiet time is not held back. The best of many, as the machine has other things to do.
#[tokio::test]
async fn a_rename_is_seen_at_once() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["start"]));
    let mut running = Running::file(&path);
    running.routers(&["start"]).await;
    let mut best = Duration::MAX;
    for number in 0..20 {
        let name = format!("r{number}");
        let text = yaml(&[&name]);
        let temporary = path.with_extension("tmp~");
        fs::write(&temporary, text).unwrap();
        tokio::time::sleep(Pace::default().burst).await;
        let start = Instant::now();
        fs::rename(&temporary, &path).unwrap();
        running.routers(&[&name]).await;
        best = best.min(start.elapsed());
    }
    assert!(best < Duration::from_millis(10), "{best:?}");
    running.stop().await;
}

/// A half-written file keeps what it said, also when something else makes the provider look.
#[tokio::test]
async fn a_file_that_is_being_written_is_not_read() {
    let (folder, path) = folder_with("a.yml", &yaml(&["old"]));
    let mut running = Running::start_with(&options(folder.path().to_str().unwrap(), ""), patient());
    running.routers(&["old"]).await;
    let text = yaml(&["new1", "new2"]);
    let (first, second) = text.split_at(text.find("    new2").unwrap());
    let mut file = OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
    file.write_all(first.as_bytes()).unwrap();
    put(&folder.path().join("b.yml"), &yaml(&["other"]));
    let half = running.next().await;
    assert_eq!(routers(&half), names(&["old", "other"]));
    file.write_all(second.as_bytes()).unwrap();
    drop(file);
    let whole = running.next().await;
    assert_eq!(routers(&whole), names(&["new1", "new2", "other"]));
    running.stop().await;
}

/// A file that is moved away and comes back is not missed in between, also when something else makes the provider
/// look.
#[tokio::test]
async fn a_file_that_is_away_for_a_moment_is_not_missed() {
    let (folder, path) = folder_with("a.yml", &yaml(&["old"]));
    let mut running = Running::start_with(&options(folder.path().to_str().unwrap(), ""), patient());
    running.routers(&["old"]).await;
    fs::rename(&path, folder.path().join("a.backup")).unwrap();
    put(&folder.path().join("b.yml"), &yaml(&["other"]));
    let away = running.next().await;
    assert_eq!(routers(&away), names(&["old", "other"]));
    fs::write(&path, yaml(&["new"])).unwrap();
    let back = running.next().await;
    assert_eq!(routers(&back), names(&["new", "other"]));
    running.stop().await;
}

/// A writer that keeps its file open has said what it says when it pauses.
#[tokio::test]
async fn a_writer_that_never_closes_is_read_when_it_pauses() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["old"]));
    let mut running = Running::file(&path);
    running.routers(&["old"]).await;
    let mut file = OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
    file.write_all(yaml(&["new"]).as_bytes()).unwrap();
    running.routers(&["new"]).await;
    drop(file);
    running.stop().await;
}

#[tokio::test]
async fn an_emptied_file_empties() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["a"]));
    let mut running = Running::file(&path);
    for empty in ["", "\n  \n", "---\n", "http:\n", "# nothing\n", "other: 1\n"] {
        put(&path, &yaml(&["a"]));
        running.routers(&["a"]).await;
        fs::write(&path, empty).unwrap();
        running.routers(&[]).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn folders_come_and_go() {
    let (folder, path) = folder_with("a.yml", &yaml(&["a"]));
    let root = folder.path();
    let mut running = Running::directory(root);
    running.routers(&["a"]).await;
    // A folder that is made later, with a file that is made later still.
    fs::create_dir_all(root.join("sub/deep")).unwrap();
    fs::write(root.join("sub/deep/b.yaml"), yaml(&["b"])).unwrap();
    running.routers(&["a", "b"]).await;
    put(&root.join("sub/deep/b.yaml"), &yaml(&["b2"]));
    running.routers(&["a", "b2"]).await;
    // Moved as a whole, changed in its new place.
    fs::rename(root.join("sub"), root.join("other.d")).unwrap();
    put(&root.join("other.d/deep/c.toml"), "[http.routers.c]\nrule = \"Path(`/c`)\"\nservice = \"s\"\n");
    running.routers(&["a", "b2", "c"]).await;
    fs::remove_dir_all(root.join("other.d")).unwrap();
    running.routers(&["a"]).await;
    // Removed and made again.
    fs::remove_file(&path).unwrap();
    running.routers(&[]).await;
    fs::write(&path, yaml(&["a2"])).unwrap();
    running.routers(&["a2"]).await;
    running.stop().await;
}

/// The folder itself is replaced. Nobody reports that; the stamps show it.
#[tokio::test]
async fn the_folder_itself_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("conf");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.yml"), yaml(&["a"])).unwrap();
    let mut running = Running::directory(&root);
    running.routers(&["a"]).await;
    fs::rename(&root, folder.path().join("old")).unwrap();
    let away = running.next().await;
    assert_eq!((routers(&away), away.complete), (names(&["a"]), false), "{:?}", away.problems);
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.yml"), yaml(&["b"])).unwrap();
    running.routers(&["b"]).await;
    put(&root.join("a.yml"), &yaml(&["c"]));
    running.routers(&["c"]).await;
    running.stop().await;
}

/// Changes that are made behind a link into another folder are not reported either.
#[tokio::test]
async fn a_change_behind_a_link_is_found() {
    let (_elsewhere, target) = folder_with("real.yml", &yaml(&["a"]));
    let folder = tempfile::tempdir().unwrap();
    symlink(&target, folder.path().join("dyn.yml")).unwrap();
    let mut running = Running::directory(folder.path());
    running.routers(&["a"]).await;
    fs::write(&target, yaml(&["b"])).unwrap();
    running.routers(&["b"]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_file_that_is_missing_at_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dyn.yml");
    let mut running = Running::file(&path);
    let first = running.next().await;
    assert!(!first.complete && routers(&first).is_empty() && first.problems.len() == 1, "{first:?}");
    fs::write(&path, yaml(&["a"])).unwrap();
    running.routers(&["a"]).await;
    fs::remove_file(&path).unwrap();
    let away = running.next().await;
    assert_eq!((routers(&away), away.complete), (names(&["a"]), false));
    fs::write(&path, yaml(&["b"])).unwrap();
    running.routers(&["b"]).await;
    running.stop().await;
}

/// What changes nothing is not sent: the next message is that of the next change.
#[tokio::test]
async fn what_changes_nothing_is_not_sent() {
    let (folder, path) = folder_with("dyn.yml", &yaml(&["a"]));
    let mut running = Running::directory(folder.path());
    running.routers(&["a"]).await;
    put(&path, &yaml(&["a"]));
    fs::write(folder.path().join("note.txt"), "x").unwrap();
    fs::write(folder.path().join("j.json"), "{\"http\": {}}").unwrap();
    fs::set_permissions(&path, fs::metadata(&path).unwrap().permissions()).unwrap();
    running.reload.now();
    put(&path, &yaml(&["b"]));
    let next = running.next().await;
    assert_eq!(routers(&next), names(&["b"]));
    running.stop().await;
}

#[tokio::test]
async fn without_watch_only_a_reload_is_seen() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["a"]));
    let mut without_watch = options("", path.to_str().unwrap());
    without_watch.watch = false;
    let mut running = Running::start(&without_watch);
    running.routers(&["a"]).await;
    put(&path, &yaml(&["b"]));
    put(&path, &yaml(&["c"]));
    running.reload.now();
    let next = running.next().await;
    assert_eq!(routers(&next), names(&["c"]));
    running.stop().await;
}

/// The configuration keeps the very objects that did not change, so that whoever comes next sees it at once.
#[tokio::test]
async fn unchanged_objects_are_shared() {
    let toml = |rule: &str| {
        format!(
            "[http.routers.a]\nrule = \"Path(`/a`)\"\nservice = \"s\"\n[http.routers.b]\nrule = \"{rule}\"\n"
        )
    };
    let yml = |rule: &str| format!("{}    b:\n      rule: \"{rule}\"\n", yaml(&["a"]));
    // A comment of several lines moves everything, and an anchor makes YAML be read as a whole.
    let anchored = |rule: &str| format!("# x\n#y\nz: &z 1\n{}", yml(rule));
    for (name, versions) in [
        ("dyn.toml", [toml("Path(`/1`)"), toml("Path(`/2`)"), "[http".to_owned(), toml("Path(`/3`)")]),
        ("dyn.yml", [yml("Path(`/1`)"), yml("Path(`/2`)"), "http: [".to_owned(), yml("Path(`/3`)")]),
        (
            "dyn.yaml",
            [yml("Path(`/1`)"), anchored("Path(`/2`)"), "http: {}".to_owned(), anchored("Path(`/3`)")],
        ),
    ] {
        let (_folder, path) = folder_with(name, &versions[0]);
        let mut running = Running::file(&path);
        let mut before = running.next().await;
        for text in &versions[1..] {
            put(&path, text);
            let after = running.next().await;
            let shared = |router: &str| {
                let [old, new] = [&before, &after].map(|m| &m.config.http.routers[router].value);
                Arc::ptr_eq(old, new)
            };
            assert!(shared("a"), "{name} {text}");
            assert_eq!(shared("b"), !after.complete, "{name} {text}");
            assert_eq!(Arc::ptr_eq(&before.config, &after.config), !after.complete, "{name} {text}");
            before = after;
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn it_ends_when_nobody_listens() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["a"]));
    let mut running = Running::file(&path);
    running.routers(&["a"]).await;
    let Running { receiver, task, shutdown, .. } = running;
    drop(receiver);
    tokio::time::timeout(super::DEADLINE, task).await.expect("it does not end").unwrap().unwrap();
    drop(shutdown);
}

#[test]
fn it_needs_a_file_or_folder() {
    for (filename, expected) in [
        ("", "neither filename nor directory is defined"),
        ("dyn.json", "filename \"dyn.json\": expected the extension .toml, .yaml or .yml"),
    ] {
        let refused = FileProvider::new(&options("", filename), &Reload::new());
        assert!(matches!(refused, Err(ProviderError::Configuration(message)) if message == expected));
    }
}
