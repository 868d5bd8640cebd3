//! `/api/rawdata`: everything.

use ferroway_config::encode::Object;

use crate::answer::Answer;
use crate::view::{List, Servers, View, write};

pub(crate) fn answer(view: &View, servers: &dyn Servers) -> Answer {
    let size: usize =
        List::ALL.iter().flat_map(|list| view.list(*list)).map(|entry| entry.members.len() + 64).sum();
    let mut out = Vec::with_capacity(size + 256);
    let mut object = Object::begin(&mut out);
    for list in List::ALL {
        let entries = view.list(list);
        if entries.is_empty() {
            continue;
        }
        object.with(list.key(), |out| {
            let mut object = Object::begin(out);
            for entry in entries {
                object.with(&entry.name, |out| write(out, list, entry, servers, false));
            }
            object.end();
        });
    }
    object.end();
    Answer::json(out)
}
