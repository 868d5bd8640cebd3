//! A named object of the dynamic configuration.

use std::sync::Arc;

use crate::decode::{Context, Decode, Shape};
use crate::node::Node;
use crate::source::Span;

/// A router, service, middleware or other named object, shared while it does not change.
#[derive(Clone, Debug)]
pub struct Object<T> {
    /// What it is.
    pub value: Arc<T>,
    /// Where its name stands. Outside the shared part, so that an object whose line moved stays the same.
    pub origin: Span,
}

/// Two objects are equal when their values are; the place does not count.
impl<T: PartialEq> PartialEq for Object<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.value, &other.value) || self.value == other.value
    }
}

impl<T: Decode> Decode for Object<T> {
    const SHAPE: Shape = T::SHAPE;
    const FAILS_ALONE: bool = true;

    fn decode<'n>(node: &'n Node, cx: &mut Context<'n>) -> Option<Self> {
        let (value, origin) = cx.object(node)?;
        Some(Self { value: Arc::new(value), origin })
    }
}
