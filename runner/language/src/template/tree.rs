//! Lists and mappings. Those of files and of the run are rendered member by
//! member when they are asked for. A template may change each of them; what it
//! changes is its own copy, which is gone with the evaluation.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover_kit::Value as Known;
use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, Value};

use super::content::{Content, Named};
use super::error::Stop;
use super::eval::Eval;
use super::leaf::{Depth, settle};
use super::merging::Merged;
use super::python;
use crate::yaml::Node;

/// A list or a mapping.
pub(super) struct Tree {
    content: Content,
    own: Mutex<Own>,
}

/// What it holds beyond its content.
enum Own {
    /// Members that hold members, kept so that what changes them stays.
    Members(HashMap<Value, Value>),
    /// All of a list that a template made or changed.
    List(Vec<Value>),
    /// All of such a mapping.
    Map(IndexMap<Value, Value>),
}

/// A list made by a template.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::from_object(Tree::with(Content::Nothing, Own::List(items)))
}

/// A mapping made by a template; of several members of one key the last one counts.
pub(super) fn mapping(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
    Value::from_object(Tree::with(
        Content::Nothing,
        Own::Map(pairs.into_iter().collect()),
    ))
}

/// A value that can be changed where it is a list: what the engine makes cannot.
pub(super) fn owned(value: &Value) -> Result<Value, Error> {
    let plain = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
        && !python::is_tuple(value)
        && value.downcast_object_ref::<Tree>().is_none();
    match plain {
        true => value
            .try_iter()?
            .checked()
            .collect::<Result<Vec<_>, _>>()
            .map(list),
        false => Ok(value.clone()),
    }
}

/// A member and its key, where it has one.
type Member = Result<(Option<Value>, Value), Stop>;

impl Tree {
    fn with(content: Content, own: Own) -> Self {
        let own = Mutex::new(own);
        Self { content, own }
    }

    /// What a node of a file holds; a scalar holds nothing.
    pub(super) fn of_node(eval: &Arc<Eval>, node: &Node, label: &str, secret: bool) -> Self {
        let node = node.clone();
        let from = Named::new(eval, label, secret);
        Self::with(Content::Node { node, from }, Own::Members(HashMap::new()))
    }

    /// What several mappings hold that are one.
    pub(super) fn of_merged(eval: &Arc<Eval>, members: Arc<Merged>, label: &str, secret: bool) -> Self {
        let from = Named::new(eval, label, secret);
        Self::with(Content::Merged { members, from }, Own::Members(HashMap::new()))
    }

