//! A gRPC service with tonic, as it runs behind ferroway.
//!
//!     cargo run -- [--addr 127.0.0.1:50052] [--cert FILE --key FILE [--client-ca FILE]]
//!
//! Without a certificate it speaks HTTP/2 in the clear (`h2c://` in ferroway's configuration), with one TLS
//! (`https://`), with `--client-ca` only with clients that have a certificate of that authority.

mod service;

use std::net::SocketAddr;
use std::{env, fs};

use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

use self::service::pb::test_service_server::TestServiceServer;
use self::service::{MAX_MESSAGE, Service};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        options.get(at + 1)
    };
    let addr: SocketAddr = option("--addr").map_or("127.0.0.1:50052", |addr| addr).parse()?;
    let mut server = Server::builder();
    if let (Some(cert), Some(key)) = (option("--cert"), option("--key")) {
        let identity = Identity::from_pem(fs::read(cert)?, fs::read(key)?);
        let mut tls = ServerTlsConfig::new().identity(identity);
        if let Some(ca) = option("--client-ca") {
            tls = tls.client_ca_root(Certificate::from_pem(fs::read(ca)?));
        }
        server = server.tls_config(tls)?;
    }
    // Messages of more than 4 MiB are refused otherwise.
    let service = TestServiceServer::new(Service).max_decoding_message_size(MAX_MESSAGE);
    println!("listening on {addr}");
    server.add_service(service).serve(addr).await?;
    Ok(())
}
