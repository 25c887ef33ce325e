//! Functions.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, State, Value, functions};
use minijinja_contrib::globals;

use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::filler::lipsum;
use super::leaf::{Depth, missing, settle};
use super::lookups::lookup;
use super::moment::{Moment, in_words_of_jiff};
use super::python::text;
use super::roots::Root;
use super::tree::mapping;

/// The names of all functions.
pub(super) const NAMES: [&str; 11] = [
    "lookup",
    "query",
    "q",
    "range",
    "dict",
    "namespace",
    "undef",
    "now",
    "cycler",
    "joiner",
    "lipsum",
];

/// The engine's ranges have no room for the sum of greater numbers.
const FARTHEST: u128 = 1 << 61;

/// The names of all lookups.
pub(super) fn lookup_names() -> impl Iterator<Item = &'static str> {
    super::lookups::TABLE.iter().map(|(name, _)| *name)
}

/// Adds them to an engine.
pub(super) fn add(engine: &mut Environment<'static>) {
    engine.remove_global("debug");
    engine.add_function(
        "lookup",
        |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| lookup(state, &args.into_values(), false),
    );
    for name in ["query", "q"] {
        engine.add_function(name, |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            lookup(state, &args.into_values(), true)
        });
    }
    let range = Value::from_function(functions::range);
    engine.add_function("range", move |state: &mut State<'_, '_>, args: Rest<Value>| {
        let args = args
            .iter()
            .map(|arg| settle(arg, Depth::Top))
            .collect::<Result<Vec<_>, _>>()?;
        let numbers = args.iter().filter_map(|arg| i128::try_from(arg.clone()).ok());
        match numbers.map(i128::unsigned_abs).any(|size| size > FARTHEST) {
            true => Err(Fault::new(ErrorKind::Limit, "this number is too large for a range").into()),
            false => range.call(state, &args),
        }
    });
    engine.add_function("dict", dict);
    engine.add_function("now", now);
    engine.add_function("cycler", |items: Rest<Value>| globals::cycler(items.to_vec()));
    engine.add_function("joiner", globals::joiner);
    engine.add_function("lipsum", lipsum);
    engine.add_function("undef", |hint: Option<String>| {
        let message = hint.unwrap_or_else(|| "this is undefined on purpose".to_owned());
        missing(move || Fault::new(ErrorKind::Undefined, message.clone()).into())
    });
}

/// `now(utc=False, fmt=None)`: the time, or its text in the given format.
fn now(state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let mut arguments = Arguments::new(&args.into_values());
    let utc = arguments.flag("utc");
    let format = arguments.next("fmt").filter(Value::is_true);
    arguments.finish()?;
    let now = eval.shared.inner.surroundings.now();
    let now = now.ok_or_else(|| Fault::new(ErrorKind::Value, "there is no clock here"))?;
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    let now = now.to_zoned(zone);
    let Some(format) = format else {
        return Ok(Value::from_object(Moment::new(now.datetime(), None)));
    };
    let text = strtime::format(in_words_of_jiff(&text(&format)), &now);
    let text = text.map_err(|error| Fault::new(ErrorKind::Value, error.to_string()))?;
    Ok(Value::from(text))
}

/// `dict(pairs, key=value)`.
fn dict(args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for arg in args.into_values() {
        let arg = settle(&arg, Depth::Top)?;
        let is_mapping = arg.kind() == ValueKind::Map;
        for item in arg.try_iter()?.checked() {
            let item = item?;
            pairs.push(match is_mapping {
                true => (item.clone(), arg.get_item(&item)?),
                false => (item.get_item_by_index(0)?, item.get_item_by_index(1)?),
            });
        }
    }
    Ok(mapping(pairs))
}
