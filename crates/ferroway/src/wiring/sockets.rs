//! The sockets of entry points: those that systemd passes on, and our own.

use std::net::{TcpListener, UdpSocket};

use ferroway_listener::{Activated, ActivationError, Address, BindError, bind, bind_udp};

/// Where sockets come from.
pub(crate) struct Sockets {
    activated: Activated,
    /// Whether systemd has passed any.
    passed: bool,
    errors: Vec<ActivationError>,
}

impl Sockets {
    /// Takes what the environment tells of. To be called once, before there are threads.
    pub(crate) fn from_environment() -> Self {
        let (activated, errors) = Activated::from_environment();
        Self { passed: !activated.is_empty() || !errors.is_empty(), activated, errors }
    }

    /// The listener of an entry point. The address is that of the socket where systemd has made it.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub(crate) fn tcp(
        &mut self,
        name: &str,
        address: &Address,
        reuse_port: bool,
    ) -> Result<TcpListener, BindError> {
        match self.activated.take_tcp(name) {
            Some(listener) => Ok(taken(name, listener)),
            None => {
                self.warn(name, "TCP", address);
                bind(address, reuse_port)
            }
        }
    }

    /// The same for an entry point of datagrams.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub(crate) fn udp(
        &mut self,
        name: &str,
        address: &Address,
        reuse_port: bool,
    ) -> Result<UdpSocket, BindError> {
        match self.activated.take_udp(name) {
            Some(socket) => Ok(taken(name, socket)),
            None => {
                self.warn(name, "UDP", address);
                bind_udp(address, reuse_port)
            }
        }
    }

    fn warn(&self, name: &str, kind: &str, address: &Address) {
        if self.passed {
            tracing::warn!(
                entryPointName = name,
                "systemd passed no {kind} socket of this name; listening on {address}"
            );
        }
    }

    /// Tells of what could not be used. Such sockets are closed.
    pub(crate) fn finish(self) {
        for error in &self.errors {
            tracing::error!("{error}");
        }
        for name in self.activated.rest() {
            tracing::warn!("no entry point has the name {name:?} of a socket from systemd");
        }
    }
}

fn taken<S>(name: &str, socket: S) -> S {
    tracing::info!(entryPointName = name, "listening on the socket from systemd");
    socket
}
