//! Five values that are passed around freely and show what they are only when
//! they are used: what is undefined, a secret, what is known later, `omit`, and
//! what an `if` without `else` leaves.
//!
//! "Used" means printed, compared, computed with, iterated over or tested. The
//! compiler puts a `(use)` around every operand of that kind (see `rewrite`),
//! and [`settle`] is what it calls. So `x.y is defined` and `password` as the
//! whole of a value touch nothing, and `password ~ '!'` is known to have read a
//! secret.

use std::fmt;
use std::sync::Arc;

use cutover_kit::Secret;
use cutover_kit::value::Later;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{Error, State, Value};

use super::error::{ErrorKind, Fault, Stop};
use super::group::Group;
use super::shared::Shared;
use super::tree::Tree;

/// One of the five.
pub(super) enum Leaf {
    /// Undefined; using it stops with what this says, which may be dear to find out.
    Missing(Arc<dyn Fn() -> Stop + Send + Sync>),
    /// A secret; using it is remembered.
    Secret { secret: Secret, shared: Arc<Shared> },
    /// Known later; using it makes the whole result known later.
    Later(Later),
    /// Leaves out the member or argument it becomes.
    Omit,
    /// What an `if` without `else` is where it does not hold: undefined, and printed as nothing
    /// (`{{ "," if not loop.last }}`).
    Nothing,
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(_) => f.write_str("undefined"),
            Self::Secret { secret, .. } => secret.fmt(f),
            Self::Later(later) => later.fmt(f),
            Self::Omit => f.write_str("omit"),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

/// Where the engine prints a value without asking, it is used all the same.
impl Object for Leaf {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        match &**self {
            Self::Missing(why) => Err(why().into()),
            Self::Later(later) => Err(Stop::Later(later.clone()).into()),
            Self::Secret { .. } | Self::Omit | Self::Nothing => {
                Err(Fault::new(ErrorKind::Value, "this is no function").into())
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Self::Secret { secret, shared } => {
                shared.has_read(secret);
                f.write_str(secret.expose())
            }
            Self::Omit | Self::Nothing => Ok(()),
            Self::Missing(_) | Self::Later(_) => Err(fmt::Error),
        }
    }
}

impl From<Leaf> for Value {
    fn from(leaf: Leaf) -> Self {
        Value::from_object(leaf)
    }
}

/// The leaf that a value is, if it is one.
pub(super) fn leaf(value: &Value) -> Option<&Leaf> {
    value.downcast_object_ref::<Leaf>()
}

/// Something undefined, and what to say when it is used.
pub(super) fn missing(why: impl Fn() -> Stop + Send + Sync + 'static) -> Value {
    Leaf::Missing(Arc::new(why)).into()
}

/// Something undefined, of which no more can be said than this.
pub(super) fn missing_because(message: &'static str) -> Value {
    missing(move || Fault::new(ErrorKind::Undefined, message).into())
}

/// Whether a value is undefined.
pub(super) fn is_missing(value: &Value) -> bool {
    value.is_undefined() || matches!(leaf(value), Some(Leaf::Missing(_) | Leaf::Nothing))
}

/// How deep a value is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Itself.
    Top,
    /// With all its members.
    All,
}

/// The value in use: a plain one, or the reason why it cannot be used.
pub(super) fn settle(value: &Value, depth: Depth) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Fault::undefined().into());
    }
    match leaf(value) {
        Some(Leaf::Missing(why)) => return Err(why().into()),
        Some(Leaf::Later(later)) => return Err(Stop::Later(later.clone()).into()),
        Some(Leaf::Secret { secret, shared }) => {
            shared.has_read(secret);
            return Ok(Value::from(secret.expose()));
        }
        Some(Leaf::Omit) => return Ok(value.clone()),
        Some(Leaf::Nothing) => return Ok(Value::from("")),
        None => {}
    }
    match depth {
        Depth::Top => Ok(value.clone()),
        Depth::All => settle_members(value),
    }
}

fn settle_members(value: &Value) -> Result<Value, Error> {
    if let Some(tree) = value.downcast_object_ref::<Tree>() {
        return tree.plain();
    }
    if let Some(group) = value.downcast_object_ref::<Group>() {
        return group.plain();
    }
    if value.is_kwargs() {
        return Ok(value.clone());
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.checked();
            let settled = items
                .map(|item| settle(&item?, Depth::All))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(match value.is_tuple() {
                true => Value::from(minijinja::value::Tuple::from(settled)),
                false => super::tree::list(settled),
            })
        }
        ValueKind::Map if value.downcast_object_ref::<super::roots::Host>().is_none() => {
            let Some(object) = value.as_object() else {
                return Ok(value.clone());
            };
            let pairs = object.try_iter_pairs().into_iter().flatten();
            let settled = pairs.map(|(key, member)| Ok((key, settle(&member, Depth::All)?)));
            Ok(super::tree::mapping(settled.collect::<Result<Vec<_>, Error>>()?))
        }
        _ => Ok(value.clone()),
    }
}
