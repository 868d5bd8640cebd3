//! Every option of the model, one by one: its name decodes, and its value arrives.

use ferroway_config::decode::{Context, Shape, Visit, walk};
use ferroway_config::dynamic::{Root, decode_dynamic};
use ferroway_config::static_config::Static;
use ferroway_config::{Entry, Map, Node, Source, Span, Value};

/// A text for an option that is not its default.
fn other_than(default: &str, shape: Shape) -> Option<String> {
    Some(match shape {
        Shape::Bool => (default != "true").to_string(),
        Shape::Scalar("an integer") => "77".to_owned(),
        Shape::Scalar("a number") => "0.77".to_owned(),
        Shape::Scalar(expected) if expected.starts_with("a duration") => "77s".to_owned(),
        Shape::Scalar(_) | Shape::Free => "77-x".to_owned(),
        Shape::List(inner) => return other_than("", *inner),
        Shape::Map(_) | Shape::Section(_) => return None,
    })
}

/// The tree that says `path = text` in any case.
fn tree(path: &str, text: &str, span: &Span) -> Node {
    let node = Node::text(text, span.clone());
    path.rsplit('.').fold(node, |below, name| {
        let (name, is_list) = name.strip_suffix("[n]").map_or((name, false), |name| (name, true));
        let key = if name == "<name>" { "n".to_owned() } else { name.to_uppercase() };
        let value = if is_list { Node::new(Value::List(vec![below]), span.clone()) } else { below };
        let entry = Entry { key: key.into(), key_span: span.clone(), value };
        Node::new(Value::Map(Map { entries: vec![entry] }), span.clone())
    })
}

/// Calls `check` with every option that is written as text, and a tree that sets it.
fn each(section: &'static ferroway_config::decode::Section, mut check: impl FnMut(&str, &Node)) -> usize {
    let span = Span::at(&Source::file("f", ""), 1, 1);
    let mut count = 0;
    walk(section, &mut |Visit { path, field, .. }| {
        let shape = match field.shape {
            Shape::Map(inner) if !matches!(inner, Shape::Section(_)) => *inner,
            shape => shape,
        };
        if let Some(text) = other_than(&(field.default)(), shape) {
            count += 1;
            check(path, &tree(path, &text, &span));
        }
    });
    count
}

#[test]
fn of_the_static_configuration() {
    let count = each(Static::SECTION, |path, node| {
        let mut config = Static::default();
        let mut cx = Context::new().with_planned();
        config.decode_parts(node, &mut cx);
        let errors: Vec<_> = cx.finish().0.into_iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
        assert_ne!(config, Static::default(), "{path} does not arrive");
    });
    assert!(count > 400, "{count}");
}

#[test]
fn of_the_dynamic_configuration() {
    let empty = format!("{:?}", decode_dynamic(&Node::new(Value::Null, Span::whole(&Source::other("x")))).0);
    let count = each(Root::SECTION, |path, node| {
        let (dynamic, problems) = decode_dynamic(node);
        let errors: Vec<_> = problems.into_iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
        assert_ne!(format!("{dynamic:?}"), empty, "{path} does not arrive");
        assert!(dynamic.broken.is_empty(), "{path}");
    });
    assert!(count > 280, "{count}");
}
