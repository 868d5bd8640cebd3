use super::*;
use ferroway_tls::ocsp::Status;

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

#[test]
fn when_to_ask_again() {
    let now = SystemTime::UNIX_EPOCH + minutes(1 << 24);
    let day = 24 * 60;
    // Minutes since the statement was made, and for how long it counts; when the next is asked for from now, and when
    // this one ends.
    for (age, life, due, expires) in [
        (0, Some(7 * day), minutes(7 * day / 2), minutes(7 * day)),
        (day, Some(7 * day), minutes(5 * day / 2), minutes(6 * day)),
        // Half of it is over already.
        (4 * day, Some(7 * day), HOUR, minutes(3 * day)),
        (7 * day - 30, Some(7 * day), minutes(15), minutes(30)),
        // Short ones.
        (0, Some(1), Duration::from_secs(30), minutes(1)),
        (9, Some(10), Duration::from_secs(30), minutes(1)),
        // No end is told.
        (0, None, HOUR, minutes(day)),
        (90 * day, None, HOUR, minutes(day)),
    ] {
        let this_update = now - minutes(age);
        let next_update = life.map(|life| this_update + minutes(life));
        let statement = Statement { status: Status::Good, this_update, next_update };
        let expected = Validity { due: now + due, expires: now + expires };
        assert_eq!(Validity::of(&statement, now), expected, "{age} {life:?}");
    }
    // Never at once.
    let statement = Statement {
        status: Status::Good,
        this_update: now - minutes(10),
        next_update: Some(now + Duration::from_secs(1)),
    };
    assert_eq!(Validity::of(&statement, now).due, now + PAUSE);
}

#[test]
fn waits_grow_to_an_hour() {
    let mut retry = Retry::default();
    let waits: Vec<u64> = (0..8).map(|_| retry.wait().as_secs() / 60).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}
