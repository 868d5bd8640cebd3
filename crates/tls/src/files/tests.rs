use std::fs;

use super::*;

fn named(path: &Path) -> FileOrContent {
    FileOrContent(path.to_str().unwrap().to_owned())
}

#[test]
fn a_file_is_known_by_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    fs::write(&a, "one").unwrap();
    fs::write(&b, "one").unwrap();
    let values = [named(&a), named(&b), FileOrContent(format!("{BEGIN}X"))];
    let files = Files::default();
    for value in &values {
        files.read(value).unwrap();
    }
    let (of_a, of_b) = (files.versions(&values[..1]), files.versions(&values[1..]));
    let look = |changed: bool, a_is_current: bool, what: &str| {
        assert_eq!(files.look_again(&[a.clone(), b.clone()]), changed, "{what}");
        assert_eq!(files.are_current(&of_a), a_is_current, "{what}");
        assert!(files.are_current(&of_b), "{what}");
    };
    look(false, true, "nothing happened");
    fs::write(&a, "one").unwrap();
    look(false, true, "written anew with the same content");
    fs::write(&a, "two").unwrap();
    look(true, false, "changed");
    look(false, false, "told already");
    let later = files.versions(&values[..1]);
    fs::remove_file(&a).unwrap();
    look(true, false, "gone");
    assert!(!files.are_current(&later));
    // A change that a reader found first is told all the same.
    fs::write(&a, "three").unwrap();
    files.read(&values[0]).unwrap();
    look(true, false, "read by somebody else");

    assert_eq!(files.in_use(), BTreeSet::from([b.clone()]));
    drop((of_a, of_b));
    assert_eq!(files.in_use(), BTreeSet::new());
    // What is of no interest is not read.
    fs::write(&b, "two").unwrap();
    assert!(!files.look_again(&[a, b]));
}

#[test]
fn what_is_no_file_of_certificates_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large");
    File::create(&large).unwrap().set_len(MAX_SIZE + 1).unwrap();
    for (value, expected) in [
        (named(folder.path()), "it is a folder"),
        (named(Path::new("/dev/zero")), "it is not a regular file"),
        (named(&large), "it is larger than 16 MiB"),
        (named(Path::new("/nowhere/x.pem")), "No such file or directory (os error 2)"),
        (FileOrContent("x\0y".to_owned()), "file name contained an unexpected NUL byte"),
    ] {
        let error = Files::default().read(&value).unwrap_err();
        assert_eq!(error, format!("cannot read {}: {expected}", value.0));
    }
}
