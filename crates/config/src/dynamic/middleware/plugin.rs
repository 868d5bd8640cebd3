//! `plugin`.

use std::collections::BTreeMap;

use crate::decode::{Context, Decode, FreeForm, Shape};
use crate::encode::Encode;
use crate::node::Node;

/// A middleware from a plugin: the plugin's name and its own configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plugin(
    /// Configuration by the plugin's name; must have exactly one entry.
    pub BTreeMap<String, FreeForm>,
);

impl Decode for Plugin {
    const SHAPE: Shape = BTreeMap::<String, FreeForm>::SHAPE;

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        BTreeMap::decode(node, cx).map(Self)
    }
}

impl Encode for Plugin {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}
