//! Whether a problem may be shown with its own words: those about a value quote it.

use super::secret::in_words;
use crate::decode::{Section, Shape};
use crate::problem::{Problem, ProblemKind};

/// The words of a problem with a document of dynamic configuration that people may see who must not see secrets.
pub fn words(problem: &Problem, root: &'static Section) -> String {
    let quotes = matches!(problem.kind, ProblemKind::BadValue | ProblemKind::Syntax);
    if quotes && !is_open(&problem.path, root) {
        return format!("{}: a value that cannot be used; the log has more", problem.path);
    }
    in_words(&problem.message).into_owned()
}

/// Whether a path leads to an option that is surely not secret. A path that leads nowhere is not: names of objects may
/// have dots in them.
fn is_open(path: &str, root: &'static Section) -> bool {
    let mut shape = Shape::Section(root);
    for name in path.split('.') {
        let name = name.split('[').next().unwrap_or_default();
        while let Shape::List(inner) = shape {
            shape = *inner;
        }
        shape = match shape {
            Shape::Map(inner) => *inner,
            Shape::Section(section) => {
                let field = section.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name));
                match field {
                    Some(field) if !field.marks.secret && !field.marks.guarded => field.shape,
                    _ => return false,
                }
            }
            _ => return false,
        };
    }
    // What is above a secret may quote it: a map or a section in the wrong form.
    matches!(shape, Shape::Scalar(_) | Shape::Bool) || is_list_of_scalars(shape)
}

fn is_list_of_scalars(shape: Shape) -> bool {
    matches!(shape, Shape::List(inner) if matches!(inner, Shape::Scalar(_) | Shape::Bool))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamic::Root;
    use crate::source::{Source, Span};

    #[test]
    fn values_of_secret_options_are_not_quoted() {
        for (path, kind, is_shown) in [
            ("http.routers.app.priority", ProblemKind::BadValue, true),
            ("http.routers.app.entryPoints[1]", ProblemKind::BadValue, true),
            ("http.services.app.loadBalancer.servers[0].weight", ProblemKind::BadValue, true),
            ("http.services.app.loadBalancer.servers[0].url", ProblemKind::BadValue, false),
            ("http.middlewares.a.basicAuth.users", ProblemKind::BadValue, false),
            ("http.middlewares.a.basicAuth", ProblemKind::BadValue, false),
            ("http.middlewares.a.b.basicAuth.users", ProblemKind::BadValue, false),
            ("http.middlewares.a.basicAuth.nonsense", ProblemKind::UnknownField, true),
            ("", ProblemKind::Syntax, false),
        ] {
            let span = Span::whole(&Source::other("test"));
            let shown = words(&Problem::error(kind, span, path, "bad value \"geheim\""), Root::SECTION);
            assert_eq!(shown.contains("geheim"), is_shown, "{path}: {shown}");
        }
    }
}
