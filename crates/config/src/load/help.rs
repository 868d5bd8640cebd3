//! The reference of all static options, and the text of `--help`.

use crate::decode::{Shape, walk};
use crate::static_config::Static;

/// One option of the static configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionReference {
    /// Its path; `<name>` stands for a name of the user's, `[n]` for an index.
    pub path: String,
    /// Its default, in the text form of flags.
    pub default: String,
    /// What it does.
    pub doc: String,
    /// ferroway does not have it yet.
    pub planned: bool,
}

/// All options that can be set by a flag, sorted by path.
pub fn reference() -> Vec<OptionReference> {
    let mut options = Vec::new();
    walk(Static::SECTION, &mut |visit| {
        let field = visit.field;
        let default = match field.shape {
            Shape::Section(_) if !field.marks.allow_empty => return,
            Shape::Section(_) | Shape::Map(Shape::Section(_)) => "false".to_owned(),
            _ => (field.default)(),
        };
        let doc = field.doc.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        options.push(OptionReference {
            path: visit.path.to_owned(),
            default,
            doc: doc.trim().to_owned(),
            planned: visit.planned,
        });
    });
    options.sort_by_cached_key(|option| option.path.to_ascii_lowercase());
    options
}

/// The part of the help text that lists the flags.
pub fn help() -> String {
    let mut text = String::from(
        "    --configfile  (Default: \"\")\n        File to use. If given, the usual places are not searched.\n\n",
    );
    for OptionReference { path, default, doc, planned } in reference() {
        let path = path.to_ascii_lowercase();
        let note = if planned { " (not implemented yet)" } else { "" };
        text.push_str(&format!("    --{path}  (Default: {default:?})\n"));
        text.push_str(&format!("        {doc}{note}\n\n"));
    }
    text
}
