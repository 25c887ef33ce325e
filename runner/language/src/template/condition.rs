//! Conditions: `when`, `changed_when`, `failed_when`, `until` and their kind.

use std::sync::Arc;

use cutover_kit::Value;
use cutover_kit::value::Later;

use super::error::{ErrorKind, Fault, TemplateError};
use super::eval::Eval;
use super::names;
use crate::diagnose::Diagnostic;
use crate::scope::Variable;
use crate::yaml::{Kind, Node, has_template};

/// What came of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Whether it holds.
    pub truth: Truth,
    /// What is odd about it.
    pub warning: Option<Diagnostic>,
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It depends on what is known only later.
    Later(Later),
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

pub(super) fn evaluate(eval: &Arc<Eval>, node: &Node) -> Result<Condition, TemplateError> {
    let Some(text) = node.as_text() else {
        let value = eval.node(node, "", false)?;
        return judge(node, &eval.known(&value, node)?.unwrap_or_default());
    };
    if text.trim().is_empty() {
        return Err(Fault::new(ErrorKind::Syntax, "this condition is empty").at(node.place.clone()));
    }
    if !has_template(text) {
        let value = eval.expression(node, text)?;
        return judge(node, &eval.known(&value, node)?.unwrap_or_default());
    }
    let mut condition = match indirect(eval, text) {
        Some(inner) => evaluate(eval, &inner)?,
        None => {
            let value = eval.render(node, text)?;
            judge(node, &eval.known(&value, node)?.unwrap_or_default())?
        }
    };
    condition.warning.get_or_insert_with(|| {
        Diagnostic::warning(
            "braces-in-condition",
            &node.place,
            "a condition is an expression by itself",
        )
        .help("leave the braces out")
    });
    Ok(condition)
}

/// `"{{ name }}"` of a variable whose text was written without a template: that
/// text is the condition.
fn indirect(eval: &Arc<Eval>, text: &str) -> Option<Node> {
    let name = names::only_variable(text)?;
    let (variable, _) = eval.scope.get(&name)?;
    match variable {
        Variable::Template(node) => match &node.kind {
            Kind::Text(inner) if !has_template(inner) && !inner.trim().is_empty() => Some(node.clone()),
            _ => None,
        },
        Variable::Data(_) => None,
    }
}

/// Anything is true or false, as in Python; what is no boolean is warned of.
fn judge(node: &Node, value: &Value) -> Result<Condition, TemplateError> {
    let truth = match value {
        Value::Bool(truth) => {
            return Ok(Condition {
                truth: Truth::from(*truth),
                warning: None,
            });
        }
        Value::Later(later) => {
            return Ok(Condition {
                truth: Truth::Later(later.clone()),
                warning: None,
            });
        }
        Value::Null => false,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Secret(secret) => !secret.expose().is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
    };
    let warning = Diagnostic::warning(
        "condition-type",
        &node.place,
        format!("this condition is {}, not true or false", value.kind()),
    );
    Ok(Condition {
        truth: Truth::from(truth),
        warning: Some(warning.help("compare it, ask for its length, or use `| bool`")),
    })
}
