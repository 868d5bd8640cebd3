//! The channel: newest of each provider, in order, both ends' ends.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ferroway_config::dynamic::Dynamic;

use super::{ConfigReceiver, Message, channel};

/// A message of a provider; the flag tells two of one provider apart.
fn message(provider: &str, complete: bool) -> Message {
    Message {
        provider: provider.into(),
        config: Arc::new(Dynamic::default()),
        problems: Vec::new(),
        complete,
    }
}

/// What can be received now, as `provider:complete`.
fn receive(receiver: &mut ConfigReceiver) -> Poll<Option<String>> {
    let received = pin!(receiver.recv()).poll(&mut Context::from_waker(Waker::noop()));
    received.map(|message| message.map(|message| format!("{}:{}", message.provider, message.complete)))
}

#[test]
fn the_newest_of_each_provider_waits_in_its_first_place() {
    let (sender, mut receiver) = channel();
    assert_eq!(receive(&mut receiver), Poll::Pending);
    for (provider, complete) in [("a", false), ("b", false), ("a", true)] {
        assert!(sender.send(message(provider, complete)));
    }
    assert_eq!(receive(&mut receiver), Poll::Ready(Some("a:true".to_owned())));
    let second = sender.clone();
    drop(sender);
    assert_eq!(receive(&mut receiver), Poll::Ready(Some("b:false".to_owned())));
    assert_eq!(receive(&mut receiver), Poll::Pending);
    assert!(second.send(message("c", true)));
    drop(second);
    assert_eq!(receive(&mut receiver), Poll::Ready(Some("c:true".to_owned())));
    assert_eq!(receive(&mut receiver), Poll::Ready(None));
}

#[tokio::test]
async fn the_receiver_wakes_up() {
    let (sender, mut receiver) = channel();
    let waiting = tokio::spawn(async move {
        let first = receiver.recv().await.map(|message| message.provider);
        (first, receiver.recv().await.is_none())
    });
    tokio::task::yield_now().await;
    std::thread::spawn(move || sender.send(message("a", true))).join().unwrap();
    assert_eq!(waiting.await.unwrap(), (Some("a".into()), true));
}

#[tokio::test]
async fn the_sender_learns_that_nobody_listens() {
    let (sender, receiver) = channel();
    let waiting = tokio::spawn({
        let sender = sender.clone();
        async move { sender.closed().await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(receiver);
    waiting.await.unwrap();
    sender.closed().await;
    assert!(!sender.send(message("a", true)));
}
