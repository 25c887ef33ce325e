//! Lookups that make lists of lists.

use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{Terms, wrong};
use crate::template::eval::Eval;
use crate::template::filters::{
    Chance, Parent, items as members, product, rows_of_subelements, rows_together,
};
use crate::template::python::{repr, type_name};
use crate::template::tree;

type Found = Result<Vec<Value>, Error>;

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// One level is flattened.
fn flat(terms: &[Value]) -> Found {
    let mut flat = Vec::new();
    for term in terms {
        match is_list(term) {
            true => flat.extend(members(term)?),
            false => flat.push(term.clone()),
        }
    }
    Ok(flat)
}

pub(super) fn items(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    flat(&terms.terms)
}

pub(super) fn list(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    Ok(terms.terms.clone())
}

/// Every level is flattened.
pub(super) fn flattened(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    let mut left = terms.terms.clone();
    let mut flat = Vec::new();
    left.reverse();
    while let Some(next) = left.pop() {
        match is_list(&next) {
            true => left.extend(members(&next)?.into_iter().rev()),
            false => flat.push(next),
        }
    }
    Ok(flat)
}

pub(super) fn dict(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    let mut rows = Vec::new();
    for term in flat(&terms.terms)? {
        if term.kind() != ValueKind::Map {
            let message = format!(
                "this needs a mapping, not '{}' ({})",
                type_name(&term),
                repr(&term)
            );
            return Err(wrong(message));
        }
        for key in members(&term)? {
            let value = term.get_item(&key)?;
            rows.push(tree::mapping([
                (Value::from("key"), key),
                (Value::from("value"), value),
            ]));
        }
    }
    Ok(rows)
}

pub(super) fn indexed_items(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    let rows = flat(&terms.terms)?.into_iter().enumerate();
    Ok(rows
        .map(|(index, item)| tree::list(vec![Value::from(index), item]))
        .collect())
}

/// The terms as lists; a single value is a list of it.
fn lists(terms: &Terms) -> Result<Vec<Vec<Value>>, Error> {
    let list = |term: &Value| match is_list(term) {
        true => members(term),
        false => Ok(vec![term.clone()]),
    };
    terms.terms.iter().map(list).collect()
}

pub(super) fn nested(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    if terms.terms.is_empty() {
        return Err(wrong(
            "with_nested requires at least one element in the nested list",
        ));
    }
    let rows = product(&lists(terms)?)?;
    rows.into_iter().map(|row| Ok(tree::list(flat(&row)?))).collect()
}

pub(super) fn together(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    if terms.terms.is_empty() {
        return Err(wrong("with_together requires at least one element in each list"));
    }
    members(&rows_together(&lists(terms)?)?)
}

pub(super) fn subelements(_: &Arc<Eval>, terms: &mut Terms) -> Found {
    let (value, name, flags) = match terms.terms.as_slice() {
        [value, name] => (value, name, None),
        [value, name, flags] => (value, name, Some(flags)),
        _ => {
            return Err(wrong(
                "subelements needs a list, and the name of a list in its members",
            ));
        }
    };
    let skip = flags.and_then(|flags| flags.get_attr("skip_missing").ok());
    let skip = skip.is_some_and(|skip| crate::template::filters::truth(&skip));
    members(&rows_of_subelements(value, name, skip, Parent::Rest)?)
}

pub(super) fn random_choice(eval: &Arc<Eval>, terms: &mut Terms) -> Found {
    let mut terms = terms.terms.clone();
    if terms.is_empty() {
        return Ok(terms);
    }
    let at = Chance::of(eval)?.below(terms.len());
    Ok(vec![terms.swap_remove(at)])
}
