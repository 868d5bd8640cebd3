//! The description of options that decoding, the reference and the checks share.

use crate::node::Node;

/// What a type looks like in a source.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text; the string says what is expected, for messages (`a bool`, `an integer`).
    Scalar(&'static str),
    /// A bool. Apart from other scalars because a bool flag needs no value.
    Bool,
    /// A list.
    List(&'static Shape),
    /// Named values of one shape.
    Map(&'static Shape),
    /// Named options.
    Section(&'static Section),
    /// Any tree (the configuration of a plugin).
    Free,
}

/// A struct of options.
#[derive(Debug)]
pub struct Section {
    /// Traefik's (Go) name of the type, which its messages quote.
    pub type_name: &'static str,
    /// What the section is for.
    pub doc: &'static str,
    /// The options.
    pub fields: &'static [Field],
    /// Names that are not options (any more) but have a meaning.
    pub legacy: &'static [Legacy],
}

/// One option.
#[derive(Debug)]
pub struct Field {
    /// Traefik's name, in its usual spelling.
    pub name: &'static str,
    /// What the option does: effect, unit, allowed values.
    pub doc: &'static str,
    /// What it looks like.
    pub shape: Shape,
    /// Its marks.
    pub marks: Marks,
    /// The default in the text form that flags use.
    pub default: fn() -> String,
    /// Whether a node decodes to the default. False if it does not decode.
    pub is_default: fn(&Node) -> bool,
}

/// A name that is no option (any more).
#[derive(Debug)]
pub struct Legacy {
    /// The name.
    pub name: &'static str,
    /// What to do about it.
    pub old: Old,
}

/// What a legacy name does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    /// Refused; the text says what to use instead.
    Removed(&'static str),
    /// Accepted and without effect, with a warning; the text says why.
    Ignored(&'static str),
}

/// What is special about an option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A section that may be given without content, which enables it with its defaults.
    pub allow_empty: bool,
    /// Traefik has it, ferroway not yet: refused unless it has its default.
    pub planned: bool,
    /// Works, but should not be used any more; the text says what to use instead.
    pub deprecated: Option<&'static str>,
    /// Accepted, and there is nothing that it could change; the text says why.
    pub no_effect: Option<&'static str>,
    /// Never shown: `xxxx` stands in its place.
    pub secret: bool,
    /// Shown without what is secret in it: a password in a URL, header fields whose names say so.
    pub guarded: bool,
    /// Shown when it is zero, too: Traefik's type is a pointer, or has no `omitempty`.
    pub always_shown: bool,
    /// Not shown when it is the default: Traefik's type is a pointer that is set only where the option is.
    pub hidden_default: bool,
}

impl Marks {
    /// No marks.
    pub const NONE: Self = Self {
        allow_empty: false,
        planned: false,
        deprecated: None,
        no_effect: None,
        secret: false,
        guarded: false,
        always_shown: false,
        hidden_default: false,
    };

    /// May be given without content.
    #[must_use]
    pub const fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Not implemented yet.
    #[must_use]
    pub const fn planned(mut self) -> Self {
        self.planned = true;
        self
    }

    /// Never shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Shown without what is secret in it.
    #[must_use]
    pub const fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    /// Shown when it is zero, too.
    #[must_use]
    pub const fn always_shown(mut self) -> Self {
        self.always_shown = true;
        self
    }

    /// Not shown when it is the default.
    #[must_use]
    pub const fn hidden_default(mut self) -> Self {
        self.hidden_default = true;
        self
    }

    /// Without effect, and why.
    #[must_use]
    pub const fn no_effect(mut self, why: &'static str) -> Self {
        self.no_effect = Some(why);
        self
    }

    /// Deprecated, with advice.
    #[must_use]
    pub const fn deprecated(mut self, advice: &'static str) -> Self {
        self.deprecated = Some(advice);
        self
    }
}

impl Section {
    /// The option of a name in any case, and its index.
    pub fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        let exact = self.fields.iter().position(|field| field.name == name);
        let index =
            exact.or_else(|| self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)))?;
        Some((index, &self.fields[index]))
    }

    /// The legacy entry of a name in any case.
    pub fn legacy(&self, name: &str) -> Option<&'static Legacy> {
        self.legacy.iter().find(|legacy| legacy.name.eq_ignore_ascii_case(name))
    }

    /// The names of all options.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.fields.iter().map(|field| field.name)
    }
}

/// One option as [`walk`] shows it.
#[derive(Debug)]
pub struct Visit<'a> {
    /// Full path; `<name>` stands for a map's key, `[n]` for an index.
    pub path: &'a str,
    /// The option.
    pub field: &'a Field,
    /// Its own mark or that of a section around it: not implemented yet.
    pub planned: bool,
}

/// Shows every option below `section`, sections themselves included, parents first.
pub fn walk(section: &'static Section, visit: &mut dyn FnMut(&Visit<'_>)) {
    walk_section(section, &mut String::new(), false, visit);
}

fn walk_section(
    section: &'static Section,
    path: &mut String,
    planned: bool,
    visit: &mut dyn FnMut(&Visit<'_>),
) {
    for field in section.fields {
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(field.name);
        let planned = planned || field.marks.planned;
        if let Shape::Map(_) = field.shape {
            path.push_str(".<name>");
        }
        visit(&Visit { path, field, planned });
        let below = match field.shape {
            Shape::Map(inner) => *inner,
            Shape::List(inner @ Shape::Section(_)) => {
                path.push_str("[n]");
                *inner
            }
            shape => shape,
        };
        if let Shape::Section(section) = below {
            walk_section(section, path, planned, visit);
        }
        path.truncate(length);
    }
}
