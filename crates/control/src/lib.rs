//! From what providers say to what is to run: references resolved, rules compiled, everything that can be
//! wrong found and told, without touching a socket.
//!
//! [`Planner::plan`] is called for every change. Its cost follows the size of the change: a router whose
//! configuration is the same object as before, among the same names, is planned once and shared.

mod context;
mod internal;
mod names;
mod plan;
mod planner;
mod resolvers;
mod router;
mod tls;
mod tree;

pub use context::{Context, EntryPointContext};
pub use internal::{Internal, Redirection, internal_configuration};
pub use names::{INTERNAL, local_name, provider_of, qualified};
pub use plan::{Finding, Mount, Plan, PlanEntry, PlannedRouter, ProviderPlan, Providers};
pub use planner::Planner;
pub use router::{PlannedTcpRouter, PlannedUdpRouter, TcpTls};
pub use tls::{DEFAULT_OPTIONS, EntryPointTls, TlsPlan, Verdicts};
