//! The `config!` macro: one description of a section and its options.

/// Declares sections of options.
///
/// ```text
/// config! {
///     /// What the section is for.
///     pub struct LoadBalancer: "*dynamic.ServersLoadBalancer" {
///         /// What the option does.
///         "servers" servers: Vec<Server>,
///         /// How a server is chosen.
///         "strategy" strategy: String = "wrr".to_owned(),
///         /// Makes a client stay with its server.
///         "sticky" [allow_empty] sticky: Option<Sticky>,
///     }
///     legacy { "method" => Removed("use strategy") }
/// }
/// ```
///
/// The text behind the name is Traefik's name of the type. An option without `= default` has its type's default.
/// Marks in brackets are the builder methods of [`Marks`](crate::decode::Marks). `legacy` lists names that are no
/// options: `Removed("advice")` is refused, `Ignored("reason")` only warned about.
macro_rules! config {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($($derive:ident),*)])?
        pub struct $name:ident: $type_name:literal {
            $(
                $(#[doc = $field_doc:literal])*
                $key:literal $([$($mark:ident $(($advice:literal))?),+])? $field:ident: $type:ty $(= $default:expr)?
            ),* $(,)?
        }
        $(legacy { $($old:literal => $fate:ident($why:literal)),* $(,)? })?
    )*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, $($($derive),*)?)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self { $( $field: $crate::decode::config!(@default $($default)?), )* }
            }
        }

        impl $name {
            /// The description of the section's options.
            pub const SECTION: &'static $crate::decode::Section = {
                const FIELDS: &[$crate::decode::Field] = &[ $( $crate::decode::Field {
                    name: $key,
                    doc: concat!($($field_doc, "\n"),*),
                    shape: <$type as $crate::decode::Decode>::SHAPE,
                    marks: $crate::decode::Marks::NONE $($( .$mark($($advice)?) )+)?,
                    default: || $crate::decode::Decode::show(&<$name as Default>::default().$field),
                    is_default: |node| {
                        let mut cx = $crate::decode::Context::new();
                        let decoded = <$type as $crate::decode::Decode>::decode(node, &mut cx);
                        decoded.is_some_and(|value| value == <$name as Default>::default().$field)
                    },
                } ),* ];
                const LEGACY: &[$crate::decode::Legacy] = &[ $($(
                    $crate::decode::Legacy { name: $old, old: $crate::decode::Old::$fate($why) }
                ),*)? ];
                &$crate::decode::Section {
                    type_name: $type_name,
                    doc: concat!($($doc, "\n"),*),
                    fields: FIELDS,
                    legacy: LEGACY,
                }
            };
        }

        impl $name {
            /// Decodes what can be decoded; the rest keeps its default and is reported to `cx`. False if `node` is
            /// no section at all.
            pub fn decode_parts<'n>(
                &mut self,
                node: &'n $crate::Node,
                cx: &mut $crate::decode::Context<'n>,
            ) -> bool {
                type Setter = for<'n> fn(&mut $name, &'n $crate::Node, &mut $crate::decode::Context<'n>);
                const SETTERS: &[Setter] = &[ $( |section, node, cx| {
                    if let Some(value) = $crate::decode::Decode::decode(node, cx) {
                        section.$field = value;
                    }
                } ),* ];
                $crate::decode::members(node, Self::SECTION, cx, &mut |index, node, cx| {
                    SETTERS[index](self, node, cx);
                })
            }
        }

        impl $crate::encode::EncodeSection for $name {
            // Sections without options exist.
            #[allow(unused_variables)]
            fn encode_options(&self, object: &mut $crate::encode::Object<'_>) {
                $( $crate::encode::option(
                    object,
                    $key,
                    const { $crate::decode::Marks::NONE $($( .$mark($($advice)?) )+)? },
                    &self.$field,
                    || self.$field == <$name as Default>::default().$field,
                ); )*
            }
        }

        impl $crate::encode::Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                let mut object = $crate::encode::Object::begin(out);
                $crate::encode::EncodeSection::encode_options(self, &mut object);
                object.end();
            }
        }

        impl $crate::decode::Decode for $name {
            const SHAPE: $crate::decode::Shape = $crate::decode::Shape::Section($name::SECTION);

            fn decode<'n>(
                node: &'n $crate::Node,
                cx: &mut $crate::decode::Context<'n>,
            ) -> Option<Self> {
                let errors = cx.errors();
                let mut section = <$name as Default>::default();
                let is_section = section.decode_parts(node, cx);
                (is_section && cx.errors() == errors).then_some(section)
            }
        }
    )* };
    (@default) => { ::core::default::Default::default() };
    (@default $default:expr) => { $default };
}

pub(crate) use config;
