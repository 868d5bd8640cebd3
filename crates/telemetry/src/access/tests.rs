//! Whole lines, as the real Traefik 3.7.15 wrote them for the same requests, and the log's life.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use ferroway_core::HeaderList;
use http::{HeaderName, HeaderValue};

use super::*;

const SOON: Duration = Duration::from_secs(10);

type Names = &'static [(&'static str, &'static str)];

fn headers(fields: &[(&'static str, &[u8])]) -> HeaderList {
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    fields.iter().map(|(name, bytes)| (HeaderName::from_static(name), value(bytes))).collect()
}

/// The event of a proxied request.
fn proxied() -> AccessEvent<'static> {
    AccessEvent {
        start: UNIX_EPOCH + Duration::new(1_795_533_174, 943_792_022),
        duration: Duration::from_nanos(1_322_658),
        entry_point_name: "web",
        router_name: Some("r1@file"),
        service_name: Some("s1@file"),
        service_url: Some("http://127.0.0.1:26511"),
        service_addr: Some("127.0.0.1:26511"),
        client_addr: "127.0.0.1:56230",
        request_addr: "one.test",
        request_method: "GET",
        request_path: "/a?b=c&d=<x>",
        request_protocol: "HTTP/1.1",
        request_scheme: "http",
        request_count: 1,
        origin_status: 200,
        origin_duration: Duration::from_nanos(1_257_543),
        origin_content_size: 8,
        downstream_status: 200,
        downstream_content_size: 8,
        ..AccessEvent::default()
    }
}

/// The event of a request that no router matched.
fn unmatched() -> AccessEvent<'static> {
    AccessEvent {
        router_name: None,
        service_name: None,
        service_url: None,
        service_addr: None,
        request_addr: "none.test",
        request_count: 2,
        origin_status: 0,
        origin_duration: Duration::ZERO,
        origin_content_size: 0,
        downstream_status: 404,
        downstream_content_size: 19,
        ..proxied()
    }
}

struct Fixture {
    dir: tempfile::TempDir,
    path: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/today/access.log");
        Self { dir, path }
    }

    fn options(&self, format: &str) -> AccessLogOptions {
        let file_path = Some(self.path.clone());
        AccessLogOptions { file_path, format: format.to_owned(), ..AccessLogOptions::default() }
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(left, right)| (left.to_string(), right.to_string())).collect()
}

/// Logs one event with these options, on a machine in `zone`, and compares the line.
fn check_in(zone: &str, format: &str, fields: &AccessLogFields, event: &AccessEvent<'_>, expected: &str) {
    let fixture = Fixture::new();
    let options = AccessLogOptions { fields: fields.clone(), ..fixture.options(format) };
    let log = AccessLog::with_zone(&options, TimeZone::get(zone).unwrap()).unwrap();
    log.log(event);
    assert!(log.close(SOON));
    let line = fs::read(&fixture.path).unwrap();
    assert_eq!(String::from_utf8_lossy(&line), format!("{expected}\n"), "{fields:?}");
}

fn check(format: &str, fields: &AccessLogFields, event: &AccessEvent<'_>, expected: &str) {
    check_in("UTC", format, fields, event, expected);
}

fn keep_headers() -> AccessLogFields {
    let headers = AccessLogHeaders { default_mode: "keep".to_owned(), names: Vec::new() };
    AccessLogFields { headers, ..AccessLogFields::default() }
}

fn names(names: &[(&str, &str)]) -> AccessLogFields {
    AccessLogFields { names: pairs(names), ..AccessLogFields::default() }
}

