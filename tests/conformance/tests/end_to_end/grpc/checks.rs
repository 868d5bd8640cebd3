//! What happens to calls when something happens around them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::Checking;
use super::setup::{Identity, SERVICES, Setup};
use crate::{certificates, programs};

/// The checks in order: the last ones end what the others need.
#[expect(clippy::type_complexity, reason = "a table of functions")]
pub(super) const CHECKS: &[(&str, for<'a> fn(&'a mut Setup) -> Checking<'a>)] = &[
    ("a cancellation reaches the service", |setup| Box::pin(reaches_the_service(setup, "cancel"))),
    ("a deadline reaches the service", |setup| Box::pin(reaches_the_service(setup, "deadline"))),
    ("no route", |setup| Box::pin(no_route(setup))),
    ("mutual TLS", |setup| Box::pin(mutual_tls(setup))),
    ("clients that the edge does not know", |setup| Box::pin(strangers_at_the_edge(setup))),
    ("a way around client certificates", |setup| Box::pin(misdirected(setup))),
    ("a reload leaves open streams alone", |setup| Box::pin(reload(setup))),
    ("a service that leaves finishes its streams", |setup| Box::pin(leaving_service(setup))),
    ("a service that the mesh does not know", |setup| Box::pin(stranger_in_the_mesh(setup))),
    ("the router finishes streams when it stops", |setup| Box::pin(shutdown(setup))),
];

fn over_tls(host: &str) -> Identity<'_> {
    Identity { host, tls: true, ..Identity::default() }
}

fn over_h2c(host: &str) -> Identity<'_> {
    Identity { host, ..Identity::default() }
}

/// How often calls have ended before their time, as the service tells.
fn ended_early(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.ends_with(" canceled") || line.ends_with(" deadline")).count()
}

async fn reaches_the_service(setup: &Setup, case: &str) -> Result<()> {
    for service in &SERVICES {
        for tls in [false, true] {
            let log = setup.log(service, tls);
            let before = ended_early(&log);
            let host = format!("{}.localhost", service.name);
            setup.client(Identity { host: &host, tls, ..Identity::default() }, &[case]).await?.expect(&[])?;
            let limit = Instant::now() + Duration::from_secs(5);
            while ended_early(&log) == before {
                ensure!(Instant::now() < limit, "{} (TLS: {tls}) is not told", service.name);
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
    Ok(())
}

async fn no_route(setup: &Setup) -> Result<()> {
    let host = "nobody.localhost";
    for identity in [over_h2c(host), over_tls(host)] {
        let said = setup.client(identity, &["call"]).await?;
        said.expect(&["Unimplemented: 404 Not Found (no_route)"])?;
    }
    // The access log tells the status as for everybody else.
    let log = setup.folder.join("access.log");
    programs::wait_for_text(&log, "nobody.localhost", 2).await?;
    let text = std::fs::read_to_string(&log)?;
    let line = text.lines().find(|line| line.contains(host)).context("no line")?;
    let line: Value = serde_json::from_str(line)?;
    ensure!(line["DownstreamStatus"] == 404 && line["Reason"] == "no_route", "the access log has {line}");
    Ok(())
}

/// The client shows a certificate of one authority to the router, and the router one of another to the service.
async fn mutual_tls(setup: &Setup) -> Result<()> {
    let client = Identity { certificate: Some("edge-client"), ..over_tls("mutual.localhost") };
    setup.client(client, &["empty_unary", "ping_pong"]).await?.expect(&["ok ping_pong"])
}

async fn strangers_at_the_edge(setup: &Setup) -> Result<()> {
    let host = "mutual.localhost";
    // What servers may know is no key to the front door.
    for (certificate, alert) in
        [(None, "certificate required"), (Some("mesh-client"), "unknown certificate authority")]
    {
        let said = setup.client(Identity { certificate, ..over_tls(host) }, &["call"]).await?;
        said.expect(&["Unavailable", &format!("tls: {alert}")])
            .with_context(|| format!("{certificate:?}"))?;
    }
    Ok(())
}

/// Whoever asks TLS for a host without client certificates, and then for one that has them, is turned away.
async fn misdirected(setup: &Setup) -> Result<()> {
    let client = Identity { sni: Some("grpc-go.localhost"), ..over_tls("mutual.localhost") };
    setup.client(client, &["call"]).await?.expect(&["Unknown: 421 Misdirected Request (misdirected)"])
}

async fn reload(setup: &Setup) -> Result<()> {
    for identity in [over_h2c("grpc-go.localhost"), over_tls("tonic.localhost")] {
        let mut held = setup.hold(identity).await?;
        // The router that the stream came by goes, and so does its service's address.
        let host = format!("Host(`{}`)", identity.host);
        setup.router.reconfigure(&setup.dynamic.replace(&host, "Host(`moved.localhost`)"))?;
        setup.wait_for_call(Identity { host: "moved.localhost", ..identity }, "OK").await?;
        setup.wait_for_call(identity, "Unimplemented").await?;
        held.ping().await?;
        setup.router.reconfigure(&setup.dynamic)?;
        setup.wait_for_call(identity, "OK").await?;
        held.ping().await?;
        held.end().await?;
    }
    Ok(())
}

/// A service that stops asks the router to leave (GOAWAY). Streams end in order; new calls find nobody.
async fn leaving_service(setup: &mut Setup) -> Result<()> {
    let client = over_tls("grpc-go.localhost");
    let mut held = setup.hold(client).await?;
    setup.mesh_service.signal(Signal::TERM);
    setup.wait_for_call(client, "Unavailable").await?;
    let said = setup.client(client, &["call"]).await?;
    said.expect(&["Unavailable: 502 Bad Gateway (upstream_connect_failed)"])?;
    held.ping().await?;
    held.end().await?;
    let ended = setup.mesh_service.wait(Duration::from_secs(10)).await;
    ensure!(ended == Some(0), "the service waits for more: {ended:?}");
    setup.replace_mesh_service("mesh-service").await?;
    setup.wait_for_call(client, "OK").await
}

/// A service with the right name, by the authority of the clients.
async fn stranger_in_the_mesh(setup: &mut Setup) -> Result<()> {
    certificates::make_another(&setup.folder, "impostor", "edge-ca", "DNS:service.mesh").await?;
    setup.replace_mesh_service("impostor").await?;
    let said = setup.client(over_tls("grpc-go.localhost"), &["call"]).await?;
    said.expect(&["Unknown: 500 Internal Server Error (upstream_tls)"])?;
    // Nor is a name that the service does not have.
    certificates::make_another(&setup.folder, "misnamed", "mesh-ca", "DNS:other.mesh").await?;
    setup.replace_mesh_service("misnamed").await?;
    let said = setup.client(over_tls("grpc-go.localhost"), &["call"]).await?;
    said.expect(&["Unknown: 500 Internal Server Error (upstream_tls)"])?;
    setup.replace_mesh_service("mesh-service").await?;
    setup.wait_for_call(over_tls("grpc-go.localhost"), "OK").await?;
    Ok(())
}

/// The router asks clients to leave, lets their streams end, and is gone when the last one has.
async fn shutdown(setup: &mut Setup) -> Result<()> {
    let mut streams = Vec::new();
    for identity in [over_h2c("grpc-go.localhost"), over_tls("tonic.localhost")] {
        streams.push(setup.hold(identity).await?);
    }
    setup.router.terminate();
    for stream in &mut streams {
        stream.is_asked_to_leave().await?;
        stream.ping().await?;
    }
    for stream in streams {
        stream.end().await?;
    }
    setup.router.stopped(Duration::from_secs(5)).await
}
