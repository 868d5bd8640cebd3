//! TLS towards servers, and the choice between HTTP/1.1 and HTTP/2 that comes with it.

use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ferroway_core::{Body, Error, InterimQueue, Io, Reason, RequestHead, Response};
use ferroway_http::h1::client::ClientConn;
use ferroway_tls::{ConnectError, Connector};
use http::uri::Scheme;

use crate::dial::dial;
use crate::multiplexed::Shared;
use crate::pool::Pool;
use crate::send::{self, Failure, Pooled};
use crate::{Endpoint, multiplexed};

/// How long a handshake may take: Go's transport's limit, which nobody can set.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The connectors of a servers transport. Two are the same only if they are the same object: whoever makes them
/// keeps them while their options are what they were.
#[derive(Debug, Clone)]
pub struct Tls(Arc<Connectors>);

#[derive(Debug)]
struct Connectors {
    /// Offers what the transport allows.
    any: Connector,
    /// Offers HTTP/1.1 only, for requests that HTTP/2 cannot carry: upgrades.
    http1: Connector,
}

impl Tls {
    /// The connectors for all requests, and for those that need HTTP/1.1.
    pub fn new(any: Connector, http1: Connector) -> Self {
        Self(Arc::new(Connectors { any, http1 }))
    }

    /// The connector for all requests.
    pub(crate) fn any(&self) -> &Connector {
        &self.0.any
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Tls {}

impl Hash for Tls {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

/// Sends a request over TLS and waits for the response's head.
///
/// # Errors
/// No connection, or no usable response.
pub(crate) async fn send(
    endpoint: &Arc<Endpoint>,
    tls: &Tls,
    pool: &Rc<Pool>,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, Failure> {
    let upgrade = head.upgrade.is_some();
    let mut body = body;
    if upgrade || !pool.shared.has_any() {
        body = match send::over_pooled(endpoint, pool, head, body, interim).await {
            Pooled::Ended(result) => return result,
            Pooled::NotSent(body) => body,
        };
    }
    // As long as the server may speak HTTP/2, one connection is made for all who ask, and tells. Once it is known
    // to want HTTP/1.1, nobody waits for anybody.
    if !upgrade && (pool.shared.has_any() || !endpoint.is_http1()) {
        body = match multiplexed::send_or_learn(endpoint, pool, head, body, interim).await {
            Shared::Ended(result) => return result,
            Shared::Http1(Some(io), body) => return over(endpoint, pool, io, head, body, interim).await,
            Shared::Http1(None, body) => body,
        };
    }
    let connector = if upgrade { &tls.0.http1 } else { &tls.0.any };
    match connect(endpoint, connector).await {
        Err(error) => Err(Failure { error, body: Some(body) }),
        Ok((io, true)) => match multiplexed::start(endpoint, io, Scheme::HTTPS).await {
            Ok(conn) => {
                pool.shared.add(conn);
                multiplexed::send(endpoint, pool, head, body, interim).await
            }
            Err(error) => Err(Failure { error, body: Some(body) }),
        },
        Ok((io, false)) => over(endpoint, pool, io, head, body, interim).await,
    }
}

/// Sends a request over a new connection of HTTP/1.1.
async fn over(
    endpoint: &Endpoint,
    pool: &Rc<Pool>,
    io: Io,
    head: &RequestHead,
    body: Body,
    interim: &InterimQueue,
) -> Result<Response, Failure> {
    send::over(endpoint, ClientConn::new(io, Some(pool.clone())), head, body, interim).await
}

/// An encrypted connection, and whether HTTP/2 was agreed on.
pub(crate) async fn connect(endpoint: &Endpoint, connector: &Connector) -> Result<(Io, bool), Error> {
    let io = dial(endpoint).await?;
    let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
    let key = endpoint.key();
    let stream = connector.connect(io, &key.host, deadline).await.map_err(|error| {
        let reason = match error {
            ConnectError::Name(_)
            | ConnectError::Verification(_)
            | ConnectError::Protocol(_)
            | ConnectError::Refused(_) => Reason::UpstreamTls,
            ConnectError::Io(_) => Reason::ConnectFailed,
            ConnectError::Timeout => Reason::ConnectTimeout,
        };
        Error::before_sending(reason, format!("{}:{}: {error}", key.host, key.port))
    })?;
    let multiplexed = stream.alpn() == Some(b"h2");
    if connector.offers_http2() {
        endpoint.learn(!multiplexed);
    }
    Ok((Io::Other(Box::new(stream)), multiplexed))
}
