//! `chain`: several middlewares under one name. It does not run: its middlewares take its place.

use std::sync::Arc;

use ferroway_config::dynamic::KindError;
use ferroway_core::{Middleware, Step};

use crate::unavailable::Unavailable;
use crate::{BuildContext, BuildError, Built, Problem, build_kind};

#[cfg(test)]
mod tests;

/// Builds middlewares in the order in which requests pass them, those of chains in place of the chains. Names without
/// `@provider` are those of `provider`; names in a chain those of the chain's provider.
///
/// # Errors
/// The first middleware that cannot be built.
pub fn build_chain(names: &[String], provider: &str, cx: &BuildContext<'_>) -> Result<Vec<Step>, BuildError> {
    let mut building = Building { cx, path: Vec::new(), steps: Vec::with_capacity(names.len()) };
    building.add_all(names, provider)?;
    Ok(building.steps)
}

struct Building<'a> {
    cx: &'a BuildContext<'a>,
    /// The chains that are being expanded, from the outermost.
    path: Vec<Arc<str>>,
    steps: Vec<Step>,
}

impl Building<'_> {
    fn add_all(&mut self, names: &[String], provider: &str) -> Result<(), BuildError> {
        names.iter().try_for_each(|name| match name.rsplit_once('@') {
            Some((_, provider)) => self.add(&name.as_str().into(), provider),
            None => self.add(&format!("{name}@{provider}").into(), provider),
        })
    }

    fn add(&mut self, name: &Arc<str>, provider: &str) -> Result<(), BuildError> {
        let failed = |problem| BuildError { middleware: Arc::clone(name), problem };
        let config = (self.cx.definitions)(name).ok_or_else(|| failed(Problem::Missing(Arc::clone(name))))?;
        let kind = config.kind().map_err(|error| {
            failed(match error {
                KindError::None => Problem::NoKind(Arc::clone(name)),
                KindError::Several => Problem::SeveralKinds,
            })
        })?;
        let kind_name = kind.name();
        let mut step =
            |middleware| self.steps.push(Step { name: Arc::clone(name), kind: kind_name, middleware });
        match build_kind(kind).map_err(failed)? {
            Built::Middleware(middleware) => {
                step(middleware);
                Ok(())
            }
            Built::Unavailable => {
                (self.cx.unavailable)(name, &Problem::NotImplemented(kind_name));
                step(Middleware::Filter(Arc::new(Unavailable(kind_name))));
                Ok(())
            }
            Built::Chain(names) => {
                if self.path.contains(name) {
                    self.path.push(Arc::clone(name));
                    return Err(failed(Problem::Recursion(self.path.join("->"))));
                }
                self.path.push(Arc::clone(name));
                self.add_all(&names, provider)?;
                self.path.pop();
                Ok(())
            }
        }
    }
}
