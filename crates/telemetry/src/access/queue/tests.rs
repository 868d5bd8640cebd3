//! The writer under threads, with outputs that fail, block, or are replaced.

use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::super::output::Target;
use super::*;

const SOON: Duration = Duration::from_secs(10);

fn open(path: &Path) -> Output {
    Target::new(Some(path)).open().unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// A named pipe and a reading end that nobody reads from.
fn pipe(path: &Path) -> File {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

#[test]
fn lines_of_many_threads_are_whole_and_complete() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let queue = LineQueue::start(open(&path), 0).unwrap();
    let (threads, count) = (8, 5_000);
    thread::scope(|scope| {
        for number in 0..threads {
            let queue = &queue;
            scope.spawn(move || {
                for line in 0..count {
                    let filler = "x".repeat((line * 7) % 200);
                    queue.push(format!("{number} {line} {filler}.\n").as_bytes());
                }
            });
        }
    });
    assert!(queue.close(SOON));
    let text = read(&path);
    let mut next = vec![0; threads];
    for line in text.lines() {
        let mut parts = line.split(' ');
        let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
        let (thread, sequence) = (number(), number());
        assert_eq!(sequence, next[thread], "each thread's lines stay in order");
        let filler = parts.next().unwrap();
        assert!(filler.ends_with('.') && filler.len() == (sequence * 7) % 200 + 1, "{line}");
        next[thread] += 1;
    }
    assert_eq!(next, vec![count; threads]);
    assert_eq!(queue.dropped(), 0);
}

#[test]
fn re_opening_splits_and_loses_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let queue = LineQueue::start(open(&path), 0).unwrap();
    let count = 20_000;
    thread::scope(|scope| {
        let queue = &queue;
        scope.spawn(move || (0..count).for_each(|line| queue.push(format!("line {line} end\n").as_bytes())));
        for rotation in 0..5 {
            fs::rename(&path, dir.path().join(format!("old.{rotation}"))).unwrap();
            queue.replace(open(&path));
            assert!(queue.flush(SOON));
        }
    });
    assert!(queue.close(SOON));
    let mut text: String = (0..5).map(|rotation| read(&dir.path().join(format!("old.{rotation}")))).collect();
    text += &read(&path);
    let expected: String = (0..count).map(|line| format!("line {line} end\n")).collect();
    assert!(text == expected, "{} bytes instead of {}", text.len(), expected.len());
}

#[test]
fn lines_after_re_opening_go_to_the_new_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = |number: u32| dir.path().join(number.to_string());
    let queue = LineQueue::start(open(&path(0)), 0).unwrap();
    for number in 1..50 {
        queue.push(format!("line {number}\n").as_bytes());
        queue.replace(open(&path(number)));
        if number % 2 == 0 {
            queue.push(b"more\n");
        }
        // Else the next output takes the place of one that was not used yet.
        assert!(queue.flush(SOON));
    }
    assert!(queue.close(SOON));
    for number in 1..50 {
        let more = if number % 2 == 1 { "more\n" } else { "" };
        let more = if number == 1 { "" } else { more };
        assert_eq!(read(&path(number - 1)), format!("{more}line {number}\n"));
    }
}

#[test]
fn a_full_disk_costs_no_time_and_writing_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let queue = LineQueue::with_capacity(open(Path::new("/dev/full")), 100).unwrap();
    queue.push(b"first\n");
    let until = Instant::now() + SOON;
    while queue.errors() == 0 {
        assert!(Instant::now() < until, "the failed write is never counted");
        thread::sleep(Duration::from_millis(1));
    }
    let line = [b"0123456789".repeat(4), b"\n".to_vec()].concat();
    let started = Instant::now();
    (0..1_000).for_each(|_| queue.push(&line));
    assert!(started.elapsed() < Duration::from_secs(1), "pushing waits for a broken disk");
    assert_eq!(queue.dropped(), 998, "two lines of 41 bytes fit into 100");
    queue.replace(open(&path));
    assert!(queue.close(SOON));
    assert_eq!(read(&path).as_bytes(), [b"first\n".to_vec(), line.repeat(2)].concat());
    assert_eq!(queue.dropped(), 998);
}

#[test]
fn closing_gives_up_on_a_broken_output() {
    let queue = LineQueue::start(open(Path::new("/dev/full")), 0).unwrap();
    (0..3).for_each(|_| queue.push(b"lost\n"));
    assert!(queue.close(SOON));
    assert_eq!(queue.dropped(), 3);
    queue.push(b"too late\n");
    assert_eq!(queue.dropped(), 4);
}

#[test]
fn a_pipe_that_nobody_reads_stops_no_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    let mut reader = pipe(&path);
    let queue = LineQueue::with_capacity(open(&path), 8 * 1024).unwrap();
    let line = [b"y".repeat(99), b"\n".to_vec()].concat();
    let started = Instant::now();
    let pushed = 10_000;
    (0..pushed).for_each(|_| queue.push(&line));
    assert!(started.elapsed() < Duration::from_secs(5), "traffic waits for the pipe's reader");
    assert!(queue.dropped() > 0);
    assert!(!queue.flush(Duration::from_millis(10)), "the pipe is full");

    // Once somebody reads, what was kept arrives, whole.
    let kept = pushed - queue.dropped();
    let mut text = vec![0; usize::try_from(kept).unwrap() * line.len()];
    reader.read_exact(&mut text).unwrap();
    assert!(text.chunks(line.len()).all(|chunk| chunk == line));
    assert!(queue.flush(SOON));
    queue.push(&line);
    assert!(queue.flush(SOON));
    assert_eq!(queue.dropped(), pushed - kept);
}

#[test]
fn closing_does_not_wait_for_a_blocked_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    let _reader = pipe(&path);
    let queue = LineQueue::start(open(&path), 0).unwrap();
    let line = [b"z".repeat(99), b"\n".to_vec()].concat();
    (0..10_000).for_each(|_| queue.push(&line));
    let started = Instant::now();
    assert!(!queue.close(Duration::from_millis(50)));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_cut_line_is_not_continued_in_the_next_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let shared = Arc::new(Shared::new(CAPACITY));
    let mut writer = Writer::new(Arc::clone(&shared), open(Path::new("/dev/full")));
    (writer.batch, writer.offset) = (b"one\ntwo\nthree\n".to_vec(), 6);
    shared.lock().replacement = Some(Replacement { output: open(&path), after: 0 });
    writer.failed(&io::Error::other("disk full after half of the second line"));
    writer.deliver();
    assert_eq!(read(&path), "two\nthree\n");
}

#[test]
fn lines_longer_than_the_buffer_pass() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access.log");
    let queue = LineQueue::with_capacity(open(&path), 10).unwrap();
    queue.push(&[b'a'; 1_000]);
    assert!(queue.close(SOON));
    assert_eq!(fs::metadata(&path).unwrap().len(), 1_000);
}
