//! `/api/entrypoints`.

use ferroway_config::encode::{EncodeSection, Object};
use ferroway_config::static_config::EntryPoint;
use http::StatusCode;

use crate::answer::Answer;
use crate::facts::Facts;
use crate::list::page;
use crate::query::Query;

pub(crate) fn all(facts: &Facts, query: &Query) -> Answer {
    page(&facts.entry_points, query, |out, (name, point)| write(out, name, point))
}

pub(crate) fn one(facts: &Facts, name: &str) -> Answer {
    let Some(point) = facts.entry_point(name) else {
        return Answer::error(StatusCode::NOT_FOUND, &format!("entry point not found: {name}"));
    };
    let mut out = Vec::new();
    write(&mut out, name, point);
    Answer::json(out)
}

fn write(out: &mut Vec<u8>, name: &str, point: &EntryPoint) {
    let mut object = Object::begin(out);
    point.encode_options(&mut object);
    object.text("name", name);
    object.end();
}