    /// What a value of the run holds; a leaf holds nothing.
    pub(super) fn of_data(eval: &Arc<Eval>, value: &Known) -> Self {
        let content = Content::Data {
            value: value.clone(),
            eval: Arc::clone(eval),
        };
        Self::with(content, Own::Members(HashMap::new()))
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_map(&self) -> bool {
        match &*self.own() {
            Own::Map(_) => true,
            Own::List(_) => false,
            Own::Members(_) => self.content.is_map(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match &*self.own() {
            Own::Map(map) => map.len(),
            Own::List(list) => list.len(),
            Own::Members(_) => self.content.len(),
        }
    }

    /// The keys of a mapping.
    pub(super) fn keys(&self) -> Vec<Value> {
        match &*self.own() {
            Own::Map(map) => map.keys().cloned().collect(),
            Own::List(_) => Vec::new(),
            Own::Members(_) => self.content.keys(),
        }
    }

    /// The member of this key or position.
    pub(super) fn get(&self, key: &Value) -> Option<Result<Value, Stop>> {
        match &*self.own() {
            Own::Map(map) => return map.get(key).cloned().map(Ok),
            Own::List(list) => return list.get(key.as_usize()?).cloned().map(Ok),
            Own::Members(known) => {
                if let Some(known) = known.get(key) {
                    return Some(Ok(known.clone()));
                }
            }
        }
        let found = self.content.member(key)?;
        if let (Ok(member), Own::Members(known)) = (&found, &mut *self.own())
            && member.downcast_object_ref::<Tree>().is_some()
        {
            known.insert(key.clone(), member.clone());
        }
        Some(found)
    }

    /// Every member with its key, where it has one; keys that are templates are
    /// rendered.
    pub(super) fn members(&self) -> Vec<Member> {
        if self.is_map() {
            let member = |key: Value| {
                let value = self.get(&key)?;
                Some(self.content.key(key).and_then(|key| Ok((Some(key), value?))))
            };
            return self.keys().into_iter().filter_map(member).collect();
        }
        let member = |index: usize| Some(self.get(&Value::from(index))?.map(|value| (None, value)));
        (0..self.len()).filter_map(member).collect()
    }

    /// The same with everything in it used.
    pub(super) fn plain(&self) -> Result<Value, Error> {
        let is_map = self.is_map();
        let settled = self.members().into_iter().map(|member| {
            let (key, value) = member?;
            Ok((key, settle(&value, Depth::All)?))
        });
        let settled = settled.collect::<Result<Vec<_>, Error>>()?.into_iter();
        Ok(match is_map {
            true => mapping(settled.map(|(key, value)| (key.unwrap_or_default(), value))),
            false => list(settled.map(|(_, value)| value).collect()),
        })
    }

    /// Takes everything over, so that it can be changed.
    fn take_over(&self) -> Result<(), Error> {
        if !matches!(&*self.own(), Own::Members(_)) {
            return Ok(());
        }
        let is_map = self.is_map();
        let members = self.members().into_iter().collect::<Result<Vec<_>, Stop>>()?;
        let members = members.into_iter();
        *self.own() = match is_map {
            true => Own::Map(
                members
                    .map(|(key, value)| (key.unwrap_or_default(), value))
                    .collect(),
            ),
            false => Own::List(members.map(|(_, value)| value).collect()),
        };
        Ok(())
    }

    /// Changes a list; `None` where it is none.
    pub(super) fn change_list<T>(
        &self,
        change: impl FnOnce(&mut Vec<Value>) -> T,
    ) -> Result<Option<T>, Error> {
        self.take_over()?;
        Ok(match &mut *self.own() {
            Own::List(list) => Some(change(list)),
            _ => None,
        })
    }

    /// Changes a mapping; `None` where it is none.
    pub(super) fn change_map<T>(
        &self,
        change: impl FnOnce(&mut IndexMap<Value, Value>) -> T,
    ) -> Result<Option<T>, Error> {
        self.take_over()?;
        Ok(match &mut *self.own() {
            Own::Map(map) => Some(change(map)),
            _ => None,
        })
    }

    /// Whether a list or mapping is this one, or has it somewhere inside.
    pub(super) fn is_in(&self, value: &Value) -> bool {
        let Some(tree) = value.downcast_object_ref::<Tree>() else {
            let inner = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
            return inner
                && value
                    .try_iter()
                    .is_ok_and(|mut items| items.any(|item| self.is_in(&item)));
        };
        if std::ptr::eq(tree, self) {
            return true;
        }
        let members: Vec<Value> = match &*tree.own() {
            Own::Members(known) => known.values().cloned().collect(),
            Own::List(list) => list.clone(),
            Own::Map(map) => map.values().cloned().collect(),
        };
        members.iter().any(|member| self.is_in(member))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} members", self.len())
    }
}

impl Object for Tree {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.is_map() {
            true => ObjectRepr::Map,
            false => ObjectRepr::Seq,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let member = self.get(key)?;
        Some(member.unwrap_or_else(|stop| Value::from(Error::from(stop))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.is_map() {
            true => Enumerator::Values(self.keys()),
            false => Enumerator::Seq(self.len()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain().map_err(|_| fmt::Error)?;
        f.write_str(&python::text(&plain))
    }
}
