//! Members of a list that a test holds for.

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use super::lists::{items, path};
use crate::template::engine;
use crate::template::error::{ErrorKind, Fault};
use crate::template::leaf::{Depth, settle};
use crate::template::rewrite::plain_name;
use crate::template::tree::list;

pub(super) fn select(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    chosen(state, value, None, &args.into_values(), true)
}

pub(super) fn reject(
    state: &mut State<'_, '_>,
    value: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    chosen(state, value, None, &args.into_values(), false)
}

pub(super) fn selectattr(
    state: &mut State<'_, '_>,
    value: &Value,
    attribute: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    chosen(state, value, Some(attribute), &args.into_values(), true)
}

pub(super) fn rejectattr(
    state: &mut State<'_, '_>,
    value: &Value,
    attribute: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    chosen(state, value, Some(attribute), &args.into_values(), false)
}

/// The members for which the test in `args` (truth where there is none) says `wanted`.
fn chosen(
    state: &mut State<'_, '_>,
    value: &Value,
    attribute: Option<&Value>,
    args: &[Value],
    wanted: bool,
) -> Result<Value, Error> {
    let test = args
        .first()
        .map(|name| plain_name(name.as_str().unwrap_or_default()).to_owned());
    if let Some(name) = test.as_ref().filter(|name| !engine::is_test(name)) {
        let message = format!("there is no test `{name}`");
        return Err(Fault::new(ErrorKind::Unknown, message).into());
    }
    let mut kept = Vec::new();
    for item in items(value)? {
        let tested = match attribute {
            Some(attribute) => path(&item, attribute)?,
            None => item.clone(),
        };
        let holds = match &test {
            None => settle(&tested, Depth::Top)?.is_true(),
            Some(name) => state.perform_test(name, &[&[tested], &args[1..]].concat())?,
        };
        if holds == wanted {
            kept.push(item);
        }
    }
    Ok(list(kept))
}
