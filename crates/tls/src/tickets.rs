//! Tickets that clients resume their sessions with.

use std::sync::{Arc, OnceLock};

use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::ProducesTickets;

/// Tickets under keys that are made when the first one is needed, changed every six hours, and good for twelve. All
/// workers share them.
///
/// Made at once they would hold up the start: the first random number takes tens of milliseconds, in which aws-lc
/// gathers entropy.
#[derive(Debug, Default)]
pub(crate) struct Tickets(OnceLock<Option<Arc<dyn ProducesTickets>>>);

impl Tickets {
    /// `None` when there are no random numbers to be had; sessions are not resumed then.
    fn get(&self) -> Option<&Arc<dyn ProducesTickets>> {
        self.0.get_or_init(|| Ticketer::new().ok()).as_ref()
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        self.get().map_or(0, |tickets| tickets.lifetime())
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.get()?.encrypt(plain)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.get()?.decrypt(cipher)
    }
}
