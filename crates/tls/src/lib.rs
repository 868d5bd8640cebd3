//! TLS on both sides: what a client's first bytes say, certificates, the handshake with clients as
//! TLS options want it, and the handshake with servers as transports want it.
//!
//! rustls does the protocol, aws-lc-rs the cryptography. Configuration comes in as `ferroway_config`
//! decodes it; what is wrong with it comes back as text, nothing is logged here.
//!
//! A connection goes through [`Sniffer`] (what is it, and for whom?) and [`Acceptor::accept`] (the
//! handshake), in that order, because the answer to the first decides which [`Acceptor`] is asked, or
//! whether the bytes go to a server untouched.

mod acceptor;
mod certificates;
mod client_auth;
mod connector;
mod files;
mod generated;
mod hello;
mod names;
pub mod ocsp;
mod pem;
mod stream;
mod tickets;
mod trust;
mod x509;

#[cfg(test)]
mod testing;

use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;

pub use acceptor::{AcceptError, Accepted, Acceptor, Received};
pub use certificates::{Certificates, Outcome, Problem, Served};
pub use connector::{ClientOptions, ConnectError, Connector};
pub use files::{Files, Versions, file_of};
pub use hello::{ClientHello, HelloError, Sniffed, Sniffer};
pub use stream::TlsStream;
pub use x509::{CertificateDetails, Name, go_name};

/// The cryptography behind everything here.
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));

/// Gathers the entropy that the first random number needs, which takes tens of milliseconds: so that no handshake has to
/// wait for it.
pub fn warm_up() {
    // Without random numbers each handshake fails, and says so.
    let _ = PROVIDER.secure_random.fill(&mut [0; 1]);
}
