//! Compares an edge router with the real Traefik, from the outside.
//!
//! A *scenario* is one start of the router: static and dynamic configuration and some *cases*. A case sends bytes and
//! observes what comes back and what the backends saw. The observation, brought into a comparable form, must equal the
//! one that was recorded from the real Traefik (`answers/`), unless `docs/differences.md` lists the case.
//!
//! The flow: [`cases`] loads the data, [`run`] schedules the scenarios, [`play`] starts the [`candidate`] between a
//! [`client`] and [`backend`]s and plays the steps, [`observe`] makes the observation comparable, [`verdict`] judges it
//! and [`report`] prints. `README.md` beside this crate tells how to add a case.

#![forbid(unsafe_code)]

pub mod access_log;
pub mod answers;
pub mod arguments;
pub mod backend;
pub mod candidate;
pub mod cases;
pub mod certs;
pub mod cli;
pub mod client;
pub mod diff;
pub mod differences;
pub mod digest;
pub mod exchange;
pub mod frames;
pub mod hello;
pub mod http1;
pub mod http2;
pub mod json;
pub mod needs;
pub mod neutral;
pub mod observe;
pub mod pki;
pub mod play;
pub mod ports;
pub mod redis;
pub mod report;
pub mod request;
pub mod rules;
pub mod run;
pub mod tcp_rules;
pub mod text;
pub mod verdict;
pub mod yaml;
