//! Taking a header off a connection.

use std::io;
use std::ops::ControlFlow;

use rustix::net::{RecvFlags, recv};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::{Addresses, MAX_V2, Malformed, Parsed, parse};

/// Headers are hardly ever longer; this is looked at on the stack.
const USUAL: usize = 256;

/// Why the header of a connection cannot be read. The connection is of no use then.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The header is none.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The connection ended within the header.
    #[error("the connection ended within the PROXY protocol header")]
    Truncated,
    /// The deadline passed within the header.
    #[error("the PROXY protocol header did not come in time")]
    Timeout,
    /// The socket's error.
    #[error("reading the PROXY protocol header failed: {0}")]
    Io(#[from] io::Error),
}

/// Reads the header at the start of a connection, if there is one; `None` also for a header that tells no
/// addresses.
///
/// Takes exactly the header; what is behind it, or a start that is none, stays in the socket. Waits for the
/// client's first bytes, until `deadline` at most: a client that has sent nothing by then has sent no header,
/// and may be one that waits for the server to speak first. Dropping the future loses nothing.
///
/// Only peers that are trusted may be asked for a header, as it can claim any address.
///
/// # Errors
/// The header is malformed, breaks off, or is late.
pub async fn read_header(
    stream: &TcpStream,
    deadline: Option<Instant>,
) -> Result<Option<Addresses>, ReadError> {
    let mut within = false;
    let reading = wait_for_header(stream, &mut within);
    let Some(deadline) = deadline else { return reading.await };
    match tokio::time::timeout_at(deadline, reading).await {
        Ok(result) => result,
        Err(_) if within => Err(ReadError::Timeout),
        Err(_) => Ok(None),
    }
}

/// `within` tells that part of a header has been seen.
async fn wait_for_header(stream: &TcpStream, within: &mut bool) -> Result<Option<Addresses>, ReadError> {
    loop {
        let ready = stream.ready(Interest::READABLE).await?;
        let mut parsed = Ok(Parsed::Undecided);
        // Saying that the read would block makes the next `ready` wait for more than what is there: the socket
        // is watched for changes. Nothing is taken before the header is complete.
        let outcome = stream.try_io(Interest::READABLE, || {
            parsed = look(stream)?;
            match &parsed {
                Ok(Parsed::Undecided | Parsed::Incomplete(_)) => Err(io::ErrorKind::WouldBlock.into()),
                _ => Ok(()),
            }
        });
        if let Err(error) = outcome
            && error.kind() != io::ErrorKind::WouldBlock
        {
            return Err(error.into());
        }
        match settle(stream, parsed?, ready.is_read_closed())? {
            ControlFlow::Break(addresses) => return Ok(addresses),
            ControlFlow::Continue(incomplete) => *within = incomplete,
        }
    }
}

/// What is to be done about what was seen: the result, or whether what is there is part of a header.
fn settle(
    stream: &TcpStream,
    parsed: Parsed,
    closed: bool,
) -> Result<ControlFlow<Option<Addresses>, bool>, ReadError> {
    match parsed {
        Parsed::Header(header) => {
            take(stream, header.length)?;
            Ok(ControlFlow::Break(header.addresses))
        }
        Parsed::NotAHeader => Ok(ControlFlow::Break(None)),
        Parsed::Undecided if closed => Ok(ControlFlow::Break(None)),
        Parsed::Incomplete(_) if closed => Err(ReadError::Truncated),
        Parsed::Undecided => Ok(ControlFlow::Continue(false)),
        Parsed::Incomplete(_) => Ok(ControlFlow::Continue(true)),
    }
}

/// Parses what has arrived without taking it.
fn look(stream: &TcpStream) -> io::Result<Result<Parsed, Malformed>> {
    let mut usual = [0; USUAL];
    let (_, length) = recv(stream, &mut usual, RecvFlags::PEEK)?;
    match parse(&usual[..length]) {
        Ok(Parsed::Incomplete(needed)) if needed > USUAL => {
            let mut long = vec![0; MAX_V2];
            let (_, length) = recv(stream, &mut long, RecvFlags::PEEK)?;
            Ok(parse(&long[..length]))
        }
        parsed => Ok(parsed),
    }
}

/// Takes `length` bytes that have arrived.
fn take(stream: &TcpStream, mut length: usize) -> Result<(), ReadError> {
    let mut discarded = [0; USUAL];
    while length > 0 {
        let (_, taken) =
            recv(stream, &mut discarded[..length.min(USUAL)], RecvFlags::empty()).map_err(io::Error::from)?;
        if taken == 0 {
            return Err(ReadError::Truncated);
        }
        length -= taken;
    }
    Ok(())
}
