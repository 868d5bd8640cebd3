//! Orderly shutdown: who accepts, who finishes, who closes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use tokio::sync::watch;

/// How far the shutdown has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Normal service.
    Running,
    /// A stop was asked for; requests are still accepted (`requestAcceptGraceTimeout`), `/ping` says so.
    Terminating,
    /// Nothing new is accepted; what is in flight may end (`graceTimeOut`).
    Draining,
    /// Everything that is left is closed.
    Closed,
}

/// The side that decides.
#[derive(Debug)]
pub struct Shutdown(watch::Sender<Phase>);

/// The side that looks on; cheap to clone.
#[derive(Debug, Clone)]
pub struct ShutdownWatch(watch::Receiver<Phase>);

impl Shutdown {
    /// Starts in [`Phase::Running`].
    pub fn new() -> (Self, ShutdownWatch) {
        let (sender, receiver) = watch::channel(Phase::Running);
        (Self(sender), ShutdownWatch(receiver))
    }

    /// Moves on; phases never go back.
    pub fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let forward = phase > *now;
            *now = phase.max(*now);
            forward
        });
    }

    /// The present phase.
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Another watcher.
    pub fn watch(&self) -> ShutdownWatch {
        ShutdownWatch(self.0.subscribe())
    }
}

impl ShutdownWatch {
    /// The present phase; `Closed` when the deciding side is gone.
    pub fn phase(&self) -> Phase {
        if self.0.has_changed().is_err() { Phase::Closed } else { *self.0.borrow() }
    }

    /// Waits until `phase` or a later one is reached.
    pub async fn reached(&mut self, phase: Phase) {
        // An error means that the deciding side is gone: the last phase.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}

/// The connections of one worker: how many there are, and how to reach the idle ones when the
/// phase changes. Cheaper for each of them than a watcher of its own.
#[derive(Debug, Clone)]
pub struct Connections(Rc<ConnectionsInner>);

#[derive(Debug)]
struct ConnectionsInner {
    phase: Cell<Phase>,
    slots: RefCell<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

/// One connection's place in [`Connections`]; leaving is dropping it.
#[derive(Debug)]
pub struct Connection {
    of: Connections,
    slot: usize,
}

impl Default for Connections {
    fn default() -> Self {
        Self(Rc::new(ConnectionsInner { phase: Cell::new(Phase::Running), slots: RefCell::default() }))
    }
}

impl Connections {
    /// Adds a connection.
    pub fn enter(&self) -> Connection {
        let mut slots = self.0.slots.borrow_mut();
        let slot = slots.free.pop().unwrap_or_else(|| {
            slots.wakers.push(None);
            slots.wakers.len() - 1
        });
        Connection { of: self.clone(), slot }
    }

    /// How many connections there are.
    pub fn count(&self) -> usize {
        let slots = self.0.slots.borrow();
        slots.wakers.len() - slots.free.len()
    }

    /// Tells every connection of the new phase.
    pub fn set_phase(&self, phase: Phase) {
        self.0.phase.set(phase);
        let mut slots = self.0.slots.borrow_mut();
        for waker in slots.wakers.iter_mut().filter_map(Option::take) {
            waker.wake();
        }
    }
}

impl Connection {
    /// The present phase; `waker` is woken when it changes.
    pub fn phase(&self, waker: &Waker) -> Phase {
        let slot = &mut self.of.0.slots.borrow_mut().wakers[self.slot];
        match slot {
            Some(known) => known.clone_from(waker),
            None => *slot = Some(waker.clone()),
        }
        self.of.0.phase.get()
    }

    /// The present phase, for somebody who is not waiting.
    pub fn current_phase(&self) -> Phase {
        self.of.0.phase.get()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut slots = self.of.0.slots.borrow_mut();
        slots.wakers[self.slot] = None;
        slots.free.push(self.slot);
    }
}
