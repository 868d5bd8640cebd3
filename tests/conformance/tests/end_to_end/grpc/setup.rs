//! Builds services and clients, and runs them with the router on the configuration of `examples/grpc-services`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ferroway_conformance::candidate::Candidate;
use tokio::time::{Instant, sleep};

use super::held::Held;
use crate::certificates;
use crate::programs::{self, Said};
use crate::router::{Ports, Router};

/// A service of the example configuration.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name, and the first part of its host.
    pub(crate) name: &'static str,
    /// Its port without TLS.
    plain: u16,
    /// Its port with TLS.
    pub(crate) secure: u16,
}

/// The services of the example configuration.
pub(crate) const SERVICES: [Service; 2] = [
    Service { name: "grpc-go", plain: 50051, secure: 50061 },
    Service { name: "tonic", plain: 50052, secure: 50062 },
];

/// The router's ports in the example configuration, without TLS and with it.
const WEB: u16 = 8000;
const WEBSECURE: u16 = 8443;

/// Everything that runs. Dropping it ends it.
pub(crate) struct Setup {
    /// Where files are: certificates, logs, configuration.
    pub(crate) folder: PathBuf,
    pub(crate) router: Router,
    /// The dynamic configuration that the router was started with.
    pub(crate) dynamic: String,
    /// The service with grpc-go over TLS.
    pub(crate) mesh_service: Candidate,
    binaries: [PathBuf; 2],
    client: PathBuf,
    ports: Ports,
    _services: Vec<Candidate>,
}

/// As whom a client connects.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Identity<'a> {
    /// The host that it asks for.
    pub(crate) host: &'a str,
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// The host that it asks for in TLS, where it is another one.
    pub(crate) sni: Option<&'a str>,
    /// The name of its certificate.
    pub(crate) certificate: Option<&'a str>,
}

impl Setup {
    /// Builds and starts everything.
    pub(crate) async fn start(router: &Path, go: &Path) -> Result<Self> {
        let folder = programs::folder("grpc")?;
        let examples = programs::repository("examples/grpc-services")?;
        let client = folder.join("clients");
        programs::build_go(go, &programs::repository("tests/conformance/clients/go")?, ".", &client).await?;
        let grpc_go = folder.join("grpc-go");
        programs::build_go(go, &examples.join("grpc-go"), ".", &grpc_go).await?;
        let tonic = programs::build_rust(&examples.join("tonic"), "grpc-service-tonic").await?;
        let binaries = [grpc_go, tonic];
        certificates::make(&folder).await?;

        let ports = Ports::take(&[WEB, WEBSECURE, 50051, 50052, 50061, 50062])?;
        let mut services = Vec::new();
        for (service, binary) in SERVICES.iter().zip(&binaries) {
            let address = ports.address(service.plain);
            let log = format!("{}-plain", service.name);
            services.push(programs::start(binary, &["--addr", &address], &[], &folder, &log)?);
        }
        let start_secure = |number: usize| {
            let (service, binary) = (&SERVICES[number], &binaries[number]);
            start_with(binary, &ports.address(service.secure), "mesh-service", &folder, service.name)
        };
        let mesh_service = start_secure(0)?;
        services.push(start_secure(1)?);
        let read =
            |file: &str| Ok::<_, anyhow::Error>(ports.fill(&std::fs::read_to_string(examples.join(file))?));
        let dynamic = read("dynamic.yml")?;
        let router = Router::start(router, &folder, &read("ferroway.yml")?, &dynamic)?;
        ports.wait(&[50051, 50052, 50061, 50062, WEB, WEBSECURE]).await?;
        let setup =
            Self { folder, router, dynamic, mesh_service, binaries, client, ports, _services: services };
        let host = "grpc-go.localhost";
        setup.wait_for_call(Identity { host, tls: true, ..Identity::default() }, "OK").await?;
        Ok(setup)
    }

    /// Calls until it has this outcome.
    pub(crate) async fn wait_for_call(&self, identity: Identity<'_>, wanted: &str) -> Result<()> {
        let limit = Instant::now() + Duration::from_secs(15);
        loop {
            let said = self.client(identity, &["call"]).await?;
            if said.text.starts_with(&format!("{wanted}:")) {
                return Ok(());
            }
            ensure!(Instant::now() < limit, "want {wanted}, got {}", said.text);
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Runs cases of the client to their end.
    pub(crate) async fn client(&self, identity: Identity<'_>, cases: &[&str]) -> Result<Said> {
        let args = self.client_args(identity, cases);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        programs::run(&self.client, &args, &self.folder, "").await
    }

    /// Starts a client that holds a stream open.
    pub(crate) async fn hold(&self, identity: Identity<'_>) -> Result<Held> {
        Held::open(&self.client, &self.client_args(identity, &["hold"]), &self.folder).await
    }

    fn client_args(&self, identity: Identity<'_>, cases: &[&str]) -> Vec<String> {
        let address = self.ports.address(if identity.tls { WEBSECURE } else { WEB });
        let mut args = vec!["grpc", "-addr", &address, "-host", identity.host];
        if identity.tls {
            args.extend(["-ca", "edge-ca.pem"]);
        }
        args.extend(identity.sni.into_iter().flat_map(|sni| ["-sni", sni]));
        let mut args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        if let Some(name) = identity.certificate {
            args.extend([
                "-cert".to_owned(),
                format!("{name}.pem"),
                "-key".to_owned(),
                format!("{name}.key"),
            ]);
        }
        args.extend(cases.iter().map(|case| (*case).to_owned()));
        args
    }

    /// Puts another service in the place of the one with grpc-go over TLS, with this certificate.
    pub(crate) async fn replace_mesh_service(&mut self, certificate: &str) -> Result<()> {
        self.mesh_service.kill();
        self.mesh_service.wait(Duration::from_secs(5)).await.context("it cannot be killed")?;
        let address = self.ports.address(SERVICES[0].secure);
        self.mesh_service = start_with(&self.binaries[0], &address, certificate, &self.folder, "replaced")?;
        self.ports.wait(&[SERVICES[0].secure]).await
    }

    /// The log of a service.
    pub(crate) fn log(&self, service: &Service, tls: bool) -> PathBuf {
        let name = if tls { service.name.to_owned() } else { format!("{}-plain", service.name) };
        self.folder.join(format!("{name}.log"))
    }
}

/// Starts a service over TLS that serves only clients of the mesh.
fn start_with(
    binary: &Path,
    address: &str,
    certificate: &str,
    folder: &Path,
    log: &str,
) -> Result<Candidate> {
    let (cert, key) = (format!("{certificate}.pem"), format!("{certificate}.key"));
    let args = ["--addr", address, "--cert", &cert, "--key", &key, "--client-ca", "mesh-ca.pem"];
    programs::start(binary, &args, &[], folder, log)
}
