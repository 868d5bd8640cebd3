//! Every way in which programs save a file, one after the other, on a file and on a folder.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{Running, folder_with, names, options, patient, put, routers, yaml};

type Save = fn(&Path, &str);

/// Runs a program that every system has.
fn run(program: &str, arguments: &[&std::ffi::OsStr]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program}");
}

/// The ways, by what uses them.
const STYLES: &[(&str, Save)] = &[
    ("rename over", put),
    ("write in place (nano, shell redirection)", |path, text| fs::write(path, text).unwrap()),
    ("write in place in small pieces", |path, text| {
        let mut file = fs::File::create(path).unwrap();
        for piece in text.as_bytes().chunks(7) {
            file.write_all(piece).unwrap();
        }
    }),
    ("write in place, then cut off the rest", |path, text| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let end = file.stream_position().unwrap();
        file.set_len(end).unwrap();
    }),
    ("write in place, opened for each piece", |path, text| {
        let (first, second) = text.split_at(text.len() / 2);
        fs::write(path, first).unwrap();
        OpenOptions::new().append(true).open(path).unwrap().write_all(second.as_bytes()).unwrap();
    }),
    ("vim: old file moved away, new one written, old one removed", |path, text| {
        let backup = path.with_extension("yml~");
        fs::rename(path, &backup).unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(&backup).unwrap();
    }),
    ("vim with backupcopy: copy kept, file written in place", |path, text| {
        let backup = path.with_extension("yml~");
        fs::copy(path, &backup).unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(&backup).unwrap();
    }),
    ("removed, then written anew", |path, text| {
        fs::remove_file(path).unwrap();
        fs::write(path, text).unwrap();
    }),
    ("truncated, then written from the start by another handle", |path, text| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }),
    ("cp", |path, text| {
        let other = path.with_extension("other");
        fs::write(&other, text).unwrap();
        run("cp", &[other.as_os_str(), path.as_os_str()]);
    }),
    ("cp -p", |path, text| {
        let other = path.with_extension("other");
        fs::write(&other, text).unwrap();
        run("cp", &["-p".as_ref(), other.as_os_str(), path.as_os_str()]);
    }),
    ("mv", |path, text| {
        let other = path.with_extension("other");
        fs::write(&other, text).unwrap();
        run("mv", &[other.as_os_str(), path.as_os_str()]);
    }),
    ("sed -i", |path, text| {
        // All lines but the last are deleted, and the last becomes the new text.
        let script = format!("$!d\n$c\\\n{}", text.trim_end().replace('\n', "\\\n"));
        run("sed", &["-i".as_ref(), script.as_ref(), path.as_os_str()]);
    }),
    ("ln -sfn to a file beside it", |path, text| {
        let target = path.with_extension(format!("version{}", text.len()));
        fs::write(&target, text).unwrap();
        run("ln", &["-sfn".as_ref(), target.as_os_str(), path.as_os_str()]);
    }),
    ("link moved over", |path, text| {
        let target = path.with_extension(format!("moved{}", text.len()));
        let link = path.with_extension("link");
        fs::write(&target, text).unwrap();
        symlink(&target, &link).unwrap();
        fs::rename(&link, path).unwrap();
    }),
];

/// Saves in every style twice. No save shows anything but the routers before and after it.
async fn check_all(mut running: Running, path: &Path) {
    let mut before = names(&["start"]);
    running.routers(&["start"]).await;
    for (number, (style, save)) in STYLES.iter().enumerate() {
        for turn in ["a", "bb"] {
            let name = format!("r{number}{turn}");
            let after = names(&[&name]);
            save(path, &yaml(&[&name]));
            let saved = Instant::now();
            let seen = |message: &crate::Message| {
                let got = routers(message);
                assert!(got == before || got == after, "{style}: {got:?} between {before:?} and {after:?}");
            };
            running.until(seen, |message| message.complete && routers(message) == after).await;
            // Nothing was waited for: each of these ways says when it is done.
            assert!(saved.elapsed() < patient().quiet, "{style}");
            before = after;
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn on_a_file() {
    let (_folder, path) = folder_with("dyn.yml", &yaml(&["start"]));
    check_all(Running::start_with(&options("", path.to_str().unwrap()), patient()), &path).await;
}

#[tokio::test]
async fn on_a_file_of_a_folder() {
    let (folder, path) = folder_with("dyn.yml", &yaml(&["start"]));
    check_all(Running::start_with(&options(folder.path().to_str().unwrap(), ""), patient()), &path).await;
}

#[tokio::test]
async fn on_a_file_of_a_sub_folder() {
    let (folder, _) = folder_with("ignored.txt", "x");
    let path = folder.path().join("sub/dyn.yml");
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(&path, yaml(&["start"])).unwrap();
    check_all(Running::start_with(&options(folder.path().to_str().unwrap(), ""), patient()), &path).await;
}

/// A new version of a mounted ConfigMap as the kubelet writes it: a folder, a link to it moved over `..data`, the
/// old folder removed.
fn swap_config_map(mount: &Path, version: u32, text: &str) {
    let data = mount.join("..data");
    let old = fs::read_link(&data).ok();
    let new = format!("..2024_01_0{version}");
    fs::create_dir(mount.join(&new)).unwrap();
    fs::write(mount.join(&new).join("dyn.yml"), text).unwrap();
    symlink(&new, mount.join("..data_tmp")).unwrap();
    fs::rename(mount.join("..data_tmp"), &data).unwrap();
    if let Some(old) = old {
        fs::remove_dir_all(mount.join(old)).unwrap();
    }
}

#[tokio::test]
async fn config_map() {
    for by_name in [true, false] {
        let mount = tempfile::tempdir().unwrap();
        swap_config_map(mount.path(), 1, &yaml(&["v1"]));
        let path = mount.path().join("dyn.yml");
        symlink("..data/dyn.yml", &path).unwrap();
        let mut running = if by_name { Running::file(&path) } else { Running::directory(mount.path()) };
        let first = running.next().await;
        assert_eq!((routers(&first), first.problems), (names(&["v1"]), Vec::new()), "by_name: {by_name}");
        for version in 2..6 {
            let name = format!("v{version}");
            swap_config_map(mount.path(), version, &yaml(&[&name]));
            running.routers(&[&name]).await;
        }
        running.stop().await;
    }
}
