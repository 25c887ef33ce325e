//! Lists.

use minijinja::value::ValueKind;
use minijinja::{Error, Value, filters};

use super::select;
use crate::template::access::member;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::leaf::{Depth, is_missing, missing_because, settle};
use crate::template::python::{text, type_name};
use crate::template::site;
use crate::template::tree::list;

pub(super) const TABLE: &[Entry] = &[
    Entry::own("list", Takes::Members, |value, _| items(value).map(list)),
    Entry::own("first", Takes::Members, first),
    Entry::own("last", Takes::Members, last),
    Entry::own("length", Takes::Members, length),
    Entry::own("count", Takes::Members, length),
    Entry::own("join", Takes::Members, join),
    Entry::own("flatten", Takes::Members, flatten),
    Entry::engine("map", Takes::Members, || Value::from_function(map)),
    Entry::engine("select", Takes::Members, || Value::from_function(select::select)),
    Entry::engine("reject", Takes::Members, || Value::from_function(select::reject)),
    Entry::engine("selectattr", Takes::Members, || {
        Value::from_function(select::selectattr)
    }),
    Entry::engine("rejectattr", Takes::Members, || {
        Value::from_function(select::rejectattr)
    }),
    Entry::engine("reverse", Takes::Members, || {
        Value::from_function(filters::reverse)
    }),
    Entry::own("batch", Takes::Members, batch),
    Entry::own("slice", Takes::Members, slice),
];

/// One call makes at most so many members that the list did not have.
const MOST_MADE: usize = 100_000;

/// The members of a list, the keys of a mapping, the characters of a text.
pub(crate) fn items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::String => {
            value.try_iter()?.checked().collect()
        }
        _ => Err(Fault::new(
            ErrorKind::Value,
            format!("this needs a list, not '{}'", type_name(value)),
        )
        .into()),
    }
}

fn first(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let first = items(value)?.into_iter().next();
    Ok(first.unwrap_or_else(|| missing_because("No first item, sequence was empty.")))
}

fn last(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let last = items(value)?.pop();
    Ok(last.unwrap_or_else(|| missing_because("No last item, sequence was empty.")))
}

fn length(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    match value.len() {
        Some(length) => Ok(Value::from(length)),
        None => items(value).map(|items| Value::from(items.len())),
    }
}

fn join(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let between = arguments.text_or("d", "");
    let attribute = arguments.next("attribute");
    let parts = items(value)?.into_iter().map(|item| {
        let item = match &attribute {
            Some(attribute) => path(&item, attribute)?,
            None => item,
        };
        settle(&item, Depth::All).map(|item| text(&item))
    });
    Ok(Value::from(parts.collect::<Result<Vec<_>, _>>()?.join(&between)))
}

/// A member by a path of names and positions (`a.b.0`).
pub(super) fn path(value: &Value, path: &Value) -> Result<Value, Error> {
    let Some(names) = path.as_str() else {
        return member(value, path);
    };
    names
        .split('.')
        .try_fold(value.clone(), |value, name| match name.parse::<i64>() {
            Ok(index) => member(&value, &Value::from(index)),
            Err(_) => member(&value, &Value::from(name)),
        })
}

/// `map('filter', ...)` and `map(attribute=...)`.
fn map(
    state: &mut minijinja::State<'_, '_>,
    value: &Value,
    args: minijinja::value::Rest<minijinja::value::ValueOrKwargs>,
) -> Result<Value, Error> {
    let args = args.into_values();
    match args.first() {
        Some(first) if first.is_kwargs() => map_attribute(value, &mut Arguments::new(&args)),
        Some(name) => {
            let name = name.as_str().unwrap_or_default();
            let name = super::super::rewrite::plain_name(name).to_owned();
            let apply = |item: Value| site::apply(state, &name, &[&[item], &args[1..]].concat());
            items(value)?
                .into_iter()
                .map(apply)
                .collect::<Result<Vec<_>, _>>()
                .map(list)
        }
        None => Err(Fault::new(ErrorKind::Value, "`map` needs a filter or `attribute`").into()),
    }
}

fn map_attribute(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let attribute = arguments.required("attribute")?;
    let otherwise = arguments.named("default");
    let members = items(value)?.into_iter().map(|item| {
        let found = path(&item, &attribute)?;
        match &otherwise {
            Some(otherwise) if is_missing(&found) => Ok(otherwise.clone()),
            _ => Ok(found),
        }
    });
    members.collect::<Result<Vec<_>, Error>>().map(list)
}

/// Without the nulls, unless they are asked for.
fn flatten(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let levels = arguments.number("levels")?;
    let skip_nulls = arguments.next("skip_nulls").is_none_or(|skip| skip.is_true());
    let mut flat = Vec::new();
    flatten_into(&mut flat, items(value)?, levels, skip_nulls)?;
    Ok(list(flat))
}

fn flatten_into(
    flat: &mut Vec<Value>,
    items_in: Vec<Value>,
    levels: Option<i64>,
    skip_nulls: bool,
) -> Result<(), Error> {
    for item in items_in {
        let is_list = matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable);
        match (is_list, levels) {
            (true, None) => flatten_into(flat, items(&item)?, None, skip_nulls)?,
            (true, Some(levels)) if levels > 0 => {
                flatten_into(flat, items(&item)?, Some(levels - 1), skip_nulls)?;
            }
            _ if skip_nulls && item.is_none() => {}
            _ => flat.push(item),
        }
    }
    Ok(())
}

/// `batch(linecount, fill_with=none)`: lists of so many members, the last of them filled up.
fn batch(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let count = count(arguments, "linecount")?;
    let filler = filler(arguments);
    let mut rows: Vec<Vec<Value>> = items(value)?.chunks(count).map(<[Value]>::to_vec).collect();
    if let (Some(last), Some(filler)) = (rows.last_mut(), filler) {
        room(count - last.len())?;
        last.resize(count, filler);
    }
    Ok(list(rows.into_iter().map(list).collect()))
}

/// `slice(slices, fill_with=none)`: so many lists, the first of them longer by one where it does not
/// come out even, and the others filled up.
fn slice(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let count = room(count(arguments, "slices")?)?;
    let filler = filler(arguments);
    let all = items(value)?;
    let (each, longer) = (all.len() / count, all.len() % count);
    let (long, short) = all.split_at(longer * (each + 1));
    let mut short = short.chunks(each.max(1));
    let mut rows: Vec<Vec<Value>> = long.chunks(each + 1).map(<[Value]>::to_vec).collect();
    while rows.len() < count {
        let mut row = short.next().unwrap_or_default().to_vec();
        // As in Jinja, also where all of them are of one length.
        row.extend(filler.clone());
        rows.push(row);
    }
    Ok(list(rows.into_iter().map(list).collect()))
}

/// A number of lists or members, which is at least one.
fn count(arguments: &mut Arguments, name: &str) -> Result<usize, Error> {
    let number = arguments.number(name)?.unwrap_or_default();
    let wrong = || Fault::new(ErrorKind::Value, format!("`{name}` takes a number from 1")).into();
    usize::try_from(number)
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(wrong)
}

fn filler(arguments: &mut Arguments) -> Option<Value> {
    arguments.next("fill_with").filter(|filler| !filler.is_none())
}

fn room(made: usize) -> Result<usize, Error> {
    match made > MOST_MADE {
        true => Err(Fault::new(ErrorKind::Limit, "this makes too much").into()),
        false => Ok(made),
    }
}
