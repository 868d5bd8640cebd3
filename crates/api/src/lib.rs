//! The API: what runs, in Traefik's own shapes (specification sections 1.10 and 8).
//!
//! Pure functions from what was planned and built to answers: no sockets, no clock, nothing that can be changed from
//! here. [`Api`] is asked a [`Question`] and gives an [`Answer`]; what follows from a snapshot alone is worked out
//! once for it, when somebody first asks ([`View`]). Only whether servers are up is looked at anew for every answer.
//!
//! No secret comes out: the encoder of the configuration keeps them back by the marks of the options.

mod answer;
mod api;
mod broken;
mod certificates;
mod entry;
mod entry_points;
mod facts;
mod http;
mod list;
mod overview;
mod page;
mod problems;
mod query;
mod rawdata;
mod reached;
mod ready;
mod routers;
mod support;
mod tcp;
mod udp;
mod view;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use api::{Api, Question, Target};
pub use entry::{Entry, Status, Told};
pub use facts::Facts;
pub use ready::Readiness;
pub use view::{List, Running, Servers, Source, View};
