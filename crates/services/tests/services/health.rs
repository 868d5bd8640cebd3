//! Health checks against servers that are well and not, over HTTP and gRPC.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ferroway_config::dynamic::HealthCheck;
use ferroway_core::{Body, ConnInfo, Connections, Exchange, Io, Request, Response};
use ferroway_http::h2;
use ferroway_http::server::{Handler, Sent, Settings};
use ferroway_services::{Check, LoadBalancer, RoundRobin, Server, Service, Weighted, health_checks};
use ferroway_upstream::TransportOptions;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

use crate::support::{leaf, run};

/// A server of HTTP/1.1 that says what it is told to.
struct Site {
    url: String,
    answer: Rc<RefCell<&'static str>>,
    /// The heads of the requests that came.
    asked: Rc<RefCell<Vec<String>>>,
}

impl Site {
    async fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let site = Self { url, answer: Rc::new(RefCell::new(answer)), asked: Rc::default() };
        let (answer, asked) = (site.answer.clone(), site.asked.clone());
        spawn_local(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.expect("connected");
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let moved = head.starts_with("GET /moved ");
                asked.borrow_mut().push(head);
                let answer = if moved { "204 No Content" } else { *answer.borrow() };
                let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                // A check that is over does not read it.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        site
    }
}

fn balancer(url: &str) -> Arc<LoadBalancer> {
    let server = Server::new(url, false, &TransportOptions::default(), None).expect("a URL");
    let balancer = LoadBalancer::new("s@test".into(), vec![server], Box::new(RoundRobin::new(&[1])), true);
    Arc::new(balancer.checked(None))
}

fn often(config: HealthCheck) -> Check {
    let interval = ferroway_config::Duration::from_millis(2);
    let config = HealthCheck { interval, ..config };
    Check::new(&config, &TransportOptions::default(), None).expect("valid")
}

/// Waits until the server of a load balancer is up or not.
async fn becomes(balancer: &LoadBalancer, is_up: bool) -> bool {
    let waiting = async {
        while balancer.servers()[0].is_up() != is_up {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.is_ok()
}

fn start(balancer: &Arc<LoadBalancer>, check: Check) {
    for check in health_checks(balancer, check) {
        spawn_local(check);
    }
}

#[test]
fn servers_come_and_go() {
    run(async {
        let site = Site::new("200 OK").await;
        let balancer = balancer(&site.url);
        start(&balancer, often(HealthCheck { path: "/health?x=1".to_owned(), ..HealthCheck::default() }));
        for (answer, is_up) in [
            ("503 Service Unavailable", false),
            ("204 No Content", true),
            ("404 Not Found", false),
            ("304 Not Modified", true),
        ] {
            *site.answer.borrow_mut() = answer;
            assert!(becomes(&balancer, is_up).await, "{answer}");
        }
        let first = site.asked.borrow()[0].clone();
        assert!(first.starts_with("GET /health?x=1 HTTP/1.1\r\n"), "{first}");
        assert!(first.contains("\r\nUser-Agent: ferroway-health-check\r\n"), "{first}");
    });
}

#[test]
fn what_a_check_says() {
    run(async {
        let status = |status| HealthCheck { status, ..HealthCheck::default() };
        let redirects =
            |follow_redirects| HealthCheck { follow_redirects, status: 204, ..HealthCheck::default() };
        let moved = "302 Found\r\nLocation: /moved";
        for (answer, config, is_up) in [
            ("418 I'm a teapot", status(418), true),
            ("200 OK", status(418), false),
            (moved, redirects(true), true),
            (moved, redirects(false), false),
            ("302 Found\r\nLocation: /again", redirects(true), false),
            ("302 Found\r\nLocation: http://127.0.0.1:1/", redirects(true), false),
        ] {
            let site = Site::new(answer).await;
            let balancer = balancer(&site.url);
            // It begins as what it is not to become.
            if is_up {
                start(&balancer, often(status(599)));
                assert!(becomes(&balancer, false).await);
            }
            let shown = format!("{answer} {config:?}");
            start(&balancer, often(config));
            assert!(becomes(&balancer, is_up).await, "{shown}");
        }
    });
}

#[test]
fn fields_and_host() {
    run(async {
        let site = Site::new("503 Service Unavailable").await;
        let balancer = balancer(&site.url);
        let headers = [("X-Probe".to_owned(), "yes".to_owned()), ("Host".to_owned(), "ignored".to_owned())];
        let config = HealthCheck {
            method: "HEAD".to_owned(),
            hostname: "check.test".to_owned(),
            headers: headers.into(),
            ..HealthCheck::default()
        };
        start(&balancer, often(config));
        assert!(becomes(&balancer, false).await);
        let first = site.asked.borrow()[0].clone();
        assert!(first.starts_with("HEAD / HTTP/1.1\r\nHost: check.test\r\n"), "{first}");
        assert!(first.contains("\r\nX-Probe: yes\r\n") && !first.contains("ignored"), "{first}");
    });
}

#[test]
fn nobody_there_and_nobody_answering() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let silent = balancer(&url);
        let timeout = ferroway_config::Duration::from_millis(5);
        start(&silent, often(HealthCheck { timeout, ..HealthCheck::default() }));
        assert!(becomes(&silent, false).await, "it accepts and says nothing");
        drop(listener);
        let gone = balancer(&url);
        start(&gone, often(HealthCheck::default()));
        assert!(becomes(&gone, false).await, "it refuses");
    });
}

