use ferroway_config::static_config::Ocsp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::stapling::Stapling;
use crate::stapling::tests::{Authority, load};

/// A certificate with these responders, and what is known of it.
fn entry(responders: &[String]) -> (Rc<Entry>, Arc<Served>) {
    let certificates = load(&[Authority::new().issue("one.test", responders)]);
    let served = certificates.find("one.test").unwrap().clone();
    let entry = Entry::new(served.subject().unwrap().unwrap().clone());
    entry.serve(vec![served.clone()]);
    (entry, served)
}

fn shared(overrides: &[(&str, String)]) -> Rc<Shared> {
    let overrides = overrides.iter().map(|(from, to)| ((*from).to_owned(), to.clone())).collect();
    Stapling::new(&Ocsp { responder_overrides: overrides }).shared
}

fn statement(now: SystemTime, status: Status) -> Statement {
    Statement { status, this_update: now, next_update: Some(now + 2 * HOUR) }
}

#[test]
fn a_response_is_stapled_until_it_expires() {
    let now = SystemTime::now();
    let second = Duration::from_secs(1);
    // Clients are told what there is to tell.
    for status in [Status::Good, Status::Revoked, Status::Unknown] {
        let (entry, served) = entry(&["http://a.test".to_owned()]);
        let validity = entry.keep(&statement(now, status), b"first", now);
        assert_eq!(validity, Validity { due: now + HOUR, expires: now + 2 * HOUR });
        assert_eq!(served.stapled().as_deref(), Some(&b"first"[..]));
        entry.drop_expired(now + 2 * HOUR - second);
        assert_eq!(served.stapled().as_deref(), Some(&b"first"[..]), "{status:?}");

        // Another one takes its place, and has more time.
        entry.keep(&statement(now + HOUR, status), b"second", now + HOUR);
        entry.drop_expired(now + 3 * HOUR - second);
        assert_eq!(served.stapled().as_deref(), Some(&b"second"[..]), "{status:?}");
        entry.drop_expired(now + 3 * HOUR);
        assert_eq!(served.stapled(), None, "{status:?}");
    }
}

#[test]
fn certificates_that_are_loaded_anew_get_the_staple() {
    let (entry, before) = entry(&["http://a.test".to_owned()]);
    let now = SystemTime::now();
    entry.keep(&statement(now, Status::Good), b"first", now);
    let stored = Authority::new().issue("other.test", &[]);
    let anew = load(&[stored]).find("other.test").unwrap().clone();
    entry.serve(vec![anew.clone()]);
    assert_eq!(anew.stapled().as_deref(), Some(&b"first"[..]));
    // From now on it is the one that is kept up to date.
    entry.drop_expired(now + 2 * HOUR);
    assert_eq!((anew.stapled(), before.stapled().as_deref()), (None, Some(&b"first"[..])));
}

/// What stands in the request lines that come to a responder, which answers with rubbish.
async fn useless(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 4096];
    let length = stream.read(&mut request).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nrubbish").await.unwrap();
    String::from_utf8_lossy(&request[..length]).lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn all_responders_are_tried_and_the_old_staple_stays() {
    let (first, second) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = |listener: &TcpListener, path| format!("http://{}{path}", listener.local_addr().unwrap());
    let (entry, served) = entry(&["http://replaced.test/a".to_owned(), url(&second, "/b")]);
    let now = SystemTime::now();
    entry.keep(&statement(now, Status::Good), b"first", now);
    let shared = shared(&[
        ("http://replaced.test/a", url(&first, "/in-its-place")),
        ("http://replaced.test", "http://127.0.0.1:1/".to_owned()),
    ]);
    let asked = async { (useless(&first).await, useless(&second).await) };
    let asked = tokio::time::timeout(Duration::from_secs(5), asked);
    let (got, asked) = tokio::join!(entry.renew(&shared), asked);
    let asked = asked.expect("both are asked");
    assert_eq!((asked.0.as_str(), asked.1.as_str()), ("POST /in-its-place HTTP/1.1", "POST /b HTTP/1.1"));
    assert_eq!((got, served.stapled().as_deref()), (None, Some(&b"first"[..])));
}

#[tokio::test]
async fn following_ends_with_the_certificate() {
    let (entry, _) = entry(&["http://127.0.0.1:1/".to_owned()]);
    let mut following = Box::pin(Entry::follow(Rc::downgrade(&entry), shared(&[])));
    let moment = Duration::from_millis(50);
    assert!(tokio::time::timeout(moment, &mut following).await.is_err(), "it ends too early");
    drop(entry);
    tokio::time::pause();
    let ended = tokio::time::timeout(2 * HOUR, following).await;
    assert!(ended.is_ok(), "it does not end");
}
