//! One certificate whose status is asked for.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ferroway_tls::Served;
use ferroway_tls::ocsp::{Statement, Status, Subject};

use super::Shared;
use super::validity::{HOUR, Retry, Validity};

/// The shortest sleep: a timer that fires a bit early, or a clock that is set, must not make this spin.
const MIN_SLEEP: Duration = Duration::from_millis(100);

/// A certificate, and what its responder said last. It lives as long as the certificate is served.
#[derive(Debug)]
pub(super) struct Entry {
    subject: Arc<Subject>,
    /// The same certificate may be served more than once, with other chains.
    served: RefCell<Vec<Arc<Served>>>,
    /// Of the response that is stapled.
    validity: Cell<Option<Validity>>,
}

impl Entry {
    pub(super) fn new(subject: Arc<Subject>) -> Rc<Self> {
        Rc::new(Self { subject, served: RefCell::default(), validity: Cell::default() })
    }

    /// Takes these certificates in the place of those before; what is stapled to them is stapled to these.
    pub(super) fn serve(&self, served: Vec<Arc<Served>>) {
        let response = self.served.borrow().iter().find_map(|before| before.stapled());
        for served in &served {
            served.staple(response.as_deref());
        }
        self.served.replace(served);
    }

    /// Asks for the status again and again, until the certificate is served no more.
    pub(super) async fn follow(entry: Weak<Self>, shared: Rc<Shared>) {
        let mut retry = Retry::default();
        let mut next = SystemTime::UNIX_EPOCH;
        loop {
            let Some(entry) = entry.upgrade() else { return };
            entry.drop_expired(SystemTime::now());
            if next <= SystemTime::now() {
                let got = entry.renew(&shared).await;
                let now = SystemTime::now();
                next = match got {
                    Some(validity) => validity.due,
                    None => now + retry.wait(),
                };
                if got.is_some() {
                    retry = Retry::default();
                }
            }
            let expires = entry.validity.get().map_or(next, |validity| validity.expires);
            let sleep = next.min(expires).duration_since(SystemTime::now()).unwrap_or_default();
            drop(entry);
            tokio::time::sleep(sleep.clamp(MIN_SLEEP, HOUR)).await;
        }
    }

    /// Takes the staple away when it is worth nothing any more.
    fn drop_expired(&self, now: SystemTime) {
        if self.validity.get().is_some_and(|validity| validity.expires <= now) {
            self.validity.set(None);
            self.staple(None);
            let certificate = self.subject.name();
            tracing::error!(
                certificate,
                "The OCSP staple has expired; the certificate is served without one"
            );
        }
    }

    /// Asks one responder after the other for a new staple. What was stapled stays if none has one.
    async fn renew(&self, shared: &Shared) -> Option<Validity> {
        // It is never closed.
        let _permit = shared.at_once.acquire().await.ok()?;
        let certificate = self.subject.name();
        for own in self.subject.responders() {
            let responder = shared.overrides.get(own).unwrap_or(own);
            let error = match shared.client.fetch(responder, self.subject.request()).await {
                Ok(response) => {
                    let now = SystemTime::now();
                    match self.subject.check(&response, now) {
                        Ok(statement) => return Some(self.keep(&statement, &response, now)),
                        Err(error) => error.to_string(),
                    }
                }
                Err(error) => error.to_string(),
            };
            tracing::error!(certificate, responder, %error, "Unable to retrieve an OCSP staple");
        }
        None
    }

    /// Staples a response that was believed, whatever it says of the certificate: clients are to know.
    fn keep(&self, statement: &Statement, response: &[u8], now: SystemTime) -> Validity {
        let certificate = self.subject.name();
        match statement.status {
            Status::Good => tracing::debug!(certificate, "Stapling an OCSP response"),
            Status::Revoked => {
                tracing::warn!(certificate, "The certificate has been revoked, and clients are told so");
            }
            Status::Unknown => {
                tracing::warn!(
                    certificate,
                    "The OCSP responder does not know the certificate, and clients are told so"
                );
            }
        }
        let validity = Validity::of(statement, now);
        self.validity.set(Some(validity));
        self.staple(Some(response));
        validity
    }

    fn staple(&self, response: Option<&[u8]>) {
        for served in self.served.borrow().iter() {
            served.staple(response);
        }
    }
}

#[cfg(test)]
mod tests;