#[test]
fn checks_end_with_their_service_and_health_is_inherited() {
    run(async {
        let site = Site::new("503 Service Unavailable").await;
        let first = balancer(&site.url);
        let checks = health_checks(&first, often(HealthCheck::default()));
        let checks: Vec<_> = checks.into_iter().map(spawn_local).collect();
        assert!(becomes(&first, false).await);
        let servers = [&*site.url, "http://other.test"]
            .map(|url| Server::new(url, false, &TransportOptions::default(), None).expect("a URL"));
        let strategy = Box::new(RoundRobin::new(&[1, 1]));
        let next = LoadBalancer::new("s@test".into(), servers.into(), strategy, true).checked(Some(&first));
        assert_eq!(next.servers().iter().map(Server::is_up).collect::<Vec<_>>(), [false, true]);
        drop(first);
        for check in checks {
            tokio::time::timeout(Duration::from_secs(10), check).await.expect("it ends").expect("no panic");
        }
    });
}

#[test]
fn spreads_pass_over_children_that_are_down() {
    run(async {
        let site = Site::new("503 Service Unavailable").await;
        let down = balancer(&site.url);
        start(&down, often(HealthCheck::default()));
        assert!(becomes(&down, false).await);
        let child = Arc::new(Service::LoadBalancer(down));
        assert!(child.is_checked() && !child.is_up());
        let spread = Weighted::new(vec![(child.clone(), 1), (leaf("x"), 1)]).checked();
        assert!(spread.is_up());
        assert!(!Weighted::new(vec![(child, 1)]).checked().is_up());
    });
}

#[test]
fn options_that_cannot_be_used() {
    let default = HealthCheck::default;
    let text = |text: &str| text.to_owned();
    for (config, expected) in [
        (HealthCheck { mode: text("tcp"), ..default() }, "healthCheck.mode \"tcp\": expected http or grpc"),
        (
            HealthCheck { scheme: text("ftp"), ..default() },
            "healthCheck.scheme \"ftp\": expected http, https or h2c",
        ),
        (
            HealthCheck { method: text("a b"), ..default() },
            "healthCheck.method \"a b\": expected a method of HTTP",
        ),
        (
            HealthCheck { path: text("http://a/b"), ..default() },
            "healthCheck.path \"http://a/b\": expected a path without scheme and host",
        ),
        (
            HealthCheck { status: 99_999, ..default() },
            "healthCheck.status \"99999\": expected a status, or 0 for any 2xx and 3xx",
        ),
        (
            HealthCheck { port: -1, ..default() },
            "healthCheck.port \"-1\": expected a port, or 0 for the server's",
        ),
        (
            HealthCheck { hostname: text("a\nb"), ..default() },
            "healthCheck.hostname \"a\\nb\": expected a host",
        ),
        (
            HealthCheck { headers: [(text("a b"), text("c"))].into(), ..default() },
            "healthCheck.headers \"a b\": expected the name of a field",
        ),
    ] {
        let error = Check::new(&config, &TransportOptions::default(), None).expect_err("invalid");
        assert_eq!(error, expected);
    }
}

/// Answers each request as gRPC does.
struct Grpc {
    /// The bytes of the body, or a status without a message.
    answer: Cell<Result<&'static [u8], &'static str>>,
}

impl Handler for Grpc {
    async fn handle(&self, request: Request, _: &mut Exchange) -> Response {
        assert_eq!(request.head.target.path(), "/grpc.health.v1.Health/Check");
        let mut response = Response::new(StatusCode::OK);
        response
            .head
            .headers
            .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        match self.answer.get() {
            Ok(bytes) => response.body = Body::full(bytes),
            Err(status) => {
                let name = HeaderName::from_static("grpc-status");
                response.head.headers.insert(name, HeaderValue::from_static(status));
            }
        }
        response
    }

    fn done(&self, _: &mut Exchange, _: &Sent<'_>) {}
}

#[test]
fn grpc_health() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let grpc = Rc::new(Grpc { answer: Cell::new(Err("14")) });
        let handler = grpc.clone();
        spawn_local(async move {
            loop {
                let (stream, peer) = listener.accept().await.expect("a connection");
                let handler = handler.clone();
                spawn_local(async move {
                    let registration = Connections::default().enter();
                    let (conn, limits) =
                        (Rc::new(ConnInfo::new("e".into(), peer)), h2::server::Limits::default());
                    h2::server::serve(Io::Tcp(stream), conn, &settings(), &limits, &*handler, &registration)
                        .await;
                });
            }
        });
        let balancer = balancer(&url);
        start(&balancer, often(HealthCheck { mode: "grpc".to_owned(), ..HealthCheck::default() }));
        for (answer, is_up) in [
            (Err("14"), false),
            (Ok(&[0, 0, 0, 0, 2, 8, 1][..]), true),
            (Ok(&[0, 0, 0, 0, 2, 8, 2]), false),
            (Ok(&[0, 0, 0, 0, 2, 8, 1]), true),
            (Err("12"), false),
            (Ok(&[0, 0, 0, 0, 2, 8, 1]), true),
            (Ok(&[1, 0, 0, 0, 2, 8, 1]), false),
            (Ok(&[0, 0, 0, 0, 2, 8, 1]), true),
            (Ok(&[0, 0, 0, 0, 9, 8, 1]), false),
        ] {
            grpc.answer.set(answer);
            assert!(becomes(&balancer, is_up).await, "{answer:?}");
        }
    });
}

fn settings() -> Settings {
    Settings {
        read_timeout: None,
        write_timeout: None,
        idle_timeout: None,
        max_header_bytes: 1 << 20,
        keep_alive_max_time: None,
        keep_alive_max_requests: None,
    }
}
