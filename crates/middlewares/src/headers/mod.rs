//! `headers`: sets and removes fields of requests and responses, CORS, and security headers.
//!
//! Three parts, in Traefik's order. On the way in: CORS preflight, custom request fields, allowed hosts. On the way
//! out: security fields, custom response fields, CORS fields; the later ones win.

mod cors;
mod custom;
mod secure;

use ferroway_config::dynamic;
use ferroway_core::{Exchange, Filter, Flow, HeaderList, Reason, RequestHead, ResponseHead, State, respond};
use http::{HeaderValue, StatusCode};

use crate::Problem;
use cors::Cors;
use custom::{RequestEdits, ResponseEdits};
use secure::{Nonce, Secure};

#[cfg(test)]
mod tests;

pub(crate) struct Headers {
    request: RequestEdits,
    response: ResponseEdits,
    cors: Option<Cors>,
    secure: Secure,
}

/// What the response needs to know of the request.
#[derive(Default)]
struct Seen {
    /// The value of `Access-Control-Allow-Origin`.
    allow_origin: Option<HeaderValue>,
    /// Whether a proxy before us says that the client came by way of TLS.
    tls: bool,
    nonce: Option<Nonce>,
}

impl Headers {
    pub(crate) fn new(config: &dynamic::Headers) -> Result<Self, Problem> {
        if *config == dynamic::Headers::default() {
            return Err(Problem::invalid(
                "headers configuration not valid: expected at least one option that is set",
            ));
        }
        Ok(Self {
            request: RequestEdits::new(&config.custom_request_headers)?,
            response: ResponseEdits::new(&config.custom_response_headers)?,
            cors: Cors::new(config)?,
            secure: Secure::new(config)?,
        })
    }

    /// What goes on top of a response whatever made it.
    fn finish(&self, headers: &mut HeaderList, allow_origin: Option<HeaderValue>) {
        self.response.apply(headers);
        if let Some(cors) = &self.cors {
            cors.apply(headers, allow_origin);
        }
    }
}

impl Filter for Headers {
    fn request(&self, request: &mut RequestHead, exchange: &mut Exchange) -> Flow {
        if let Some(response) = self.cors.as_ref().and_then(|cors| cors.preflight(request)) {
            return Flow::Answer(Box::new(response));
        }
        self.request.apply(request, exchange);
        let mut seen = Seen {
            allow_origin: self.cors.as_ref().and_then(|cors| cors.allow_origin(&request.headers)),
            ..Seen::default()
        };
        if let Some(mut response) = self.secure.refusal(request) {
            self.finish(&mut response.head.headers, seen.allow_origin);
            return Flow::Answer(Box::new(response));
        }
        seen.tls = self.secure.is_tls_before_us(&request.headers);
        if self.secure.wants_nonce() {
            seen.nonce = Nonce::new();
            if seen.nonce.is_none() {
                exchange.record.detail = Some("the system gives no random numbers for a nonce".to_owned());
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return Flow::Answer(Box::new(respond(
                    status,
                    Reason::InternalError,
                    "Internal Server Error",
                )));
            }
        }
        if seen.allow_origin.is_some() || seen.tls || seen.nonce.is_some() {
            Flow::Keep(Box::new(seen))
        } else {
            Flow::Next
        }
    }

    fn response(&self, state: Option<State>, response: &mut ResponseHead, exchange: &mut Exchange) {
        let seen =
            state.and_then(|state| state.downcast::<Seen>().ok()).map(|seen| *seen).unwrap_or_default();
        self.secure.apply(&mut response.headers, seen.tls || exchange.conn.is_tls(), seen.nonce.as_ref());
        self.finish(&mut response.headers, seen.allow_origin);
    }
}
