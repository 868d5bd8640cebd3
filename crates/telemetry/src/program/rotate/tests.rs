//! Rotation: names, what is kept, what is compressed.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use flate2::read::GzDecoder;

use super::*;

struct Fixture {
    dir: tempfile::TempDir,
    path: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/app.log");
        fs::create_dir(dir.path().join("logs")).unwrap();
        Self { dir, path }
    }

    fn open(&self, max_bytes: u64, max_days: u64, max_backups: usize) -> RotatingFile {
        let rotation = Rotation { max_bytes, ..Rotation::new(0, max_days, max_backups) };
        RotatingFile::open(self.path.clone(), rotation).unwrap()
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    /// The names beside the log file, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path.parent().unwrap()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "app.log").collect();
        names.sort();
        names
    }

    fn put(&self, names: &[&str]) {
        for name in names {
            fs::write(self.path.with_file_name(name), name).unwrap();
        }
    }

    /// The contents of all compressed backups, the oldest first.
    fn unpacked(&self) -> Vec<String> {
        let unpack = |name: &String| {
            let mut text = String::new();
            let file = File::open(self.path.with_file_name(name)).unwrap();
            GzDecoder::new(file).read_to_string(&mut text).unwrap();
            text
        };
        self.names().iter().filter(|name| name.ends_with(".gz")).map(unpack).collect()
    }
}

fn finish(file: &mut RotatingFile) {
    file.take_cleaner().unwrap().join().unwrap();
}

#[test]
fn a_full_file_is_renamed_and_compressed() {
    let fixture = Fixture::new();
    let mut file = fixture.open(20, 0, 0);
    for (line, now, before) in [
        ("1234567890\n", "1234567890\n", &[][..]),
        ("23456789\n", "1234567890\n23456789\n", &[]),
        ("3\n", "3\n", &["1234567890\n23456789\n"]),
        ("longer than a whole file\n", "longer than a whole file\n", &["1234567890\n23456789\n", "3\n"]),
    ] {
        file.write(line.as_bytes());
        if let Some(cleaner) = file.take_cleaner() {
            cleaner.join().unwrap();
        }
        assert_eq!(fixture.read(), now);
        assert_eq!(fixture.unpacked(), before);
        assert_eq!(fixture.names().len(), before.len(), "nothing uncompressed is left");
    }
    let name = &fixture.names()[0];
    let shape = name.replace(|char: char| char.is_ascii_digit(), "d");
    assert_eq!(shape, "app-dddd-dd-ddTdd-dd-dd.ddd.log.gz");
}

#[test]
fn what_is_in_the_file_already_counts() {
    let fixture = Fixture::new();
    fs::write(&fixture.path, "1234567890\n").unwrap();
    fs::set_permissions(&fixture.path, fs::Permissions::from_mode(0o640)).unwrap();
    let mut file = fixture.open(20, 0, 0);
    file.write(b"1234567890\n");
    finish(&mut file);
    assert_eq!(
        (fixture.read().as_str(), fixture.unpacked()),
        ("1234567890\n", vec!["1234567890\n".to_owned()])
    );
    for path in [fixture.path.clone(), fixture.path.with_file_name(&fixture.names()[0])] {
        let mode = fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o640, "{mode:o}: a rotated file keeps its mode");
    }
}

