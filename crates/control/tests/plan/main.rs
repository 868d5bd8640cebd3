//! What configurations become: tables of YAML snippets and of the plans that they are to give.

mod internal;
mod parents;
mod reuse;
mod routers;
mod streams;
mod support;
mod tls;