#[test]
fn json_with_headers_in_another_zone() {
    let request = headers(&[
        ("referer", b"http://r/\"q\"\\"),
        ("user-agent", b"my \"agent\"\\ \xe9"),
        ("x-bin", b"a\xffb"),
        ("x-forwarded-host", b"one.test"),
        ("x-real-ip", b"127.0.0.1"),
    ]);
    let response =
        headers(&[("content-type", b"text/plain"), ("etag", b"\"x\""), ("x-multi", b"a"), ("x-multi", b"b")]);
    let answered = LoggedHeaders { fields: &response, content_length: Some(8) };
    let event = AccessEvent {
        request_headers: Some(LoggedHeaders::from(&request)),
        origin_headers: Some(answered),
        downstream_headers: Some(answered),
        ..proxied()
    };
    let expected = concat!(
        r#"{"ClientAddr":"127.0.0.1:56230","ClientHost":"127.0.0.1","ClientPort":"56230","ClientUsername":"-","#,
        r#""DownstreamContentSize":8,"DownstreamStatus":200,"Duration":1322658,"OriginContentSize":8,"#,
        r#""OriginDuration":1257543,"OriginStatus":200,"Overhead":65115,"RequestAddr":"one.test","#,
        r#""RequestContentSize":0,"RequestCount":1,"RequestHost":"one.test","RequestMethod":"GET","#,
        r#""RequestPath":"/a?b=c\u0026d=\u003cx\u003e","RequestPort":"-","RequestProtocol":"HTTP/1.1","#,
        r#""RequestScheme":"http","RetryAttempts":0,"RouterName":"r1@file","ServiceAddr":"127.0.0.1:26511","#,
        r#""ServiceName":"s1@file","ServiceURL":"http://127.0.0.1:26511","#,
        r#""StartLocal":"2026-11-24T20:42:54.943792022+05:30","StartUTC":"2026-11-24T15:12:54.943792022Z","#,
        r#""downstream_Content-Length":"8","downstream_Content-Type":"text/plain","#,
        r#""downstream_Etag":"\"x\"","downstream_X-Multi":"a,b","entryPointName":"web","level":"info","msg":"","#,
        r#""origin_Content-Length":"8","origin_Content-Type":"text/plain","origin_Etag":"\"x\"","#,
        r#""origin_X-Multi":"a,b","request_Referer":"http://r/\"q\"\\","#,
        r#""request_User-Agent":"my \"agent\"\\ \ufffd","request_X-Bin":"a\ufffdb","#,
        r#""request_X-Forwarded-Host":"one.test","request_X-Real-Ip":"127.0.0.1","#,
        r#""time":"2026-11-24T20:42:54+05:30"}"#,
    );
    check_in("Asia/Kolkata", "json", &keep_headers(), &event, expected);
}

/// The line of an unmatched request with this user, and these parts among the others.
fn unmatched_json(user: &str, reason: &str, tls: &str) -> String {
    format!(
        concat!(
            r#"{{"ClientAddr":"127.0.0.1:56230","ClientHost":"127.0.0.1","ClientPort":"56230","#,
            r#""ClientUsername":"{}","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":1322658,"#,
            r#""GzipRatio":0,"OriginContentSize":0,"OriginDuration":0,"OriginStatus":0,"Overhead":1322658,{}"#,
            r#""RequestAddr":"none.test","RequestContentSize":0,"RequestCount":2,"RequestHost":"none.test","#,
            r#""RequestMethod":"GET","RequestPath":"/a?b=c\u0026d=\u003cx\u003e","RequestPort":"-","#,
            r#""RequestProtocol":"HTTP/1.1","RequestScheme":"http","RetryAttempts":0,"#,
            r#""StartLocal":"2026-11-24T15:12:54.943792022Z","StartUTC":"2026-11-24T15:12:54.943792022Z",{}"#,
            r#""entryPointName":"web","level":"info","msg":"","time":"2026-11-24T15:12:54Z"}}"#,
        ),
        user, reason, tls
    )
}

