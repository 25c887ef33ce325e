//! Arguments of filters, tests and functions: by position or by name.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, Value};

use super::error::{ErrorKind, Fault};
use super::python;

/// Arguments that are taken one after the other, each under its name.
pub(super) struct Arguments {
    positional: std::vec::IntoIter<Value>,
    named: Vec<(String, Value)>,
}

impl Arguments {
    pub(super) fn new(values: &[Value]) -> Self {
        let mut values = values.to_vec();
        let named = match values.last() {
            Some(last) if last.is_kwargs() => values.pop(),
            _ => None,
        };
        let named = named.and_then(|named| Kwargs::try_from(named).ok());
        let named = named.map(|named| {
            let pairs = named.args().map(|name| (name.to_owned(), named.peek(name)));
            pairs
                .filter_map(|(name, value)| Some((name, value.ok()?)))
                .collect()
        });
        Self {
            positional: values.into_iter(),
            named: named.unwrap_or_default(),
        }
    }

    /// The next argument by position, or the one of this name.
    pub(super) fn next(&mut self, name: &str) -> Option<Value> {
        self.positional.next().or_else(|| self.named(name))
    }

    /// The argument of this name, which has no position.
    pub(super) fn named(&mut self, name: &str) -> Option<Value> {
        let at = self.named.iter().position(|(known, _)| known == name)?;
        Some(self.named.swap_remove(at).1)
    }

    /// The argument of this name, which stays.
    pub(super) fn peek(&self, name: &str) -> Option<Value> {
        let found = self.named.iter().find(|(known, _)| known == name)?;
        Some(found.1.clone())
    }

    /// All arguments left by name are taken.
    pub(super) fn rest_named(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.named)
    }

    /// All arguments left by position.
    pub(super) fn rest(&mut self) -> Vec<Value> {
        self.positional.by_ref().collect()
    }

    /// The next argument, which must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<Value, Error> {
        let missing = || Fault::new(ErrorKind::Value, format!("the argument `{name}` is missing")).into();
        self.next(name).ok_or_else(missing)
    }

    /// The next argument as text, which must be there.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Error> {
        self.required(name).map(|value| python::text(&value))
    }

    /// The next argument as text, or this one.
    pub(super) fn text_or(&mut self, name: &str, otherwise: &str) -> String {
        self.next(name)
            .filter(|value| !value.is_none())
            .map_or_else(|| otherwise.to_owned(), |value| python::text(&value))
    }

    /// The next argument as a truth; false where it is not there.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.next(name).is_some_and(|value| value.is_true())
    }

    /// The next argument as a whole number.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let Some(value) = self.next(name).filter(|value| !value.is_none()) else {
            return Ok(None);
        };
        let number = (value.kind() == ValueKind::Number)
            .then(|| value.as_i64())
            .flatten();
        let wrong = || Fault::new(ErrorKind::Value, format!("`{name}` takes a whole number")).into();
        number.map(Some).ok_or_else(wrong)
    }

    /// Everything that was not taken is too much.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        if let Some((name, _)) = self.named.first() {
            return Err(Fault::new(ErrorKind::Value, format!("there is no argument `{name}` here")).into());
        }
        match self.positional.next() {
            Some(_) => Err(Fault::new(ErrorKind::Value, "there are too many arguments here").into()),
            None => Ok(()),
        }
    }
}
