//! What `groupby` makes of the members with the same value.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr};
use minijinja::{Error, Value};

use super::leaf::{Depth, settle};

/// A pair whose halves have names; outside of the template it is a list.
#[derive(Debug)]
pub(super) struct Group {
    /// `grouper`: the value that they have in common.
    pub(super) by: Value,
    /// `list`: the members.
    pub(super) members: Value,
}

impl Group {
    /// A half by its name.
    pub(super) fn half(&self, name: &str) -> Option<&Value> {
        match name {
            "grouper" => Some(&self.by),
            "list" => Some(&self.members),
            _ => None,
        }
    }

    /// The same with everything in it used.
    pub(super) fn plain(&self) -> Result<Value, Error> {
        Ok(Value::from_object(Self {
            by: settle(&self.by, Depth::All)?,
            members: settle(&self.members, Depth::All)?,
        }))
    }
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_usize()? {
            0 => Some(self.by.clone()),
            1 => Some(self.members.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }
}
