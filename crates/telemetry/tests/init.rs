//! The log of the whole process, installed once: the reason why this test is alone in its file.

use ferroway_telemetry::{LogError, LogLevel, LogOptions, init};

#[test]
fn one_log_for_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs/main.log");
    let options = LogOptions {
        level: "loud".to_owned(),
        format: "json".to_owned(),
        file_path: Some(path.clone()),
        ..LogOptions::default()
    };
    let handle = init(&options).unwrap();
    assert_eq!(handle.level(), LogLevel::Error);
    let line: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&line["level"], &line["logLevel"]), (&"error".into(), &"loud".into()));
    assert!(line["error"].as_str().unwrap().contains("expected TRACE, DEBUG"), "{line}");

    assert!(matches!(init(&options), Err(LogError::Installed)));

    // A value that logs while it is being logged.
    struct Chatty;
    impl std::fmt::Display for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::error!("inner");
            f.write_str("value")
        }
    }
    tracing::error!(field = %Chatty, "outer");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"message\":\"inner\"") && text.contains("\"field\":\"value\""), "{text}");

    // The target of the second event is this test, not a crate of ferroway: it is held to warnings.
    handle.set_level(LogLevel::Debug);
    tracing::debug!(target: "ferroway_core", "ours");
    tracing::debug!("another crate's");
    std::fs::rename(&path, dir.path().join("old.log")).unwrap();
    handle.reopen().unwrap();
    tracing::warn!("after");
    handle.finish();
    let old = std::fs::read_to_string(dir.path().join("old.log")).unwrap();
    assert!(old.contains("ours") && !old.contains("another"), "{old}");
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"message\":\"after\""));
}
