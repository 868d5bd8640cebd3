//! Who was woken: a connection's task has parts that wake each other while it runs. A stream that has something to
//! send wakes the connection below, and what that reads wakes streams. Each part is polled when it was woken, and
//! the task is not woken by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// How often the parts of one task are polled before other tasks have their turn.
const ROUNDS: usize = 4;

/// A task of two parts.
pub(super) struct Turns {
    task: Arc<Task>,
    /// The streams, and what else the task waits for.
    pub(super) streams: Part,
    /// The connection below them.
    pub(super) connection: Part,
}

/// A part of a task.
pub(super) struct Part {
    woken: Arc<Woken>,
    waker: Waker,
}

#[derive(Default)]
struct Task {
    waker: AtomicWaker,
    /// While it is polled whoever is woken has its turn soon.
    is_running: AtomicBool,
}

struct Woken {
    task: Arc<Task>,
    is_woken: AtomicBool,
}

impl Turns {
    /// Parts that are to be polled.
    pub(super) fn new() -> Self {
        let task = Arc::new(Task::default());
        Self { streams: Part::new(task.clone()), connection: Part::new(task.clone()), task }
    }

    /// Polls by `round`, again while a part was woken meanwhile.
    pub(super) fn poll<T>(&self, cx: &mut Context<'_>, mut round: impl FnMut() -> Poll<T>) -> Poll<T> {
        self.task.waker.register(cx.waker());
        self.task.is_running.store(true, Ordering::SeqCst);
        let mut polled = Poll::Pending;
        for _ in 0..ROUNDS {
            polled = round();
            if polled.is_ready() || !self.is_woken() {
                break;
            }
        }
        // In this order, and in the other one in `wake`: no wake from another thread is lost.
        self.task.is_running.store(false, Ordering::SeqCst);
        if polled.is_pending() && self.is_woken() {
            cx.waker().wake_by_ref();
        }
        polled
    }

    fn is_woken(&self) -> bool {
        self.streams.woken.is_woken.load(Ordering::SeqCst)
            || self.connection.woken.is_woken.load(Ordering::SeqCst)
    }
}

impl Part {
    fn new(task: Arc<Task>) -> Self {
        let woken = Arc::new(Woken { task, is_woken: AtomicBool::new(true) });
        Self { waker: Waker::from(woken.clone()), woken }
    }

    /// What it is polled with.
    pub(super) fn context(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }

    /// Whether it was woken since this was asked last.
    pub(super) fn take(&self) -> bool {
        self.woken.is_woken.swap(false, Ordering::SeqCst)
    }

    /// Wakes it.
    pub(super) fn wake(&self) {
        self.woken.wake_by_ref();
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let was_woken = self.is_woken.swap(true, Ordering::SeqCst);
        if !was_woken && !self.task.is_running.load(Ordering::SeqCst) {
            self.task.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Counts wakes of the task.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn polled(turns: &Turns, count: &Arc<Count>, mut round: impl FnMut()) -> usize {
        let before = count.0.load(Ordering::Relaxed);
        let waker = Waker::from(count.clone());
        let polled: Poll<()> = turns.poll(&mut Context::from_waker(&waker), || {
            round();
            Poll::Pending
        });
        assert!(polled.is_pending());
        count.0.load(Ordering::Relaxed) - before
    }

    #[test]
    fn a_part_that_is_woken_meanwhile_has_another_round_and_the_task_is_not_woken() {
        let (turns, count) = (Turns::new(), Arc::new(Count::default()));
        let (mut rounds, mut streams, mut connection) = (0, 0, 0);
        let woken = polled(&turns, &count, || {
            rounds += 1;
            streams += usize::from(turns.streams.take());
            connection += usize::from(turns.connection.take());
            if rounds == 1 {
                turns.streams.wake();
            }
        });
        assert_eq!((rounds, streams, connection, woken), (2, 2, 1, 0));
    }

    #[test]
    fn a_part_that_is_woken_later_wakes_the_task_once() {
        let (turns, count) = (Turns::new(), Arc::new(Count::default()));
        polled(&turns, &count, || {
            turns.streams.take();
            turns.connection.take();
        });
        turns.connection.context().waker().wake_by_ref();
        turns.connection.context().waker().wake_by_ref();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        let mut seen = Vec::new();
        polled(&turns, &count, || seen.push((turns.streams.take(), turns.connection.take())));
        assert_eq!(seen, [(false, true)]);
    }

    #[test]
    fn parts_that_always_wake_each_other_let_other_tasks_run() {
        let (turns, count) = (Turns::new(), Arc::new(Count::default()));
        let mut rounds = 0;
        let woken = polled(&turns, &count, || {
            rounds += 1;
            turns.connection.wake();
        });
        assert_eq!((rounds, woken), (ROUNDS, 1));
    }

    #[test]
    fn no_wake_of_another_thread_is_lost() {
        let (turns, count) = (Arc::new(Turns::new()), Arc::new(Count::default()));
        for _ in 0..1_000 {
            let waking = {
                let turns = turns.clone();
                std::thread::spawn(move || turns.streams.wake())
            };
            let mut seen = false;
            let mut woken = polled(&turns, &count, || seen |= turns.streams.take());
            let before = count.0.load(Ordering::Relaxed);
            waking.join().unwrap();
            woken += count.0.load(Ordering::Relaxed) - before;
            // Either the round saw it, or the task is woken for it.
            assert!(seen || woken > 0);
            turns.streams.take();
        }
    }
}
