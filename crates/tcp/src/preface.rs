//! What a client sent before its server was known.

use std::io;

use ferroway_core::Io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// With this, PostgreSQL clients ask for TLS.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// The server's consent.
const GRANTED: u8 = b'S';

/// What a client sent before its server was known; the server gets it first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Preface<'a> {
    /// Whether TLS was asked for in PostgreSQL's way, and was granted in the server's name: it is asked again.
    pub postgres: bool,
    /// The bytes after that.
    pub bytes: &'a [u8],
}

impl Preface<'_> {
    /// Hands it to the server.
    pub(crate) async fn send(&self, server: &mut Io) -> io::Result<()> {
        if self.postgres {
            server.write_all(SSL_REQUEST).await?;
            server.flush().await?;
            match server.read_u8().await? {
                GRANTED => {}
                other => {
                    let answer = char::from(other).escape_default();
                    return Err(io::Error::other(format!("PostgreSQL grants no TLS: it answered {answer}")));
                }
            }
        }
        if self.bytes.is_empty() {
            return Ok(());
        }
        server.write_all(self.bytes).await?;
        server.flush().await
    }
}
