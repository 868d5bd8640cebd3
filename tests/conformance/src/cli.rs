//! Running the router on the command line and watching what it says and how it ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use regex::RegexBuilder;
use serde_json::{Map, Value, json};

use crate::candidate::{Candidate, into_file};
use crate::cases::Cli;
use crate::client::{Answer, Client};
use crate::json::Names;
use crate::request::Request;

/// Runs the program and observes its exit status and which patterns its output matches.
///
/// # Errors
/// When the program cannot be started or a pattern is not a regular expression.
pub async fn run(step: &Cli, binary: &Path, folder: &Path, names: &Names, client: &Client) -> Result<Value> {
    let args = step.args.iter().map(|arg| names.fill(arg)).collect::<Result<Vec<_>>>()?;
    let output = folder.join("cli.log");
    let mut process = Candidate::start(binary, &args, &BTreeMap::new(), folder, || into_file(&output))?;
    let exit = match process.wait(Duration::try_from_secs_f64(step.timeout)?).await {
        Some(status) => json!(status),
        None if listens(client).await => json!("still running, listens"),
        None => json!("still running, does not listen"),
    };
    process.kill();
    process.wait(Duration::from_secs(5)).await;
    let text = crate::text::text(&std::fs::read(&output)?);
    let mut has = Map::new();
    for pattern in &step.patterns {
        let regex = RegexBuilder::new(pattern).case_insensitive(true).multi_line(true).build()?;
        has.insert(pattern.clone(), json!(regex.is_match(&text)));
    }
    Ok(json!({"exit": exit, "has": has}))
}

/// Whether something answers on the entry point `web`.
async fn listens(client: &Client) -> bool {
    let request = json!({"text": "GET http://x/", "timeout": 1});
    let request = Request::try_from(request).expect("the request is well-formed");
    !matches!(client.send(&request).await, Answer::None(_) | Answer::NoneOverTls(..))
}
