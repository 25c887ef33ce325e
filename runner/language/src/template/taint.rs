//! What a template makes of secrets is secret.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Value as Known};
use minijinja::Value;
use minijinja::value::ValueKind;

use super::convert;
use super::error::TemplateError;
use super::eval::Eval;
use crate::source::Place;
use crate::yaml::Node;

impl Eval {
    /// A result with every text in it secret, if a secret was read to make it.
    pub(super) fn tainted(
        self: &Arc<Self>,
        value: Value,
        reads: &[Secret],
        place: &Place,
    ) -> Result<Value, TemplateError> {
        if reads.is_empty()
            || matches!(
                value.kind(),
                ValueKind::Bool | ValueKind::Number | ValueKind::None
            )
        {
            return Ok(value);
        }
        let known = match convert::known(&value) {
            Ok(Some(known)) => known,
            Ok(None) => return Ok(value),
            Err(stop) => return self.stopped(stop, place),
        };
        Ok(self.data(&self.hide(known, reads)))
    }

    fn hide(&self, value: Known, reads: &[Secret]) -> Known {
        match value {
            Known::String(text) if !text.is_empty() => {
                let origin = match reads {
                    [only] if only.expose() == text => return Known::Secret(only.clone()),
                    [first, rest @ ..]
                        if rest.iter().all(|other| other == first) && first.expose() == text =>
                    {
                        return Known::Secret(first.clone());
                    }
                    _ => Origin::Derived(origins(reads)),
                };
                Known::Secret(self.shared.inner.secrets.learn(text, origin))
            }
            Known::List(list) => Known::List(list.into_iter().map(|item| self.hide(item, reads)).collect()),
            Known::Map(map) => Known::Map(
                map.into_iter()
                    .map(|(key, item)| (key, self.hide(item, reads)))
                    .collect(),
            ),
            other => other,
        }
    }
}

/// Where secrets come from, each origin once.
fn origins(reads: &[Secret]) -> Vec<Origin> {
    let mut origins = Vec::new();
    for read in reads {
        if !origins.contains(read.origin()) {
            origins.push(read.origin().clone());
        }
    }
    origins
}

/// Where a secret is written.
pub(super) fn origin(node: &Node, label: &str) -> Origin {
    Origin::Place {
        at: node.place.to_string(),
        variable: label.to_owned(),
    }
}

/// Whether a label leads to a variable and not to a keyword or an argument, which have no name here.
pub(super) fn is_in_variable(label: &str) -> bool {
    !label.is_empty() && !label.starts_with(['.', '['])
}
