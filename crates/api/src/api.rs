//! From questions to answers.

use ferroway_config::encode::{Object, string};
use http::{Method, StatusCode};

use crate::answer::Answer;
use crate::entry::Form;
use crate::facts::Facts;
use crate::list::{page, select};
use crate::query::{Query, unescape};
use crate::ready::Readiness;
use crate::view::{List, Running, View, write};
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
    pub fn answer(&mut self, question: &Question, running: &Running<'_>, readiness: &Readiness) -> Answer {
        if self.version != running.version {
            (self.version, self.view) = (running.version, None);
        }
        match question.target {
            Target::Api => self.of_api(question, running, readiness),
            Target::Dashboard if question.path == "/ready" => {
                only_get(question, || ready::answer(readiness, &Query::parse(&question.query)))
            }
            // The prefix was taken off by a middleware.
            Target::Dashboard if matches!(&*question.path, "" | "/") => self.page(question, running),
            Target::Dashboard => Answer::nothing().with("content-security-policy", DASHBOARD_POLICY),
        }
    }

    fn of_api(&mut self, question: &Question, running: &Running<'_>, readiness: &Readiness) -> Answer {
        let base = self.facts.base();
        if self.facts.has_dashboard() && (question.path == base || (base.is_empty() && question.path == "/"))
        {
            let location = format!("{}{base}/dashboard/", forwarded_prefix(&question.prefix));
            return only_get(question, || Answer::redirect(&location));
        }
        let Some(path) = question.path.strip_prefix(base) else { return Answer::nothing() };
        let query = Query::parse(&question.query);
        if path == "/ready" {
            return only_get(question, || ready::answer(readiness, &query));
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
        self.of_path(question, &path, &query, running, readiness)
    }

    fn page(&mut self, question: &Question, running: &Running<'_>) -> Answer {
        let facts = &self.facts;
        let view = &*self.view.get_or_insert_with(|| View::new(facts, running));
        let shown = dashboard::Shown { facts, view, servers: running.servers, sources: running.sources };
        only_get(question, || dashboard::answer(&shown, &Query::parse(&question.query)))
    }

    fn of_path(
        &mut self,
        question: &Question,
        path: &str,
        query: &Query,
        running: &Running<'_>,
        readiness: &Readiness,
    ) -> Answer {
        match path {
            "version" => return only_get(question, || self.version()),
            // The same as above: where only `/api` leads here.
            "ready" => return only_get(question, || ready::answer(readiness, query)),
            "entrypoints" => return only_get(question, || entry_points::all(&self.facts, query)),
            _ => {}
        }
        if let Some(name) = path.strip_prefix("entrypoints/") {
            return named(question, name, "entryPointID", |name| entry_points::one(&self.facts, name));
        }
        let list = List::ALL.into_iter().find(|list| path.starts_with(list.path()));
        let of_certificates = path == "certificates" || path.starts_with("certificates/");
        if list.is_none() && !of_certificates && !matches!(path, "overview" | "rawdata" | "support-dump") {
            return Answer::nothing();
        }
        let facts = &self.facts;
        let view = &*self.view.get_or_insert_with(|| View::new(facts, running));
        let servers = running.servers;
        let form = Form { is_listed: true, has_details: query.get("details") == "true" };
        if let Some(name) = path.strip_prefix("certificates/") {
            // Not unescaped: its name is hexadecimal.
            return named(question, name, "certificateID", |name| {
                certificates::one(&view.certificates, name, running.now)
            });
        }
        match (path, list) {
            ("certificates", _) => {
                only_get(question, || certificates::all(&view.certificates, query, running.now))
            }
            ("overview", _) => only_get(question, || overview::answer(facts, view, running.now)),
            ("rawdata", _) => {
                only_get(question, || Answer::json(rawdata::encode(view, servers, form.has_details)))
            }
            ("support-dump", _) => only_get(question, || support::answer(facts, view, servers, running.now)),
            (path, Some(list)) if path == list.path() => only_get(question, || {
                let chosen = select(list, view.list(list), query);
                page(&chosen, query, |out, entry| write(out, list, entry, servers, form))
            }),
            (path, Some(list)) => {
                let Some(name) = path[list.path().len()..].strip_prefix('/') else {
                    return Answer::nothing();
                };
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
