//! What ferroway tells about itself: the program log and the access log.
//!
//! Owns the format of both (Traefik's, field for field), their files, rotation and re-opening.
//! Knows no other crate of ferroway: the binary fills the option structs from the static
//! configuration (specification section 1.7), the data plane describes each request in an
//! [`AccessEvent`] (section 8.7), everybody else uses the macros of `tracing`.

mod access;
mod clock;
mod escape;
mod program;

pub use access::{
    AccessEvent, AccessLog, AccessLogError, AccessLogFields, AccessLogFilters, AccessLogHeaders,
    AccessLogOptions, LoggedHeaders, TlsDetails,
};
pub use program::{InvalidLogLevel, LogError, LogHandle, LogLayer, LogLevel, LogOptions, init, layer};
