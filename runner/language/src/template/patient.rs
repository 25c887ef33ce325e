//! Texts for people, in which what cannot be rendered says so where it stands.

use cutover_kit::Value;

use super::compile::{self, Part};
use super::{Templar, TemplateError, backslash, engine, in_text};
use crate::scope::Scope;
use crate::yaml::Node;

impl Templar {
    /// The text of a node in which every expression that cannot be rendered stands as what is wrong
    /// with it (`<< error 1 - 'x' is undefined >>`), and the faults in order. `None` where the text
    /// is not made of plain text and expressions, or would show what is secret or known later.
    pub fn patient_text(&self, node: &Node, scope: &Scope) -> Option<(String, Vec<TemplateError>)> {
        let text = node.as_text()?;
        let marked = backslash::marked(text);
        let parts = compile::parts(marked.as_deref().unwrap_or(text), &engine::STRING_SYNTAX);
        let (mut shown, mut faults) = (String::new(), Vec::new());
        for part in parts.ok()?? {
            match part {
                Part::Plain(plain) => shown.push_str(plain),
                Part::Printed(program) => match self.as_text(node, Ok(program), scope).map(in_text) {
                    Ok(Value::String(text)) => shown.push_str(&text),
                    Ok(_) => return None,
                    Err(fault) => {
                        let number = faults.len() + 1;
                        shown.push_str(&format!("<< error {number} - {} >>", fault.message));
                        faults.push(fault);
                    }
                },
            }
        }
        Some((shown, faults))
    }
}
