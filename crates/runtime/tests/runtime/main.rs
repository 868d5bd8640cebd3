//! From configurations to what runs: what is built, what is kept, and what requests meet meanwhile.

mod broken;
mod large;
mod rebuild;
mod serving;
mod streams;
mod support;
mod tls;