#[test]
fn new_files_are_private() {
    let fixture = Fixture::new();
    fixture.open(20, 0, 0).write(b"secret\n");
    assert_eq!(fs::metadata(&fixture.path).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn old_and_surplus_backups_are_deleted() {
    const OTHERS: &[&str] =
        &["app-notes.log", "app-2026-13-01T00-00-00.000.log", "other-2001-01-01T00-00-00.000.log"];
    let now = SystemTime::from(Timestamp::from_second(1_795_533_000).unwrap());
    let (day_1, day_2) = ("app-2026-11-23T15-20-00.000.log", "app-2026-11-22T15-20-00.001.log.gz");
    let (day_3, old) = ("app-2026-11-21T15-20-00.000.log.gz", "app-2001-01-01T00-00-00.000.log");
    // (days, count, what is left of the four)
    let cases: &[(u64, usize, &[&str])] = &[
        (0, 0, &[old, day_3, day_2, day_1]),
        (1, 0, &[day_1]),
        (2, 0, &[day_2, day_1]),
        (100, 0, &[day_3, day_2, day_1]),
        (0, 2, &[day_2, day_1]),
        (0, 9, &[old, day_3, day_2, day_1]),
        (2, 1, &[day_1]),
    ];
    for &(days, count, left) in cases {
        let fixture = Fixture::new();
        let file = fixture.open(20, days, count);
        fixture.put(OTHERS);
        fixture.put(&[day_1, day_2, day_3, old]);
        file.backups.clean(&file.rotation, now);
        let compressed =
            |name: &&str| if name.ends_with(".gz") { (*name).to_owned() } else { format!("{name}.gz") };
        let mut expected: Vec<String> = left.iter().map(compressed).collect();
        expected.extend(OTHERS.iter().map(ToString::to_string));
        expected.sort();
        assert_eq!(fixture.names(), expected, "{days} days, {count} backups");
    }
}

#[test]
fn a_half_compressed_backup_counts_once() {
    let fixture = Fixture::new();
    let file = fixture.open(20, 0, 2);
    let (newer, older) = ("app-2026-11-24T15-16-58.987.log", "app-2026-11-24T15-16-58.986.log.gz");
    fixture.put(&[newer, &format!("{newer}.gz"), older]);
    file.backups.clean(&file.rotation, SystemTime::now());
    assert_eq!(fixture.names(), [older, &format!("{newer}.gz")]);
    let mut text = String::new();
    let packed = File::open(fixture.path.with_file_name(format!("{newer}.gz"))).unwrap();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    assert_eq!(text, newer);
}

#[test]
fn backups_of_one_moment_have_different_names() {
    let fixture = Fixture::new();
    let file = fixture.open(20, 0, 0);
    let now = SystemTime::from(Timestamp::from_millisecond(1_795_533_418_999).unwrap());
    let mut names = Vec::new();
    for suffix in ["", ".gz", ""] {
        let path = file.backups.new_name(now);
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        fixture.put(&[&format!("{name}{suffix}")]);
        names.push(name);
    }
    let expected = ["58.999", "59.000", "59.001"].map(|second| format!("app-2026-11-24T15-16-{second}.log"));
    assert_eq!(names, expected);
}

#[test]
fn names_without_an_extension() {
    let dir = tempfile::tempdir().unwrap();
    let backups = Backups { path: dir.path().join("messages"), busy: Mutex::new(()) };
    let now = SystemTime::from(Timestamp::from_millisecond(1_795_533_418_007).unwrap());
    let path = backups.new_name(now);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, "messages-2026-11-24T15-16-58.007");
    assert_eq!(backups.parse(name), Some((Timestamp::from_millisecond(1_795_533_418_007).unwrap(), false)));
}

#[test]
fn reopening_after_a_rename() {
    let fixture = Fixture::new();
    let mut file = fixture.open(20, 0, 0);
    file.write(b"one\n");
    let old = fixture.dir.path().join("old.log");
    fs::rename(&fixture.path, &old).unwrap();
    file.write(b"two\n");
    file.reopen().unwrap();
    file.write(b"three\n");
    assert_eq!(
        (fs::read_to_string(old).unwrap().as_str(), fixture.read().as_str()),
        ("one\ntwo\n", "three\n")
    );
    assert_eq!(file.size, 6);
}

#[test]
fn a_failed_rotation_loses_no_line() {
    let fixture = Fixture::new();
    let mut file = fixture.open(20, 0, 0);
    let moved = fixture.dir.path().join("moved");
    fs::rename(fixture.path.parent().unwrap(), &moved).unwrap();
    for _ in 0..4 {
        file.write(b"1234567890\n");
    }
    assert_eq!(fs::read_to_string(moved.join("app.log")).unwrap(), "1234567890\n".repeat(4));
}

#[test]
fn sizes_and_ages_have_defaults() {
    let default = Rotation::new(0, 0, 0);
    assert_eq!((default.max_bytes, default.max_age), (100 * 1024 * 1024, None));
    let set = Rotation::new(3, 2, 1);
    assert_eq!((set.max_bytes, set.max_age), (3 * 1024 * 1024, Some(Duration::from_secs(172_800))));
    assert_eq!(Rotation::new(u64::MAX, u64::MAX, 0).max_bytes, u64::MAX);
}
