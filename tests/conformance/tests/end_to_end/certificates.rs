//! The certificates of `examples/grpc-services`, made by the script that stands there.

use std::path::Path;

use anyhow::{Context, Result};

use crate::programs;

/// Makes them in a folder.
pub(crate) async fn make(folder: &Path) -> Result<()> {
    run(folder, &[]).await
}

/// Makes one more, of an authority that is there.
pub(crate) async fn make_another(folder: &Path, name: &str, authority: &str, names: &str) -> Result<()> {
    run(folder, &[name, authority, names]).await
}

async fn run(folder: &Path, args: &[&str]) -> Result<()> {
    let script = programs::repository("examples/grpc-services/certificates")?;
    let said = programs::run(&script, args, folder, "").await?;
    said.expect(&[]).context("the certificates cannot be made")
}
