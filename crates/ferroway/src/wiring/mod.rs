//! From the static configuration to the options of the parts.

pub(crate) mod api;
pub(crate) mod context;
pub(crate) mod entry_points;
pub(crate) mod logs;
pub(crate) mod ping;
pub(crate) mod sockets;

/// How many workers: `FERROWAY_WORKERS`, else `GOMAXPROCS` as people set it for Traefik, else one for
/// each processor that the process may use.
pub(crate) fn workers() -> usize {
    let set =
        |name| std::env::var(name).ok().and_then(|value| value.parse::<usize>().ok()).filter(|n| *n > 0);
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    set("FERROWAY_WORKERS").or_else(|| set("GOMAXPROCS")).unwrap_or_else(available)
}
