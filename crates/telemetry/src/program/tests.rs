//! Lines of the program log, in the shapes that the real Traefik 3.7.15 writes, and its levels.

use std::error::Error;
use std::fs;

use tracing::{debug, error, info, info_span, trace, warn};

use super::format::Colors;
use super::*;

const PLAIN: Format = Format::Console(Colors::Off);
const COLORED: Format = Format::Console(Colors::On);

/// Runs `code` with a log of this shape, and hands back what was logged, each time stamp as `TIME`.
fn logged(level: LogLevel, format: Format, code: impl FnOnce(&LogHandle)) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.log");
    let file = RotatingFile::open(path.clone(), Rotation::new(0, 0, 0)).unwrap();
    let shared = Arc::new(Shared::new(level, format, TimeZone::UTC, Output::File(file)));
    let handle = LogHandle { shared: Arc::clone(&shared) };
    let subscriber = tracing_subscriber::registry().with(LogLayer::new(shared));
    tracing::subscriber::with_default(subscriber, || code(&handle));
    mask_times(&fs::read_to_string(path).unwrap())
}

/// Replaces each text like `2026-11-24T15:12:54Z`.
fn mask_times(text: &str) -> String {
    const SHAPE: &str = "dddd-dd-ddTdd:dd:ddZ";
    let fits = |(char, shape): (char, char)| if shape == 'd' { char.is_ascii_digit() } else { char == shape };
    let mut masked = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let is_time = rest.is_char_boundary(SHAPE.len()) && rest.chars().zip(SHAPE.chars()).all(fits);
        let len = if is_time { SHAPE.len() } else { char.len_utf8() };
        masked += if is_time { "TIME" } else { &rest[..len] };
        rest = &rest[len..];
    }
    masked
}

fn check(level: LogLevel, format: Format, code: impl FnOnce(&LogHandle), expected: &str) {
    assert_eq!(logged(level, format, code), expected);
}

