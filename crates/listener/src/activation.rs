//! Sockets from systemd in place of our own (socket activation), and telling systemd that we are up.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use listenfd::ListenFd;
use socket2::SockRef;

use crate::address::set_up;

/// The sockets that systemd passed on, by their names (`FileDescriptorName=` in the socket unit). An entry
/// point listens on the one of its own name.
#[derive(Debug, Default)]
pub struct Activated {
    tcp: HashMap<String, TcpListener>,
    udp: HashMap<String, UdpSocket>,
}

/// Why a socket that was passed on cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// Several have one name.
    #[error("systemd passed more than one socket with the name {0:?}, expected one for each entry point")]
    Ambiguous(String),
    /// It is neither kind.
    #[error("the socket {name:?} from systemd is neither a TCP listener nor a UDP socket: {problem}")]
    Unusable {
        /// Its name.
        name: String,
        /// What the system says.
        problem: String,
    },
}

impl Activated {
    /// Takes the sockets that the environment (`LISTEN_FDS`, `LISTEN_FDNAMES`) tells of, and what is wrong with
    /// others. To be called once, at the start.
    pub fn from_environment() -> (Self, Vec<ActivationError>) {
        // Without a name systemd says "unknown", as it does for units that set none.
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').map(str::to_owned);
        let mut passed = ListenFd::from_env();
        let (mut activated, mut errors) = (Self::default(), Vec::new());
        for number in 0..passed.len() {
            let name = names.next().filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned());
            if let Err(error) = activated.add(&mut passed, number, name) {
                errors.push(error);
            }
        }
        (activated, errors)
    }

    fn add(&mut self, passed: &mut ListenFd, number: usize, name: String) -> Result<(), ActivationError> {
        if self.tcp.contains_key(&name) || self.udp.contains_key(&name) {
            return Err(ActivationError::Ambiguous(name));
        }
        let unusable =
            |error: io::Error| ActivationError::Unusable { name: name.clone(), problem: error.to_string() };
        match passed.take_tcp_listener(number) {
            Ok(listener) => {
                let listener = listener.filter(|listener| set_up(&SockRef::from(listener)).is_ok());
                self.tcp.extend(listener.map(|listener| (name, listener)));
            }
            Err(_) => {
                let socket = passed.take_udp_socket(number).map_err(unusable)?;
                let socket = socket.filter(|socket| socket.set_nonblocking(true).is_ok());
                self.udp.extend(socket.map(|socket| (name, socket)));
            }
        }
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty()
    }

    /// The TCP listener of this name, non-blocking.
    pub fn take_tcp(&mut self, name: &str) -> Option<TcpListener> {
        self.tcp.remove(name)
    }

    /// The UDP socket of this name, non-blocking.
    pub fn take_udp(&mut self, name: &str) -> Option<UdpSocket> {
        self.udp.remove(name)
    }

    /// The names of sockets that nobody took, in order: no entry point is called so.
    pub fn rest(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tcp.keys().chain(self.udp.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// What systemd is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// Connections are accepted.
    Ready,
    /// The process begins to end.
    Stopping,
    /// The process is well; due at half of [`watchdog_interval`].
    Watchdog,
}

/// Tells the service manager, if there is one (`NOTIFY_SOCKET`).
///
/// # Errors
/// Its socket cannot be reached.
pub fn notify(notification: Notification) -> io::Result<()> {
    match std::env::var_os("NOTIFY_SOCKET") {
        Some(path) => notify_at(&path, notification),
        None => Ok(()),
    }
}

fn notify_at(path: &OsStr, notification: Notification) -> io::Result<()> {
    let message = match notification {
        Notification::Ready => "READY=1",
        Notification::Stopping => "STOPPING=1",
        Notification::Watchdog => "WATCHDOG=1",
    };
    let address = match path.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(path)?,
    };
    UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address).map(|_| ())
}

/// How long the service manager waits for a [`Notification::Watchdog`] before it restarts the process; `None`
/// when it does not watch this one (`WATCHDOG_USEC`, `WATCHDOG_PID`).
pub fn watchdog_interval() -> Option<Duration> {
    let variable = |name| std::env::var(name).ok();
    interval(variable("WATCHDOG_USEC").as_deref(), variable("WATCHDOG_PID").as_deref(), std::process::id())
}

fn interval(micros: Option<&str>, watched: Option<&str>, own: u32) -> Option<Duration> {
    let micros: u64 = micros?.parse().ok().filter(|micros| *micros > 0)?;
    let ours = watched.is_none_or(|watched| watched.parse() == Ok(own));
    ours.then_some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests;
