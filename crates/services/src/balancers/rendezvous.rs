//! `hrw`: highest random weight. A client gets the same server as long as that is there, and when a server
//! goes only its own clients move.

use std::net::IpAddr;

use ferroway_core::Exchange;

use super::{Strategy, Target};

/// Servers by the score that each of them has for a client.
#[derive(Debug)]
pub(super) struct Rendezvous {
    /// Numbers, URLs and weights of the servers that may be chosen.
    servers: Vec<(usize, Box<str>, f64)>,
}

impl Rendezvous {
    pub(super) fn of(targets: &[Target<'_>]) -> Self {
        let eligible = targets.iter().enumerate().filter(|(_, target)| target.weight > 0);
        #[expect(clippy::cast_precision_loss, reason = "weights are small, and only their proportion counts")]
        let server =
            |(number, target): (usize, &Target<'_>)| (number, target.url.into(), target.weight as f64);
        Self { servers: eligible.map(server).collect() }
    }

    fn of_client(&self, client: IpAddr, usable: impl Fn(usize) -> bool) -> Option<usize> {
        let client = client.to_string();
        let servers = self.servers.iter().filter(|(number, ..)| usable(*number));
        let scores = servers.map(|(number, url, weight)| (score(&client, url, *weight), *number));
        scores.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, number)| number)
    }
}

impl Strategy for Rendezvous {
    fn choose(&self, exchange: &Exchange, usable: &dyn Fn(usize) -> bool) -> Option<usize> {
        self.of_client(exchange.conn.peer.ip().to_canonical(), usable)
    }
}

/// A number above 0 that follows only from the client and the server, larger for larger weights.
fn score(client: &str, url: &str, weight: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the low bits decide nothing")]
    let share = fnv1a(client.bytes().chain(url.bytes())) as f64 / u64::MAX as f64;
    weight / -share.ln()
}

/// The 64 bit FNV-1a hash: Traefik's choice, so that replicas of both agree.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn clients() -> impl Iterator<Item = IpAddr> {
        (0..1000_u32).map(|number| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number * 7919)))
    }

    fn rendezvous(servers: &[(&str, i64)]) -> Rendezvous {
        let targets: Vec<Target<'_>> = servers.iter().map(|&(url, weight)| Target { url, weight }).collect();
        Rendezvous::of(&targets)
    }

    #[test]
    fn hashes_are_those_of_the_reference() {
        for (text, expected) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(fnv1a(text.bytes()), expected, "{text}");
        }
    }

    #[test]
    fn only_clients_of_a_server_that_is_gone_move() {
        let before = rendezvous(&[
            ("http://10.0.0.1:8080", 1),
            ("http://10.0.0.2:8080", 1),
            ("http://10.0.0.3:8080", 1),
        ]);
        let after = rendezvous(&[
            ("http://10.0.0.1:8080", 1),
            ("http://10.0.0.2:8080", 1),
            ("http://10.0.0.3:8080", 0),
        ]);
        let mut shares = [0; 3];
        for client in clients() {
            let (was, is) = (
                before.of_client(client, |_| true).expect("a server"),
                after.of_client(client, |_| true).expect("a server"),
            );
            shares[was] += 1;
            assert!(was == is || was == 2, "{client} moved from {was} to {is}");
        }
        assert!(shares.iter().all(|share| (250..420).contains(share)), "{shares:?}");
    }

    #[test]
    fn a_heavier_server_has_more_clients() {
        let servers = rendezvous(&[("http://10.0.0.1:8080", 3), ("http://10.0.0.2:8080", 1)]);
        let first = clients().filter(|client| servers.of_client(*client, |_| true) == Some(0)).count();
        assert!((700..800).contains(&first), "{first}");
        assert_eq!(
            rendezvous(&[("http://10.0.0.1:8080", 0)]).of_client(clients().next().expect("one"), |_| true),
            None
        );
    }
}