#[test]
fn json_of_answers_without_a_server() {
    let fields = AccessLogFields::default();
    let subject = Some("CN=client1,O=Test");
    let tls = Some(TlsDetails { version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", client_subject: subject });
    let tls_text =
        r#""TLSCipher":"TLS_AES_128_GCM_SHA256","TLSClientSubject":"CN=client1,O=Test","TLSVersion":"1.3","#;
    let cases = [
        (unmatched(), unmatched_json("-", "", "")),
        (AccessEvent { client_username: Some(""), ..unmatched() }, unmatched_json("", "", "")),
        (AccessEvent { client_username: Some("a\n\"b"), ..unmatched() }, unmatched_json("a\\n\\\"b", "", "")),
        (
            AccessEvent { reason: Some("no_route"), ..unmatched() },
            unmatched_json("-", r#""Reason":"no_route","#, ""),
        ),
        (AccessEvent { tls, ..unmatched() }, unmatched_json("-", "", tls_text)),
    ];
    for (event, expected) in &cases {
        check("json", &fields, event, expected);
    }
}

#[test]
fn json_with_chosen_fields() {
    let rest = r#""level":"info","msg":"","time":"2026-11-24T15:12:54Z"}"#;
    let addresses = AccessEvent {
        client_addr: "[::1]:4711",
        forwarded_for: Some("9.9.9.9, 8.8.8.8"),
        request_addr: "[::1]:99",
        origin_content_size: 10,
        downstream_content_size: 39,
        ..proxied()
    };
    // (names that are kept, with `defaultMode: drop`; query mode; the line's own part)
    let cases: &[(Names, &str, &str)] = &[
        (&[], "", ""),
        (&[("clienthost", "keep")], "", r#""ClientHost":"9.9.9.9, 8.8.8.8","#),
        (&[("ClientPort", "KEEP"), ("RouterName", "redact")], "", ""),
        (
            &[("level", "drop"), ("time", "drop"), ("ENTRYPOINTNAME", "keep")],
            "",
            r#""entryPointName":"web","#,
        ),
        (
            &[("RequestHost", "keep"), ("RequestPort", "keep")],
            "",
            r#""RequestHost":"::1","RequestPort":"99","#,
        ),
        (&[("ClientPort", "keep")], "", r#""ClientPort":"4711","#),
        (&[("GzipRatio", "keep")], "", r#""GzipRatio":0.2564102564102564,"#),
        (&[("RequestPath", "keep")], "drop", r#""RequestPath":"/a","#),
        (&[("RequestPath", "keep")], "redact", r#""RequestPath":"/a?b=c\u0026d=\u003cx\u003e","#),
    ];
    for (kept, query, expected) in cases {
        let fields = AccessLogFields {
            default_mode: "drop".to_owned(),
            query_parameters_mode: query.to_string(),
            ..names(kept)
        };
        check("json", &fields, &addresses, &format!("{{{expected}{rest}"));
    }
}

#[test]
fn unknown_words_count_as_the_default() {
    let fields = AccessLogFields {
        default_mode: "DROP".to_owned(),
        query_parameters_mode: "Drop".to_owned(),
        ..names(&[("ClientHost", "Drop"), ("RouterName", "blah"), ("Nonsense", "drop")])
    };
    let expected = concat!(
        r#"127.0.0.1 - - [24/Nov/2026:15:12:54 +0000] "GET /a?b=c&d=<x> HTTP/1.1" 200 8 "-" "-" 1 "#,
        r#""r1@file" "http://127.0.0.1:26511" 1ms"#,
    );
    for format in ["", "common", "JSON", "wat"] {
        check(format, &fields, &proxied(), expected);
    }
}

#[test]
fn common_log_format() {
    const START: &str = r#"127.0.0.1 - - [24/Nov/2026:15:12:54 +0000] "GET /a?b=c&d=<x> HTTP/1.1""#;
    let request = headers(&[("referer", b"http://r/\"q\"\\"), ("user-agent", b"a"), ("user-agent", b"b\"")]);
    let with_headers = AccessEvent { request_headers: Some(LoggedHeaders::from(&request)), ..proxied() };
    let user = AccessEvent { client_username: Some("wrong \"user"), ..unmatched() };
    let redact = AccessLogHeaders {
        default_mode: "drop".to_owned(),
        names: pairs(&[("user-agent", "redact"), ("referer", "keep")]),
    };
    let redact = AccessLogFields { headers: redact, ..AccessLogFields::default() };
    let path_only =
        AccessLogFields { query_parameters_mode: "drop".to_owned(), ..AccessLogFields::default() };
    let all = AccessLogFields::default();
    let (served, local) = (r#"1 "r1@file" "http://127.0.0.1:26511" 1ms"#, r#"2 "-" "-" 1ms"#);
    let by_user = START.replace("- -", "- wrong \"user");
    let without_query = START.replace("?b=c&d=<x>", "");
    // (options, request, the line up to the user agent, the rest of it)
    let cases: &[(&AccessLogFields, &AccessEvent<'_>, String, &str)] = &[
        (&all, &proxied(), format!(r#"{START} 200 8 "-" "-""#), served),
        (&all, &unmatched(), format!(r#"{START} 404 19 "-" "-""#), local),
        (&all, &with_headers, format!(r#"{START} 200 8 "-" "-""#), served),
        (&keep_headers(), &with_headers, format!(r#"{START} 200 8 "http://r/\"q\"\" "a,b\"""#), served),
        (&redact, &with_headers, format!(r#"{START} 200 8 "http://r/\"q\"\" "REDACTED""#), served),
        (&redact, &proxied(), format!(r#"{START} 200 8 "-" "-""#), served),
        (&all, &user, format!(r#"{by_user} 404 19 "-" "-""#), local),
        (&path_only, &proxied(), format!(r#"{without_query} 200 8 "-" "-""#), served),
    ];
    for (fields, event, generic, rest) in cases {
        check("genericCLF", fields, event, generic);
        check("common", fields, event, &format!("{generic} {rest}"));
    }
}

#[test]
fn common_log_format_with_dropped_fields() {
    const LINE: &str = concat!(
        r#"127.0.0.1 - bob [24/Nov/2026:15:12:54 +0000] "GET /a?b=c&d=<x> HTTP/1.1" 200 8 "-" "-" 1 "#,
        r#""r1@file" "http://127.0.0.1:26511" 1ms"#,
    );
    let event = AccessEvent { client_username: Some("bob"), ..proxied() };
    // (dropped field, the part of the line that changes, what it becomes)
    let cases = [
        ("ClientHost", "127.0.0.1 - bob", "- - bob"),
        ("ClientUsername", "bob", "-"),
        ("StartUTC", "24/Nov/2026:15:12:54 +0000", "24/Nov/2026:20:42:54 +0530"),
        ("StartLocal", "", ""),
        ("RequestMethod", "GET", "-"),
        ("RequestPath", "/a?b=c&d=<x>", "-"),
        ("RequestProtocol", "HTTP/1.1", "-"),
        ("OriginStatus", "", ""),
        ("OriginContentSize", "", ""),
        ("DownstreamStatus", "200", "-"),
        ("DownstreamContentSize", " 8 ", " - "),
        ("RequestCount", " 1 ", " - "),
        ("RouterName", "r1@file", "-"),
        ("ServiceURL", "http://127.0.0.1:26511", "-"),
        ("Duration", "1ms", "0ms"),
    ];
    for (field, part, replaced) in cases {
        let expected = if part.is_empty() { LINE.to_owned() } else { LINE.replacen(part, replaced, 1) };
        check_in("Asia/Kolkata", "common", &names(&[(field, "drop")]), &event, &expected);
    }
    let none = AccessLogFields { default_mode: "drop".to_owned(), ..AccessLogFields::default() };
    check("common", &none, &event, r#"- - - [-] "- - -" - - "-" "-" - "-" "-" 0ms"#);
}

#[test]
fn line_breaks_are_escaped() {
    let event =
        AccessEvent { client_username: Some("a\n\x01b"), forwarded_for: Some("c\r\nd"), ..unmatched() };
    let expected =
        r#"c\r\nd - a\n\x01b [24/Nov/2026:15:12:54 +0000] "GET /a?b=c&d=<x> HTTP/1.1" 404 19 "-" "-""#;
    check("genericCLF", &AccessLogFields::default(), &event, expected);
}

#[test]
fn headers_are_asked_for_only_where_they_are_written() {
    // (format, default mode, names, needs those of requests, of responses)
    let cases: &[(&str, &str, Names, bool, bool)] = &[
        ("json", "drop", &[], false, false),
        ("json", "drop", &[("x-a", "drop")], false, false),
        ("json", "drop", &[("x-a", "redact")], true, true),
        ("json", "keep", &[], true, true),
        ("common", "drop", &[], false, false),
        ("common", "drop", &[("x-a", "keep")], false, false),
        ("common", "drop", &[("User-Agent", "redact")], true, false),
        ("genericCLF", "redact", &[("referer", "drop")], true, false),
        ("genericCLF", "keep", &[("referer", "drop"), ("user-agent", "drop")], false, false),
    ];
    for &(format, default_mode, names, request, response) in cases {
        let fixture = Fixture::new();
        let headers = AccessLogHeaders { default_mode: default_mode.to_owned(), names: pairs(names) };
        let fields = AccessLogFields { headers, ..AccessLogFields::default() };
        let log = AccessLog::new(&AccessLogOptions { fields, ..fixture.options(format) }).unwrap();
        let needs = (log.needs_request_headers(), log.needs_response_headers());
        assert_eq!(needs, (request, response), "{format} {default_mode} {names:?}");
    }
}

#[test]
fn filtered_requests_leave_no_line() {
    let fixture = Fixture::new();
    let filters = AccessLogFilters { status_codes: vec!["400-499".to_owned()], ..Default::default() };
    let log = AccessLog::new(&AccessLogOptions { filters, ..fixture.options("common") }).unwrap();
    log.log(&proxied());
    log.log(&unmatched());
    assert!(log.close(SOON));
    assert!(fixture.read().contains(" 404 ") && fixture.read().lines().count() == 1);
}

#[test]
fn lines_arrive_in_time() {
    let fixture = Fixture::new();
    let log = AccessLog::new(&fixture.options("json")).unwrap();
    let started = Instant::now();
    log.log(&proxied());
    while fixture.read().is_empty() {
        assert!(started.elapsed() < SOON, "the line never arrives by itself");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(fixture.read().ends_with("\"}\n"));
}

#[test]
fn the_file_is_made_and_appended_to() {
    let fixture = Fixture::new();
    for count in 1..=2 {
        let log = AccessLog::new(&fixture.options("common")).unwrap();
        log.clone().log(&proxied());
        // The last handle writes what is left.
        drop(log);
        assert_eq!(fixture.read().lines().count(), count);
    }
    let mode = fs::metadata(&fixture.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o600, 0o600);
    assert_eq!(mode & 0o113, 0, "{mode:o} is more than 0664");
}

#[test]
fn requests_are_counted_from_one() {
    let fixture = Fixture::new();
    let log = AccessLog::new(&fixture.options("common")).unwrap();
    let clone = log.clone();
    assert_eq!([log.count_request(), clone.count_request(), log.count_request()], [1, 2, 3]);
}

#[test]
fn reopening_after_a_rename() {
    let fixture = Fixture::new();
    let log = AccessLog::new(&fixture.options("genericCLF")).unwrap();
    let old = fixture.dir.path().join("old.log");
    log.log(&proxied());
    fs::rename(&fixture.path, &old).unwrap();
    log.log(&AccessEvent { request_method: "POST", ..proxied() });
    log.reopen().unwrap();
    log.log(&AccessEvent { request_method: "PUT", ..proxied() });
    assert!(log.flush(SOON));
    let methods = |path: &Path| -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| line.split(['"', ' ']).nth(6).unwrap().to_owned()).collect()
    };
    assert_eq!(
        (methods(&old), methods(&fixture.path)),
        (vec!["GET".into(), "POST".into()], vec!["PUT".into()])
    );
}

#[test]
fn reopening_fails() {
    let fixture = Fixture::new();
    let log = AccessLog::new(&fixture.options("common")).unwrap();
    fs::remove_file(&fixture.path).unwrap();
    fs::create_dir(&fixture.path).unwrap();
    assert!(matches!(log.reopen(), Err(AccessLogError::Open { .. })));
    log.log(&proxied());
    assert!(log.close(SOON));
    assert_eq!(log.dropped_lines(), 0);
}

#[test]
fn unusable_files_are_refused() {
    let fixture = Fixture::new();
    fs::write(fixture.dir.path().join("logs"), "not a directory").unwrap();
    let error = AccessLog::new(&fixture.options("common")).map(|_| ()).unwrap_err();
    assert!(matches!(error, AccessLogError::Directory { .. }), "{error}");
    assert!(error.to_string().contains("logs/today/access.log"), "{error}");

    let options = AccessLogOptions { file_path: Some("/".into()), ..Default::default() };
    assert!(matches!(AccessLog::new(&options).map(|_| ()), Err(AccessLogError::Open { .. })));
}

#[test]
fn two_logs_in_one_thread_keep_their_time_zones() {
    let (fixture, other) = (Fixture::new(), Fixture::new());
    let fields = AccessLogFields { default_mode: "drop".to_owned(), ..names(&[("StartLocal", "keep")]) };
    let log = |fixture: &Fixture, zone| {
        let options = AccessLogOptions { fields: fields.clone(), ..fixture.options("genericCLF") };
        AccessLog::with_zone(&options, TimeZone::get(zone).unwrap()).unwrap()
    };
    let (first, second) = (log(&fixture, "UTC"), log(&other, "Asia/Kolkata"));
    for _ in 0..2 {
        first.log(&proxied());
        second.log(&proxied());
    }
    assert!(first.close(SOON) && second.close(SOON));
    assert!(fixture.read().lines().all(|line| line.contains("15:12:54 +0000")));
    assert!(other.read().lines().all(|line| line.contains("20:42:54 +0530")));
}
