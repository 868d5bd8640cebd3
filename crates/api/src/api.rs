//! From questions to answers.

use ferroway_config::encode::{Object, string};
use http::{Method, StatusCode};

use crate::answer::Answer;
use crate::entry::Form;
use crate::facts::Facts;
use crate::list::{page, select};
use crate::query::{Query, unescape};
use crate::view::{List, Running, Seen, View, write};
use crate::{certificates, entry_points, overview, page as dashboard, rawdata, ready, support};

/// Traefik's header for everything of the dashboard.
pub(crate) const DASHBOARD_POLICY: &str = "frame-src 'self' https://traefik.io https://*.traefik.io;";

/// Which service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `api@internal`.
    Api,
    /// `dashboard@internal`.
    Dashboard,
}

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which service is asked.
    pub target: Target,
    /// The method.
    pub method: Method,
    /// The path, escaped.
    pub path: String,
    /// The query; empty without one.
    pub query: String,
    /// The prefix that a proxy or a middleware took off the path (`X-Forwarded-Prefix`).
    pub prefix: String,
}

/// The API.
#[derive(Debug)]
pub struct Api {
    facts: Facts,
    /// What the present snapshot shows, once somebody has asked.
    view: Option<View>,
    /// The version of it.
    version: i64,
}

impl Api {
    /// An API that was asked nothing yet.
    pub fn new(facts: Facts) -> Self {
        Self { facts, view: None, version: 0 }
    }

    /// Answers.
    pub fn answer(&mut self, question: &Question, running: &Running<'_>) -> Answer {
        if self.version != running.version {
            (self.version, self.view) = (running.version, None);
        }
        match question.target {
            Target::Api => self.of_api(question, running),
            Target::Dashboard if question.path == "/ready" => {
                only_get(question, || ready::answer(running.readiness, &Query::parse(&question.query)))
            }
            // The prefix was taken off by a middleware.
            Target::Dashboard if matches!(&*question.path, "" | "/") => self.page(question, running),
            Target::Dashboard => Answer::nothing().with("content-security-policy", DASHBOARD_POLICY),
        }
    }

    fn of_api(&mut self, question: &Question, running: &Running<'_>) -> Answer {
        let base = self.facts.base();
        if self.facts.has_dashboard() && (question.path == base || (base.is_empty() && question.path == "/"))
        {
            let location = format!("{}{base}/dashboard/", forwarded_prefix(&question.prefix));
            return only_get(question, || Answer::redirect(&location));
        }
        let Some(path) = question.path.strip_prefix(base) else { return Answer::nothing() };
        let query = Query::parse(&question.query);
        if path == "/ready" {
            return only_get(question, || ready::answer(running.readiness, &query));
        }
        if path == "/debug/vars" && self.facts.config.api.as_ref().is_some_and(|api| api.debug) {
            return only_get(question, || figures(running));
        }
        if self.facts.has_dashboard() && path == "/dashboard/" {
            return self.page(question, running);
        }
        if self.facts.has_dashboard() && path.starts_with("/dashboard/") {
            return only_get(question, || {
                Answer::nothing().with("content-security-policy", DASHBOARD_POLICY)
            });
        }
        let Some(path) = path.strip_prefix("/api/").map(str::to_owned) else { return Answer::nothing() };
        self.of_path(question, &path, &query, running)
    }

    fn page(&mut self, question: &Question, running: &Running<'_>) -> Answer {
        let seen = self.seen(running);
        only_get(question, || dashboard::answer(&seen, &Query::parse(&question.query)))
    }

