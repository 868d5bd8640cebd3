//! What a line of the access log costs: CPU time of the whole process for each line, its writer included.
//!
//! `cargo run --release -p ferroway-telemetry --example access_line [lines] [threads] [file]`

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use ferroway_core::HeaderList;
use ferroway_telemetry::{
    AccessEvent, AccessLog, AccessLogFields, AccessLogFilters, AccessLogHeaders, AccessLogOptions,
    LoggedHeaders,
};
use http::{HeaderName, HeaderValue};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (lines, threads): (u64, u64) = (number(2_000_000), number(1));
    let path = arguments.next().map_or_else(|| std::env::temp_dir().join("access_line.log"), PathBuf::from);
    let keep = AccessLogHeaders { default_mode: "keep".to_owned(), names: Vec::new() };
    let with_headers = AccessLogFields { headers: keep, ..AccessLogFields::default() };
    let slow = AccessLogFilters { min_duration: Duration::from_secs(9), ..AccessLogFilters::default() };
    let scenarios = [
        ("json", "json", AccessLogFields::default(), AccessLogFilters::default()),
        ("json, 24 headers", "json", with_headers, AccessLogFilters::default()),
        ("common", "common", AccessLogFields::default(), AccessLogFilters::default()),
        ("filtered out", "json", AccessLogFields::default(), slow),
    ];
    for (name, format, fields, filters) in scenarios {
        let (format, file_path) = (format.to_owned(), Some(path.clone()));
        let options = AccessLogOptions { file_path, format, fields, filters, ..AccessLogOptions::default() };
        let report = measure(&options, lines, threads);
        writeln!(std::io::stdout(), "{name:<18} {report}")?;
        std::fs::remove_file(&path)?;
    }
    Ok(())
}

fn measure(options: &AccessLogOptions, lines: u64, threads: u64) -> String {
    let log = AccessLog::new(options).expect("the file can be opened");
    let (cpu, started) = (cpu_time(), Instant::now());
    let producing = std::thread::scope(|scope| {
        let produce = || {
            let before = thread_time();
            produce(&log, lines / threads);
            thread_time() - before
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(produce)).collect();
        workers.into_iter().map(|worker| worker.join().expect("the worker does not panic")).sum::<Duration>()
    });
    assert!(log.close(Duration::from_secs(60)), "the writer does not keep up");
    let (cpu, wall) = (cpu_time() - cpu, started.elapsed());
    let per_line = |time: Duration| time.as_nanos() / u128::from(lines);
    let dropped = log.dropped_lines();
    format!(
        "{:>5} ns CPU per line ({:>4} ns of it in the logging threads), {wall:.2?} wall, {dropped} dropped",
        per_line(cpu),
        per_line(producing),
    )
}

fn produce(log: &AccessLog, lines: u64) {
    let header = |name: String| {
        (HeaderName::try_from(name).expect("valid name"), HeaderValue::from_static("some value"))
    };
    let request: HeaderList = (0..12).map(|number| header(format!("x-request-field-{number}"))).collect();
    let response: HeaderList = (0..6).map(|number| header(format!("x-response-field-{number}"))).collect();
    let (request, response) = (LoggedHeaders::from(&request), LoggedHeaders::from(&response));
    for _ in 0..lines {
        log.log(&AccessEvent {
            start: SystemTime::now(),
            duration: Duration::from_nanos(1_322_658),
            entry_point_name: "web",
            router_name: Some("r1@file"),
            service_name: Some("s1@file"),
            service_url: Some("http://127.0.0.1:26511"),
            service_addr: Some("127.0.0.1:26511"),
            client_addr: "127.0.0.1:56230",
            request_addr: "one.test:8080",
            request_method: "GET",
            request_path: "/some/path/to/a/resource?with=a&query=string",
            request_protocol: "HTTP/1.1",
            request_scheme: "http",
            request_count: log.count_request(),
            origin_status: 200,
            origin_duration: Duration::from_nanos(1_257_543),
            origin_content_size: 1_234,
            downstream_status: 200,
            downstream_content_size: 1_234,
            request_headers: log.needs_request_headers().then_some(request),
            origin_headers: log.needs_response_headers().then_some(response),
            downstream_headers: log.needs_response_headers().then_some(response),
            ..AccessEvent::default()
        });
    }
}

fn cpu_time() -> Duration {
    time_of(rustix::time::ClockId::ProcessCPUTime)
}

fn thread_time() -> Duration {
    time_of(rustix::time::ClockId::ThreadCPUTime)
}

fn time_of(clock: rustix::time::ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
