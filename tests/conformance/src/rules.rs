//! Rule sets: many small routers and requests in a compact form, for rules alone.
//!
//! Each set gets an entry point of its own, so that its rules are tested unmodified and apart, and many sets share one
//! start of the router.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::cases::{self, Case, EntryPoint, Scenario, Step};
use crate::observe::{Rules, View};
use crate::request::{Content, Request};

/// Sets that share one start of the router.
const BATCH: usize = 100;

/// Backends `b1` to `b6` serve the routers of a set in order.
const BACKENDS: usize = 6;

/// The `rules` part of a case file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSets {
    sets: Vec<RuleSet>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RuleSet {
    name: String,
    /// The only rule, as a short form of `routers`.
    rule: Option<String>,
    /// Router options; the service is the backend of the same position unless they say otherwise.
    #[serde(default)]
    routers: Vec<Map<String, Value>>,
    rule_syntax: Option<String>,
    requests: Vec<Value>,
}

impl RuleSets {
    /// One scenario a batch of sets. The cases are filed under the name of their set.
    pub(crate) fn into_scenarios(self, group: &str) -> Result<Vec<Scenario>> {
        self.sets.chunks(BATCH).enumerate().map(|(number, sets)| scenario(group, number, sets)).collect()
    }
}

fn scenario(group: &str, number: usize, sets: &[RuleSet]) -> Result<Scenario> {
    let (mut routers, mut entry_points, mut cases) = (Map::new(), BTreeMap::new(), Vec::new());
    for (index, set) in sets.iter().enumerate() {
        let entry_point = format!("e{index}");
        for (position, options) in set.router_options().into_iter().enumerate() {
            let mut router = Map::from_iter([
                ("service".to_owned(), json!(format!("b{}", position % BACKENDS + 1))),
                ("entryPoints".to_owned(), json!([entry_point])),
            ]);
            router.extend(options);
            if let Some(syntax) = &set.rule_syntax {
                router.insert("ruleSyntax".to_owned(), json!(syntax));
            }
            routers.insert(format!("r{index:03}-{position}"), Value::Object(router));
        }
        for request in &set.requests {
            let case = case(group, &set.name, &entry_point, request);
            cases.push(case.with_context(|| format!("rule set {:?}: {request}", set.name))?);
        }
        entry_points.insert(entry_point, EntryPoint::default());
    }
    let services: Map<String, Value> = (1..=BACKENDS)
        .map(|n| (format!("b{n}"), json!({"loadBalancer": {"servers": [{"url": format!("@{{b{n}.url}}")}]}})))
        .collect();
    Ok(Scenario {
        group: group.to_owned(),
        name: format!("rules{number}"),
        needs: Vec::new(),
        entry_points,
        static_options: Map::new(),
        dynamic: Some(json!({"http": {"routers": routers, "services": services}})),
        files: BTreeMap::new(),
        env: BTreeMap::new(),
        args: None,
        ready: None,
        no_process: false,
        states: BTreeMap::new(),
        cases,
    })
}

impl RuleSet {
    fn router_options(&self) -> Vec<Map<String, Value>> {
        match &self.rule {
            Some(rule) => vec![Map::from_iter([("rule".to_owned(), json!(rule))])],
            None => self.routers.clone(),
        }
    }
}

/// A request of a set, with an optional `id` that names it instead of its own text.
fn case(group: &str, set: &str, entry_point: &str, request: &Value) -> Result<Case> {
    let mut form = request.clone();
    let id = form.as_object_mut().and_then(|fields| fields.remove("id"));
    let id = [id.as_ref(), Some(request), request.get("text"), request.get("url"), request.get("raw")]
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
        .context("the request has no id")?
        .to_owned();
    let mut request = Request::try_from(form).map_err(anyhow::Error::msg)?;
    entry_point.clone_into(&mut request.entry_point);
    let compare = Rules {
        view: View::Line,
        status_only_errors: matches!(request.content, Content::Raw(_)),
        ..Rules::default()
    };
    Ok(Case {
        key: cases::key(group, set, &id),
        section: set.to_owned(),
        id,
        needs: Vec::new(),
        steps: vec![Step::Send(request)],
        compare,
        states: BTreeMap::new(),
    })
}
