//! `api@internal` and `dashboard@internal`: workers hand the questions to the control plane, which knows the answers.

use std::time::Duration;

use ferroway_api::{Answer, Api, Facts, Question, Target};
use ferroway_config::static_config::{Static, TRAEFIK_ENTRY_POINT};
use ferroway_core::{Body, LocalBoxFuture, Reason, RequestHead, Response, respond_text};
use ferroway_services::InternalService;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::sync::{mpsc, oneshot};

/// How many questions may wait. What comes beyond is refused, so that nobody can make the control plane fall behind.
const QUEUE: usize = 32;

/// How long an answer may take: longer than building the largest configuration does.
const PATIENCE: Duration = Duration::from_secs(10);

/// A question and who waits for the answer.
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) reply: oneshot::Sender<Answer>,
}

/// Where questions are put.
#[derive(Debug, Clone)]
pub(crate) struct Desk(mpsc::Sender<Asked>);

/// A desk, and the other side of it.
pub(crate) fn desk() -> (Desk, mpsc::Receiver<Asked>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Desk(sender), receiver)
}

impl Desk {
    /// The service that asks there.
    pub(crate) fn service(&self, target: Target) -> impl InternalService + use<> {
        Asking { desk: self.clone(), target }
    }
}

/// A service that asks the control plane.
struct Asking {
    desk: Desk,
    target: Target,
}

impl InternalService for Asking {
    fn call<'a>(&'a self, head: &'a RequestHead) -> LocalBoxFuture<'a, Response> {
        Box::pin(self.ask(head))
    }
}

impl Asking {
    async fn ask(&self, head: &RequestHead) -> Response {
        let prefix = head.headers.get(HeaderName::from_static("x-forwarded-prefix"));
        let question = Question {
            target: self.target,
            method: head.method.clone(),
            path: head.target.path().to_owned(),
            query: head.target.query().unwrap_or_default().to_owned(),
            prefix: prefix.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        if self.desk.0.try_send(Asked { question, reply }).is_err() {
            return unavailable("the control plane has too many questions to answer");
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => response(answer),
            _ => unavailable("the control plane did not answer in time"),
        }
    }
}

fn unavailable(words: &str) -> Response {
    respond_text(StatusCode::SERVICE_UNAVAILABLE, Reason::Internal, words)
}

fn response(answer: Answer) -> Response {
    let mut response = Response::local(answer.status, Reason::Internal);
    for (name, value) in answer.headers {
        // A name of an object may hold what no header may.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.head.headers.insert(HeaderName::from_static(name), value);
        }
    }
    if !answer.body.is_empty() {
        response.body = Body::full(answer.body);
    }
    response
}

/// The API for a static configuration.
pub(crate) fn api(config: &Static) -> Api {
    let started = time_text(std::time::SystemTime::now());
    Api::new(Facts::new(
        config,
        env!("CARGO_PKG_VERSION"),
        started,
        super::context::internal_services(config),
    ))
}

fn time_text(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time).map(|time| time.to_string()).unwrap_or_default()
}

/// Tells when the API answers to whoever reaches the entry point, and others can.
pub(crate) fn warn_if_exposed(config: &Static) {
    if !config.api.as_ref().is_some_and(|api| api.insecure) {
        return;
    }
    let all = config.all_entry_points();
    let Some(point) = all.get(TRAEFIK_ENTRY_POINT) else { return };
    let is_local = point.parsed_address().is_ok_and(|address| is_loopback(&address.host));
    if !is_local {
        tracing::warn!(
            entryPointName = TRAEFIK_ENTRY_POINT,
            "api.insecure: everybody who reaches {} sees the whole configuration; give the entry point an address such \
             as 127.0.0.1:8080, or leave api.insecure out and route to api@internal with a middleware that asks who it is",
            point.address
        );
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses() {
        for (host, expected) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("[::1]", true),
            ("localhost", true),
            ("", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }

    #[tokio::test]
    async fn questions_that_nobody_takes_are_refused() {
        let (desk, questions) = desk();
        let service = desk.service(Target::Api);
        let head = RequestHead {
            method: http::Method::GET,
            target: ferroway_core::Target::root(),
            version: http::Version::HTTP_11,
            host: HeaderValue::from_static("a"),
            headers: ferroway_core::HeaderList::new(),
            connection: Vec::new(),
            upgrade: None,
            accepts_trailers: false,
        };
        drop(questions);
        assert_eq!(service.call(&head).await.head.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
