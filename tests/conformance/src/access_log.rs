//! Access logs, with what differs from run to run masked.

use std::path::Path;
use std::time::Duration;

use regex::Regex;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::cases::{AccessLog, LogFormat};
use crate::play::READY;

/// How long a line may take to get into the file.
const SETTLE: Duration = Duration::from_millis(200);

/// Fields of the JSON format of which only the type counts.
const VOLATILE: [&str; 10] = [
    "ClientPort",
    "Duration",
    "OriginDuration",
    "Overhead",
    "RequestCount",
    "SpanId",
    "StartLocal",
    "StartUTC",
    "TraceId",
    "time",
];

/// The lines of a log, but for those of the readiness check.
pub async fn read(step: &AccessLog, folder: &Path) -> Value {
    sleep(SETTLE).await;
    let Ok(content) = std::fs::read_to_string(folder.join(&step.file)) else {
        return json!({"error": "no log file"});
    };
    let lines: Vec<&str> =
        content.lines().filter(|line| !line.trim().is_empty() && !line.contains(READY)).collect();
    let start = step.last.map_or(0, |last| lines.len().saturating_sub(last));
    let read = |line: &&str| match step.format {
        LogFormat::Json => json_line(line),
        LogFormat::Clf => Value::String(common_line(line)),
    };
    json!({"lines": lines[start..].iter().map(read).collect::<Vec<_>>()})
}

fn json_line(line: &str) -> Value {
    let Ok(entry) = serde_json::from_str::<Map<String, Value>>(line) else {
        return json!({"not json": line.chars().take(80).collect::<String>()});
    };
    let mask = |(key, value): (String, Value)| {
        let value = match &value {
            _ if !VOLATILE.contains(&key.as_str()) => value,
            Value::String(_) => json!("<text>"),
            Value::Number(_) => json!("<number>"),
            other => json!(format!("<{other}>")),
        };
        (key, value)
    };
    Value::Object(entry.into_iter().map(mask).collect())
}

fn common_line(line: &str) -> String {
    let time = Regex::new(r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]").expect("the pattern is valid");
    let duration = Regex::new(r" \d+ms$").expect("the pattern is valid");
    let count = Regex::new(r#"" (\d+) ""#).expect("the pattern is valid");
    let line = time.replace_all(line, "[<time>]");
    let line = duration.replace(&line, " <n>ms");
    count.replace_all(&line, "\" <count> \"").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_masked() {
        let line = r#"127.0.0.1 - - [24/Nov/2026:15:00:00 +0000] "GET /a HTTP/1.1" 200 9 "-" "-" 17 "r@file" "http://x" 3ms"#;
        let masked =
            r#"127.0.0.1 - - [<time>] "GET /a HTTP/1.1" 200 9 "-" "-" <count> "r@file" "http://x" <n>ms"#;
        assert_eq!(common_line(line), masked);
        let masked = json!({"Duration": "<number>", "StartUTC": "<text>", "RequestPath": "/a"});
        assert_eq!(json_line(r#"{"Duration":12,"StartUTC":"2026","RequestPath":"/a"}"#), masked);
        assert_eq!(json_line("plain"), json!({"not json": "plain"}));
    }
}
