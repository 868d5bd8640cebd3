//! Services: which server gets a request (a tree of balancers), and how the request is handed to it.

mod balancers;
mod gunzip;
mod health;
mod load_balancer;
mod proxy;
mod server;
mod service;
mod weighted;

pub use balancers::{RoundRobin, Strategy, StrategyError, Target, strategy};
pub use health::{Check, health_checks};
pub use load_balancer::LoadBalancer;
pub use server::{Scheme, Server, ServerUrlError};
pub use service::{InternalService, Service};
pub use weighted::Weighted;
