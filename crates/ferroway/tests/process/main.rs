//! The process from outside: how it starts, what it says when it cannot, how it takes changes, and how it ends.

mod certificates;
mod changes;
mod commands;
mod ending;
mod logs;
mod refusals;
mod support;
mod systemd;
mod workers;
