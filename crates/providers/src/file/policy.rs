//! Whether what the files say is to run.
//!
//! Traefik refuses everything while anything is wrong with any file: nothing changes until the last mistake is gone,
//! and after a start with a mistake nothing runs at all. The first half protects: a half-finished edit of ten files
//! is not taken in parts, and a router does not vanish because its new version has a typing mistake. So it is kept:
//!
//! - While the files are without errors, what they say runs.
//! - As soon as there is an error, what ran without errors before goes on running, all of it.
//!
//! Traefik: the second half helps nobody, so it is not copied. When there is no good state to keep, because ferroway has just been started, the
//! objects that are well run and the broken ones are disabled, each with its place and reason. Such a start is the
//! poorer state, so it does not block its own mending: the files are taken again with every change, as long as all
//! are well-formed. A file that is not even that, half written perhaps, changes nothing.

use std::sync::Arc;

use ferroway_config::dynamic::Dynamic;

use super::document::Quality;

/// A configuration that was sent.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) config: Arc<Dynamic>,
    /// Nothing was left out of it.
    pub(super) complete: bool,
}

/// The configuration that is to run, and whether it is all that the files say. `served` is what runs now, `found`
/// what can be made of the files, and `quality` that of the worst of them.
pub(super) fn decide(served: Option<&Served>, found: &Arc<Dynamic>, quality: Quality) -> (Served, bool) {
    let taken = |complete| (Served { config: Arc::clone(found), complete }, complete);
    match (quality, served) {
        (Quality::Whole, _) => taken(true),
        (_, None) => taken(false),
        (Quality::Flawed, Some(served)) if !served.complete => taken(false),
        (_, Some(served)) => (served.clone(), false),
    }
}
