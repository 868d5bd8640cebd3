//! What remains of a connection after a switch of protocols: raw bytes, those that were already
//! read first.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use ferroway_core::{Duplex, Io, ReadBuffer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that first gives what was read too far.
#[derive(Debug)]
pub(crate) struct Rewound {
    buffer: ReadBuffer,
    io: Io,
}

impl Rewound {
    pub(crate) fn new(buffer: ReadBuffer, io: Io) -> Self {
        Self { buffer, io }
    }
}

impl Duplex for Rewound {
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.buffer.is_empty() { self.io.poll_readable(cx) } else { Poll::Ready(Ok(())) }
    }
}

impl AsyncRead for Rewound {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.buffer.is_empty() {
            return Pin::new(&mut this.io).poll_read(cx, buf);
        }
        let n = this.buffer.unread().len().min(buf.remaining());
        buf.put_slice(&this.buffer.unread()[..n]);
        this.buffer.consume(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
