//! The vocabulary of the data plane: requests, responses, bodies, the two shapes of middlewares,
//! errors with their reasons, and orderly shutdown.
//!
//! Everything above (codecs, middlewares, services, runtime) speaks these types; nothing here knows
//! a socket protocol, a configuration format or a particular middleware.
//!
//! Futures of the data plane live on one worker thread and are not `Send`; what a configuration
//! snapshot holds (middlewares, services) is shared by all workers and is `Send + Sync`.

mod body;
mod chain;
pub mod clock;
mod error;
mod exchange;
pub mod grpc;
pub mod header;
mod header_list;
mod io;
mod message;
mod read_buffer;
mod reason;
mod shutdown;
mod status;
mod target;
mod turn;

pub use body::{Body, BodyError, BodyStream, Duplex};
pub use chain::{Filter, Flow, Middleware, Next, State, Step, Terminal, Wrap, run_chain};
pub use error::{Error, Fault, Retry};
pub use exchange::{ConnInfo, Exchange, InterimQueue, Record, Recording, TlsInfo};
pub use header_list::{FieldName, HeaderList};
pub use io::Io;
pub use message::{Request, RequestHead, Response, ResponseHead};
pub use read_buffer::ReadBuffer;
pub use reason::Reason;
pub use shutdown::{Connection, Connections, Phase, Shutdown, ShutdownWatch};
pub use status::{answer, respond, respond_text};
pub use target::{ParsedTarget, Target, TargetError};
pub use turn::Turn;

/// A boxed future that stays on its worker thread.
pub type LocalBoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;
