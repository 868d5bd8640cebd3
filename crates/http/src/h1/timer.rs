//! One timer per connection, set anew only when it has to fire earlier than it would.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::time::Sleep;

/// A deadline that moves with every request, on a timer that is touched rarely: a timer that fires
/// before the deadline is set again then.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    /// Whether the timer will wake the task: a connection's timer is polled by one task only, so once is
    /// enough until it fires.
    armed: bool,
}

impl Timer {
    /// Ready once `deadline` has passed; wakes the task no later than that.
    pub(crate) fn poll(&mut self, deadline: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = deadline else { return Poll::Pending };
        let deadline = tokio::time::Instant::from_std(deadline);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
            self.armed = false;
        }
        if self.armed && !sleep.is_elapsed() {
            return Poll::Pending;
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if tokio::time::Instant::now() >= deadline {
                self.armed = false;
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        self.armed = true;
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_deadline_may_move_both_ways() {
        let start = tokio::time::Instant::now();
        let at = |seconds| Some((start + Duration::from_secs(seconds)).into_std());
        let mut timer = Timer::default();
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        assert!(timer.poll(at(60), cx).is_pending());
        assert!(timer.poll(None, cx).is_pending());
        poll_fn(|cx| timer.poll(at(10), cx)).await;
        assert_eq!(start.elapsed().as_secs(), 10);
        poll_fn(|cx| timer.poll(at(30), cx)).await;
        assert_eq!(start.elapsed().as_secs(), 30);
    }
}
