//! What programs do to files, and that the right ones are reported.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::EventKindMask;
use tempfile::TempDir;

use super::files::Pace;
use super::{FileWatch, Interest, Mailbox, Report, Stamp, Watcher};

/// How long a report may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(20);

/// No looks at stamps within the time of a test: watches have to do.
fn by_watches() -> Pace {
    Pace {
        quiet: Duration::from_millis(20),
        longest: Duration::from_secs(1),
        poll: Duration::from_secs(3600),
    }
}

async fn next(watch: &FileWatch) -> Vec<PathBuf> {
    tokio::time::timeout(DEADLINE, watch.changed()).await.expect("no change is reported")
}

/// Follows files and takes the first report, which is of all of them.
async fn follow(watch: &mut FileWatch, files: &[&Path]) {
    let files: BTreeSet<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    watch.follow(files.clone());
    assert_eq!(next(watch).await, files.into_iter().collect::<Vec<_>>());
}

fn folder() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.pem"), folder.path().join("b.pem"));
    fs::write(&a, "a").unwrap();
    fs::write(&b, "b").unwrap();
    (folder, a, b)
}

/// Something is done to `a.pem`, and that alone is reported.
async fn check(what: &str, change: impl FnOnce(&Path)) {
    let (_folder, a, b) = folder();
    let mut watch = FileWatch::with_pace(by_watches());
    follow(&mut watch, &[&a, &b]).await;
    change(&a);
    assert_eq!(next(&watch).await, [a], "{what}");
}

#[tokio::test]
async fn all_ways_to_change_a_file_are_seen() {
    check("written in place", |a| fs::write(a, "other").unwrap()).await;
    check("the same size", |a| fs::write(a, "A").unwrap()).await;
    check("appended to", |a| {
        OpenOptions::new().append(true).open(a).unwrap().write_all(b"more").unwrap();
    })
    .await;
    check("replaced", |a| {
        let new = a.with_extension("new");
        fs::write(&new, "other").unwrap();
        fs::rename(&new, a).unwrap();
    })
    .await;
    check("removed", |a| fs::remove_file(a).unwrap()).await;
    check("removed and made anew", |a| {
        fs::remove_file(a).unwrap();
        fs::write(a, "other").unwrap();
    })
    .await;
    check("a link in its place", |a| {
        let real = a.with_extension("real");
        fs::write(&real, "other").unwrap();
        fs::remove_file(a).unwrap();
        symlink(&real, a).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_mounted_config_map_is_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let version = |name: &str, cert: &str| {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("tls.crt"), cert).unwrap();
        fs::write(at(name).join("tls.key"), "key").unwrap();
        symlink(name, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    version("..1", "old");
    for name in ["tls.crt", "tls.key"] {
        symlink(Path::new("..data").join(name), at(name)).unwrap();
    }
    let mut watch = FileWatch::with_pace(by_watches());
    let (cert, key) = (at("tls.crt"), at("tls.key"));
    follow(&mut watch, &[&cert, &key]).await;
    for round in 2..5 {
        version(&format!("..{round}"), "new");
        fs::remove_dir_all(at(&format!("..{}", round - 1))).unwrap();
        // All files of the mount are others now.
        assert_eq!(next(&watch).await, [cert.clone(), key.clone()], "{round}");
    }
    // What a link leads to is written in place.
    fs::write(at("..4").join("tls.crt"), "newer").unwrap();
    assert_eq!(next(&watch).await, [cert]);
}

#[tokio::test]
async fn a_certificate_and_its_key_are_reported_together() {
    let (_folder, a, b) = folder();
    let mut watch = FileWatch::with_pace(Pace { quiet: Duration::from_millis(300), ..by_watches() });
    follow(&mut watch, &[&a, &b]).await;
    fs::write(&a, "other").unwrap();
    fs::write(&b, "other").unwrap();
    assert_eq!(next(&watch).await, [a, b]);
}

#[tokio::test]
async fn what_no_watch_shows_is_seen_by_the_stamps() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not/yet/there.pem");
    let pace = Pace { poll: Duration::from_millis(20), ..by_watches() };
    let mut watch = FileWatch::with_pace(pace);
    follow(&mut watch, &[&missing]).await;
    fs::create_dir_all(missing.parent().unwrap()).unwrap();
    fs::write(&missing, "now").unwrap();
    assert_eq!(next(&watch).await, [missing]);
}

#[tokio::test]
async fn what_is_followed_changes_and_all_can_be_asked_for() {
    let (folder, a, b) = folder();
    let mut watch = FileWatch::with_pace(by_watches());
    watch.reload();
    follow(&mut watch, &[&a]).await;
    // Only what is new is reported.
    watch.follow([a.clone(), b.clone()].into());
    assert_eq!(next(&watch).await, std::slice::from_ref(&b));
    watch.reload();
    assert_eq!(next(&watch).await, [a.clone(), b.clone()]);
    watch.follow([b.clone()].into());
    // Neither a file that is not followed any more, nor one that never was.
    fs::write(&a, "other").unwrap();
    fs::write(folder.path().join("c.pem"), "other").unwrap();
    fs::write(&b, "other").unwrap();
    assert_eq!(next(&watch).await, [b]);
}

/// Folders may hold the logs of busy programs.
#[cfg(target_os = "linux")]
#[test]
fn what_is_read_or_being_written_costs_nothing() {
    let (folder, a, b) = folder();
    let mailbox = Arc::new(Mailbox::default());
    let mut watcher = Watcher::new(Interest::Outcomes, Arc::clone(&mailbox));
    watcher.watch(folder.path(), Stamp::read(folder.path()).unwrap());
    let mut log = OpenOptions::new().append(true).open(&a).unwrap();
    for _ in 0..100 {
        log.write_all(b"line\n").unwrap();
        fs::read(&a).unwrap();
    }
    fs::write(&b, "closed").unwrap();
    let mut reports = Vec::new();
    while reports.last() != Some(&Report::Written(b.clone())) {
        reports.extend(mailbox.take(Some(Instant::now() + DEADLINE)).reports);
        assert!(!reports.is_empty(), "nothing is reported");
    }
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(!Interest::Writes.events().contains(EventKindMask::ACCESS_OPEN));
}
