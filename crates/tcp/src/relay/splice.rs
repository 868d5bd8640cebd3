//! Moving bytes between sockets and pipes without taking them out of the kernel.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use rustix::pipe::SpliceFlags;
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::pool::{PIPE_SIZE, Pipe};

/// Fills an empty pipe with what has arrived; 0 is the end.
pub(super) fn poll_in(cx: &mut Context<'_>, from: &TcpStream, pipe: &mut Pipe) -> Poll<io::Result<usize>> {
    loop {
        ready!(from.poll_read_ready(cx))?;
        match from.try_io(Interest::READABLE, || pipe.fill(|writer| splice(from, writer, PIPE_SIZE))) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
    }
}

/// Sends from a pipe that is not empty.
pub(super) fn poll_out(cx: &mut Context<'_>, to: &TcpStream, pipe: &mut Pipe) -> Poll<io::Result<usize>> {
    loop {
        ready!(to.poll_write_ready(cx))?;
        match to.try_io(Interest::WRITABLE, || pipe.empty(|reader, length| splice(reader, to, length))) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return Poll::Ready(result),
        }
    }
}

fn splice(from: impl AsFd, to: impl AsFd, length: usize) -> io::Result<usize> {
    let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
    Ok(rustix::pipe::splice(from, None, to, None, length, flags)?)
}
