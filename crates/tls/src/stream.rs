//! An encrypted connection as a byte stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ferroway_core::{Duplex, Io, ReadBuffer};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// An encrypted connection with a client or a server. Shutting it down sends `close_notify`.
///
/// The end of the connection below without `close_notify` is an end like any other: many peers do that, and Go
/// takes it too. Whoever needs to know whether a message is whole looks at the message.
#[derive(Debug)]
pub struct TlsStream(tokio_rustls::TlsStream<ReadAhead>);

impl TlsStream {
    pub(crate) fn new(stream: impl Into<tokio_rustls::TlsStream<ReadAhead>>) -> Self {
        Self(stream.into())
    }

    /// The protocol that was agreed on (ALPN), if any.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.0.get_ref().1.alpn_protocol()
    }

    /// Whether the handshake resumed an earlier session.
    pub fn is_resumed(&self) -> bool {
        self.0.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed)
    }

    /// The connection's state in rustls.
    pub(crate) fn state(&self) -> &rustls::CommonState {
        self.0.get_ref().1
    }

    /// Sends what rustls has to say on its own, such as its refusal of a renegotiation. Otherwise it would wait for the
    /// next write, which may never come.
    fn speak_up(&mut self, cx: &mut Context<'_>) {
        if self.state().wants_write() {
            // An error shows with the next read.
            let _ = Pin::new(&mut self.0).poll_flush(cx);
        }
    }

    /// The stream as rustls has it.
    #[cfg(test)]
    pub(crate) fn into_inner(self) -> tokio_rustls::TlsStream<ReadAhead> {
        self.0
    }
}

impl Duplex for TlsStream {
    /// What comes in is decrypted into a buffer of the stream, at most one record's length.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.0).poll_fill_buf(cx) {
            Poll::Ready(Err(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Err(error))
            }
            Poll::Ready(_) => Poll::Ready(Ok(())),
            Poll::Pending => {
                self.speak_up(cx);
                Poll::Pending
            }
        }
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.0).poll_read(cx, buf) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => {
                self.speak_up(cx);
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// The connection below, read in larger pieces than the 4 KiB that rustls asks for at a time: a record of 16 KiB would
/// take five reads. What was read before the handshake comes first.
#[derive(Debug)]
pub(crate) struct ReadAhead {
    buffer: ReadBuffer,
    io: Io,
}

impl ReadAhead {
    pub(crate) fn new(io: Io, first: &[u8]) -> Self {
        let mut buffer = ReadBuffer::default();
        buffer.push(first);
        Self { buffer, io }
    }
}

impl AsyncRead for ReadAhead {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { buffer, io } = &mut *self;
        if buffer.is_empty() && ready!(buffer.poll_read(io, cx))? == 0 {
            return Poll::Ready(Ok(()));
        }
        let taken = buffer.unread().len().min(buf.remaining());
        buf.put_slice(&buffer.unread()[..taken]);
        buffer.consume(taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ReadAhead {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