#[derive(Debug, thiserror::Error)]
#[error("cannot dial {0}")]
struct DialError(&'static str, #[source] Refused);

#[derive(Debug, thiserror::Error)]
#[error("connection refused")]
struct Refused;

/// Events with everything that a line can have.
fn sample(_: &LogHandle) {
    let cause = DialError("127.0.0.1:1", Refused);
    error!(serviceName = "s1@file", error = &cause as &dyn Error, "no answer");
    warn!(
        URL = "http://127.0.0.1:80",
        serverIndex = 0,
        up = false,
        entryPointName = "web",
        "Creating server"
    );
    info!(r#type = ?["web"], text = %"a\tb", ratio = 0.5, bad = f64::NAN, "two\nlines\x1b <&> \"");
    debug!(routerName = "r1@file", "hidden");
    error!(empty = "");
}

#[test]
fn console_lines() {
    let expected = concat!(
        "TIME ERR no answer error=\"cannot dial 127.0.0.1:1: connection refused\" serviceName=s1@file\n",
        "TIME WRN Creating server URL=http://127.0.0.1:80 entryPointName=web serverIndex=0 up=false\n",
        "TIME INF two\nlines\\x1b <&> \" bad=NaN ratio=0.5 text=\"a\\tb\" type=\"[\\\"web\\\"]\"\n",
        "TIME ERR empty=\n",
    );
    check(LogLevel::Info, PLAIN, sample, expected);
}

#[test]
fn json_lines() {
    let expected = concat!(
        r#"{"level":"error","serviceName":"s1@file","error":"cannot dial 127.0.0.1:1: connection refused","#,
        r#""time":"TIME","message":"no answer"}"#,
        "\n",
        r#"{"level":"warn","URL":"http://127.0.0.1:80","serverIndex":0,"up":false,"entryPointName":"web","#,
        r#""time":"TIME","message":"Creating server"}"#,
        "\n",
        r#"{"level":"info","type":"[\"web\"]","text":"a\tb","ratio":0.5,"bad":"NaN","#,
        r#""time":"TIME","message":"two\nlines\u001b <&> \""}"#,
        "\n",
        r#"{"level":"error","empty":"","time":"TIME"}"#,
        "\n",
    );
    check(LogLevel::Info, Format::Json, sample, expected);
    for line in logged(LogLevel::Info, Format::Json, sample).lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn colored_lines() {
    let code = |_: &LogHandle| {
        error!(error = "two words", format = "wat", "bad format");
        warn!("careful");
        info!(version = "3.7.15", "started");
    };
    let expected = concat!(
        "\x1b[90mTIME\x1b[0m \x1b[31mERR\x1b[0m \x1b[1mbad format\x1b[0m ",
        "\x1b[36merror=\x1b[0m\x1b[31m\x1b[1m\"two words\"\x1b[0m\x1b[0m \x1b[36mformat=\x1b[0mwat\n",
        "\x1b[90mTIME\x1b[0m \x1b[33mWRN\x1b[0m \x1b[1mcareful\x1b[0m\n",
        "\x1b[90mTIME\x1b[0m \x1b[32mINF\x1b[0m \x1b[1mstarted\x1b[0m \x1b[36mversion=\x1b[0m3.7.15\n",
    );
    check(LogLevel::Info, COLORED, code, expected);
}

#[test]
fn callers_are_named_from_debug_on() {
    let code = |_: &LogHandle| {
        debug!(tlsStoreName = "default", "step");
        info!("done");
    };
    // The source line of the first of the two events.
    let line = line!() - 4;
    let (file, next) = (file!(), line + 1);
    let console =
        format!("TIME DBG {file}:{line} > step tlsStoreName=default\nTIME INF {file}:{next} > done\n");
    check(LogLevel::Debug, PLAIN, code, &console);
    let colored = format!(
        "\x1b[90mTIME\x1b[0m DBG \x1b[1m{file}:{line}\x1b[0m\x1b[36m >\x1b[0m step \x1b[36mtlsStoreName=\x1b[0mdefault\n\
         \x1b[90mTIME\x1b[0m \x1b[32mINF\x1b[0m \x1b[1m{file}:{next}\x1b[0m\x1b[36m >\x1b[0m \x1b[1mdone\x1b[0m\n",
    );
    check(LogLevel::Debug, COLORED, code, &colored);
    let json = format!(
        "{{\"level\":\"debug\",\"tlsStoreName\":\"default\",\"time\":\"TIME\",\"caller\":\"{file}:{line}\",\"message\":\"step\"}}\n\
         {{\"level\":\"info\",\"time\":\"TIME\",\"caller\":\"{file}:{next}\",\"message\":\"done\"}}\n",
    );
    check(LogLevel::Trace, Format::Json, code, &json);
}

#[test]
fn fields_of_spans_are_part_of_the_line() {
    let code = |_: &LogHandle| {
        let outer = info_span!("provider", providerName = "file", routerName = tracing::field::Empty);
        let _outer = outer.enter();
        info!("one");
        outer.record("routerName", "r1@file");
        let _inner = info_span!("merge", providerName = "docker").entered();
        info!(serviceName = "s1", "two");
    };
    let expected = concat!(
        "TIME INF one providerName=file\n",
        "TIME INF two providerName=docker routerName=r1@file serviceName=s1\n",
    );
    check(LogLevel::Info, PLAIN, code, expected);
}

#[test]
fn levels() {
    let code = |_: &LogHandle| {
        error!("5");
        warn!("4");
        info!("3");
        debug!("2");
        trace!("1");
        error!(target: "h2::server", "e");
        warn!(target: "h2::server", "w");
        info!(target: "h2::server", "i");
        trace!(target: "h2::server", "t");
    };
    // (level, own events, events of other crates)
    let cases = [
        ("TRACE", "54321", "ew"),
        ("debug", "5432", "ew"),
        ("Info", "543", "ew"),
        ("warn", "54", "ew"),
        ("error", "5", "e"),
        ("", "5", "e"),
        ("fatal", "", ""),
        ("PANIC", "", ""),
    ];
    for (word, own, others) in cases {
        let text = logged(word.parse().unwrap(), Format::Json, code);
        let messages = text.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["message"].as_str().unwrap().to_owned()
        });
        assert_eq!(messages.collect::<String>(), format!("{own}{others}"), "{word}");
    }
    for word in ["blah", "warning", "no", "1"] {
        let error = word.parse::<LogLevel>().unwrap_err();
        assert!(error.to_string().starts_with(&format!("unknown level {word:?}")), "{error}");
    }
}

#[test]
fn the_level_changes_at_run_time() {
    let step = |number: u8| debug!("step {number}");
    let code = |handle: &LogHandle| {
        step(1);
        handle.set_level(LogLevel::Debug);
        assert!(tracing::enabled!(tracing::Level::DEBUG));
        step(2);
        handle.set_level(LogLevel::Info);
        assert!(!tracing::enabled!(tracing::Level::DEBUG));
        step(3);
        assert_eq!(handle.level(), LogLevel::Info);
    };
    let text = logged(LogLevel::Info, PLAIN, code);
    assert!(text.contains("step 2\n") && text.lines().count() == 1, "{text}");
}

#[test]
fn lines_of_many_threads_are_whole() {
    let code = |handle: &LogHandle| {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let subscriber =
                    tracing_subscriber::registry().with(LogLayer::new(Arc::clone(&handle.shared)));
                scope.spawn(move || {
                    tracing::subscriber::with_default(subscriber, || {
                        (0..500).for_each(|number| info!(thread, number, "line"));
                    });
                });
            }
        });
    };
    let text = logged(LogLevel::Info, Format::Json, code);
    let sum: u64 = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["number"].as_u64().unwrap())
        .sum();
    assert_eq!((text.lines().count(), sum), (2_000, 4 * 499 * 500 / 2));
}

#[test]
fn unusable_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let file_path = Some(dir.path().join("file/test.log"));
    let error = layer(&LogOptions { file_path, ..LogOptions::default() }).map(|_| ()).unwrap_err();
    assert!(matches!(error, LogError::Open { .. }), "{error}");
}