    /// What the present snapshot shows, worked out if nobody has asked before.
    fn seen<'a>(&'a mut self, running: &'a Running<'a>) -> Seen<'a> {
        let facts = &self.facts;
        let view = self.view.get_or_insert_with(|| View::new(facts, running));
        Seen { facts, view, running }
    }

    fn of_path(&mut self, question: &Question, path: &str, query: &Query, running: &Running<'_>) -> Answer {
        match path {
            "version" => return only_get(question, || self.version()),
            // The same as above: where only `/api` leads here.
            "ready" => return only_get(question, || ready::answer(running.readiness, query)),
            "entrypoints" => return only_get(question, || entry_points::all(&self.facts, query)),
            _ => {}
        }
        if let Some(name) = path.strip_prefix("entrypoints/") {
            return named(question, name, "entryPointID", |name| entry_points::one(&self.facts, name));
        }
        if let Some(list) = List::ALL.into_iter().find(|list| path.starts_with(list.path())) {
            return of_list(&self.seen(running), question, list, &path[list.path().len()..], query);
        }
        let now = running.now;
        if let Some(name) = path.strip_prefix("certificates/") {
            // Not unescaped: its name is hexadecimal.
            let view = self.seen(running).view;
            return named(question, name, "certificateID", |name| {
                certificates::one(&view.certificates, name, now)
            });
        }
        match path {
            "certificates" => {
                let view = self.seen(running).view;
                only_get(question, || certificates::all(&view.certificates, query, now))
            }
            "overview" => {
                let seen = self.seen(running);
                only_get(question, || overview::answer(seen.facts, seen.view, now))
            }
            "rawdata" => {
                let view = self.seen(running).view;
                let raw = || rawdata::encode(view, running.servers, has_details(query));
                only_get(question, || Answer::json(raw()))
            }
            "support-dump" => {
                let seen = self.seen(running);
                only_get(question, || support::answer(&seen))
            }
            _ => Answer::nothing(),
        }
    }

    fn version(&self) -> Answer {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.with("Version", |out| string(out, self.facts.version));
        object.with("Codename", |out| string(out, "ferroway"));
        object.with("startDate", |out| string(out, &self.facts.started));
        if let Some(api) = &self.facts.config.api {
            if api.disable_dashboard_ad {
                object.with("disableDashboardAd", |out| out.extend_from_slice(b"true"));
            }
            object.text("dashboardName", &api.dashboard_name);
        }
        object.end();
        Answer::json_utf8(out)
    }
}

/// A list, or one of its objects; `rest` is what stands behind the list's own path.
fn of_list(seen: &Seen<'_>, question: &Question, list: List, rest: &str, query: &Query) -> Answer {
    let (view, servers) = (seen.view, seen.running.servers);
    let form = Form { is_listed: true, has_details: has_details(query) };
    if rest.is_empty() {
        return only_get(question, || {
            let chosen = select(list, view.list(list), query);
            page(&chosen, query, |out, entry| write(out, list, entry, servers, form))
        });
    }
    let Some(name) = rest.strip_prefix('/') else { return Answer::nothing() };
    let noun = list.noun();
    named(question, name, &format!("{noun}ID"), |name| match view.find(list, name) {
        Some(entry) => {
            let mut out = Vec::new();
            write(&mut out, list, entry, servers, form);
            Answer::json(out)
        }
        None => Answer::error(StatusCode::NOT_FOUND, &format!("{noun} not found: {name}")),
    })
}

/// Whether objects are to carry what Traefik does not have.
fn has_details(query: &Query) -> bool {
    query.get("details") == "true"
}

/// The answer about the object that the last part of a path names.
fn named(question: &Question, escaped: &str, what: &str, answer: impl FnOnce(&str) -> Answer) -> Answer {
    if escaped.is_empty() || escaped.contains('/') {
        return Answer::nothing();
    }
    only_get(question, || match unescape(escaped, false) {
        Some(name) => answer(&name),
        None => {
            let message = format!("unable to decode {what} {escaped:?}: invalid URL escape");
            Answer::error(StatusCode::BAD_REQUEST, &message)
        }
    })
}

/// Nothing can be changed, and Traefik does not answer `HEAD` either.
fn only_get(question: &Question, answer: impl FnOnce() -> Answer) -> Answer {
    if question.method == Method::GET { answer() } else { Answer::wrong_method() }
}

/// A prefix that names another host is no prefix.
fn forwarded_prefix(prefix: &str) -> &str {
    let names_host =
        prefix.starts_with("//") || prefix.split('/').next().is_some_and(|first| first.contains(':'));
    if names_host { "" } else { prefix.trim_end_matches('/') }
}

fn figures(running: &Running<'_>) -> Answer {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    for (name, figure) in running.figures {
        object.number(name, *figure);
    }
    object.end();
    Answer::json_utf8(out)
}
