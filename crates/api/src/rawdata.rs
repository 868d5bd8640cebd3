//! `/api/rawdata`: everything.

use ferroway_config::encode::Object;

use crate::entry::Form;
use crate::view::{List, Servers, View, write};

/// All objects; their names are in order, as Go's maps come out.
pub(crate) fn encode(view: &View, servers: &dyn Servers, has_details: bool) -> Vec<u8> {
    let form = Form { is_listed: false, has_details };
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
                object.with(&entry.name, |out| write(out, list, entry, servers, form));
            }
            object.end();
        });
    }
    object.end();
    out
}
