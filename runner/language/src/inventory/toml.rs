//! One inventory source that is TOML: a table for each group, with `hosts` and `vars` as in YAML, and
//! `children` as a list of names.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::diagnose::Diagnostic;
use crate::source::{Located, Source};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// The groups as YAML would have them.
pub(super) fn tree(source: &Arc<Source>) -> Result<Node, Box<Diagnostic>> {
    let reader = Reader { source };
    match DeTable::parse(source.text()) {
        Ok(groups) => {
            let groups = reader.mapping(groups.get_ref(), |name, group| reader.group(name, group));
            Ok(reader.node(0..source.text().len(), Kind::Map(Arc::new(groups))))
        }
        Err(error) => {
            let place = source.place(error.span().unwrap_or(0..0));
            let message = format!("this is no TOML: {}", error.message());
            Err(Box::new(Diagnostic::error("inventory", &place, message)))
        }
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
}

impl Reader<'_> {
    fn node(&self, range: Range<usize>, kind: Kind) -> Node {
        Node::new(kind, self.source.place(range))
    }

    /// A table, each of its values read with its key in mind.
    fn mapping(&self, table: &DeTable<'_>, read: impl Fn(&str, &Spanned<DeValue<'_>>) -> Node) -> Mapping {
        let entries = table.iter().map(|(key, value)| Entry {
            key: Located::new(key.get_ref().to_string(), self.source.place(key.span())),
            value: read(key.get_ref(), value),
        });
        entries.collect()
    }

    fn group(&self, _: &str, group: &Spanned<DeValue<'_>>) -> Node {
        match group.get_ref() {
            DeValue::Table(parts) => {
                let parts = self.mapping(parts, |name, part| match (name, part.get_ref()) {
                    ("children", DeValue::Array(names)) => {
                        let children = names.iter().map(|name| self.child(name));
                        self.node(part.span(), Kind::Map(Arc::new(children.collect())))
                    }
                    _ => self.value(part),
                });
                self.node(group.span(), Kind::Map(Arc::new(parts)))
            }
            _ => self.value(group),
        }
    }

    /// A group of which nothing more is said here.
    fn child(&self, name: &Spanned<DeValue<'_>>) -> Entry {
        let value = self.value(name);
        let key = value.written().unwrap_or_default();
        Entry {
            key: Located::new(key, value.place.clone()),
            value: Node::new(Kind::Null, value.place),
        }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let kind = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.as_ref().into()),
            DeValue::Integer(number) => integer(number),
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Kind::Float(number),
                Err(_) => Kind::Text(number.as_str().into()),
            },
            DeValue::Boolean(truth) => Kind::Bool(*truth),
            DeValue::Datetime(time) => Kind::Text(time.to_string().into()),
            DeValue::Array(items) => Kind::Seq(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => Kind::Map(Arc::new(self.mapping(table, |_, value| self.value(value)))),
        };
        self.node(value.span(), kind)
    }
}

/// One that has no room in 64 bits stays as it is written.
fn integer(number: &DeInteger<'_>) -> Kind {
    match i64::from_str_radix(number.as_str(), number.radix()) {
        Ok(number) => Kind::Int(number),
        Err(_) => Kind::Text(number.to_string().into()),
    }
}
