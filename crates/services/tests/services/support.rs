//! A server that takes down one request and gives one answer, and services in front of it.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use ferroway_core::{
    Body, BodyError, BodyStream, ConnInfo, Exchange, HeaderList, InterimQueue, Recording, Request, Response,
    Terminal, clock,
};
use ferroway_http::h1::head::{Framing, parse_request};
use ferroway_services::{LoadBalancer, RoundRobin, Server, Service};
use ferroway_upstream::TransportOptions;
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A service of one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// What stands behind `http://host:port` in the server's URL.
    pub(crate) path: &'static str,
    pub(crate) preserve_path: bool,
    pub(crate) pass_host_header: bool,
    /// The client.
    pub(crate) peer: &'static str,
    pub(crate) suppress_forwarded_for: bool,
}

pub(crate) const USUAL: Setup = Setup {
    path: "",
    preserve_path: false,
    pass_host_header: true,
    peer: "192.0.2.1",
    suppress_forwarded_for: false,
};

/// What happened.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The request as the server got it, with `SERVER` for its address.
    pub(crate) received: String,
    /// The answer as the client's codec gets it.
    pub(crate) response: Response,
    pub(crate) exchange: Exchange,
}

/// An exchange with a client at this address.
pub(crate) fn exchange(peer: &str) -> Exchange {
    let peer: IpAddr = peer.parse().expect("an address");
    let conn = ConnInfo::new("web".into(), SocketAddr::new(peer, 5000));
    let mut exchange = Exchange::new(Rc::new(conn), InterimQueue::default(), clock::now());
    exchange.recording = Recording::Headers;
    exchange
}

/// A request as the codec makes it of these bytes.
pub(crate) fn request(bytes: &str) -> Request {
    let end = bytes.find("\r\n\r\n").expect("a whole head") + 4;
    let parsed = parse_request(&bytes.as_bytes()[..end]).expect("a valid head");
    let content = &bytes.as_bytes()[end..];
    let body = match parsed.framing {
        Framing::Length(0) => Body::Empty,
        Framing::Length(_) => Body::full(content.to_vec()),
        _ => Body::Stream(Box::new(Trailing { content: content.to_vec(), trailers: true })),
    };
    Request { head: parsed.head, body }
}

/// A body of unknown length with a trailer field.
struct Trailing {
    content: Vec<u8>,
    trailers: bool,
}

impl BodyStream for Trailing {
    fn poll_fill(&mut self, _: &mut Context<'_>) -> Poll<Result<usize, BodyError>> {
        Poll::Ready(Ok(self.content.len()))
    }

    fn data(&self) -> &[u8] {
        &self.content
    }

    fn consume(&mut self, n: usize) {
        self.content.drain(..n);
    }

    fn trailers(&mut self) -> Option<HeaderList> {
        let fields = [(http::HeaderName::from_static("x-sum"), http::HeaderValue::from_static("1"))];
        std::mem::take(&mut self.trailers).then(|| fields.into_iter().collect())
    }

    fn length(&self) -> Option<u64> {
        None
    }
}

/// Sends a request through a service to a server that answers with these bytes, and closes.
pub(crate) async fn pass(setup: Setup, client: &str, answer: &[u8]) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let answer = answer.to_vec();
    let serving = tokio::task::spawn_local(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut all = Vec::new();
        while !is_whole(&all) {
            assert!(stream.read_buf(&mut all).await.expect("connected") > 0, "half a request: {all:?}");
        }
        stream.write_all(&answer).await.expect("connected");
        String::from_utf8(all).expect("text")
    });
    let url = format!("http://{address}{}", setup.path);
    let server = Server::new(&url, setup.preserve_path, &TransportOptions::default(), None).expect("a URL");
    let group = load_balancer(vec![(server, 1)], setup.pass_host_header);
    let mut exchange = exchange(setup.peer);
    exchange.suppress_forwarded_for = setup.suppress_forwarded_for;
    let response = Service::LoadBalancer(group).call(request(client), &mut exchange).await;
    let received = serving.await.expect("no panic").replace(&address.to_string(), "SERVER");
    Outcome { received, response, exchange }
}

/// A load balancer of servers with their weights.
pub(crate) fn load_balancer(servers: Vec<(Server, i64)>, pass_host_header: bool) -> Arc<LoadBalancer> {
    let (servers, weights): (Vec<Server>, Vec<i64>) = servers.into_iter().unzip();
    let turn = RoundRobin::new(&weights);
    Arc::new(LoadBalancer::new("s@test".into(), servers, Box::new(turn), pass_host_header))
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    if head.contains("Transfer-Encoding: chunked") {
        return body.ends_with("\r\n\r\n");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    body.len() >= length.map_or(0, |length| length.parse().expect("a number"))
}

/// Status, fields in their order, content and trailers.
pub(crate) async fn view(response: &mut Response) -> String {
    let mut text = response.head.status.as_u16().to_string();
    for (name, value) in &response.head.headers {
        text.push_str(&format!(" [{name}: {}]", value.as_bytes().escape_ascii()));
    }
    let mut content = Vec::new();
    loop {
        match poll_fn(|cx| response.body.poll_fill(cx)).await {
            Ok(0) => break,
            Ok(n) => {
                content.extend_from_slice(response.body.data());
                response.body.consume(n);
            }
            Err(error) => {
                content.extend_from_slice(format!("!{error}").as_bytes());
                break;
            }
        }
    }
    if !content.is_empty() {
        text.push_str(&format!(" {}", content.escape_ascii()));
    }
    for (name, value) in response.body.trailers().iter().flatten() {
        text.push_str(&format!(" +[{name}: {}]", value.as_bytes().escape_ascii()));
    }
    text
}

/// Runs on a worker's kind of runtime.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime")
        .block_on(test)
}

/// A service that answers by itself with its name.
pub(crate) fn leaf(name: &'static str) -> Arc<Service> {
    struct Leaf;
    impl ferroway_services::InternalService for Leaf {
        fn call<'a>(
            &'a self,
            _: &'a ferroway_core::RequestHead,
        ) -> ferroway_core::LocalBoxFuture<'a, Response> {
            Box::pin(std::future::ready(Response::new(http::StatusCode::OK)))
        }
    }
    Arc::new(Service::Internal { name: name.into(), service: Box::new(Leaf) })
}
