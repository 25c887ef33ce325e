//! Arguments that are one string: `k=v` words, or free text.

use std::ops::Range;
use std::sync::Arc;

use super::escapes::decoded;
use crate::diagnose::Diagnostic;
use crate::source::{Located, Place};
use crate::yaml::{Entry, Kind, Mapping, Node, inside};

/// Under this name a call keeps the template of `args: "{{ arguments }}"` beside arguments of its own,
/// which win over what comes out of it. Ansible calls it so, too.
pub const OTHER_ARGUMENTS: &str = "_variable_params";

/// The arguments that the string of `node` means.
///
/// With `free_form` the words that are `k=v` for a known argument are taken out
/// and the rest of the string is the argument of that name, as it was written.
/// Without, every word must be `k=v`.
pub(super) fn from_string(
    node: &Node,
    free_form: Option<&str>,
    known: impl Fn(&str) -> bool,
) -> Result<Node, Box<Diagnostic>> {
    let text = node.as_text().unwrap_or_default();
    let Some(words) = words(text) else {
        return match free_form {
            Some(name) => Ok(mapping(
                node,
                vec![entry(name, Node::text(text, node.place.clone()))],
            )),
            None => Err(Box::new(Diagnostic::error(
                "arguments",
                &node.place,
                "a quote is opened in these arguments and not closed",
            ))),
        };
    };
    let mut entries = Vec::new();
    let mut rest: Vec<Range<usize>> = Vec::new();
    for word in words {
        let place = inside(node, word.range.clone());
        match word.pair {
            Some((key, value)) if free_form.is_none() || known(&key) => entries.push(Entry {
                key: Located::new(key, place.clone()),
                value: Node::text(value, place),
            }),
            _ if free_form.is_some() => rest.push(word.range),
            _ => {
                return Err(Box::new(Diagnostic::error(
                    "arguments",
                    &place,
                    "this is no `name=value`, and the module takes no free text",
                )));
            }
        }
    }
    if let (Some(name), Some(first), Some(last)) = (free_form, rest.first(), rest.last()) {
        let raw = match entries.is_empty() {
            true => text[first.start..last.end].to_owned(),
            false => rest
                .iter()
                .map(|range| &text[range.clone()])
                .collect::<Vec<_>>()
                .join(" "),
        };
        let place = inside(node, first.start..last.end);
        entries.insert(0, entry(name, Node::text(raw, place)));
    }
    Ok(mapping(node, entries))
}

/// The mapping that a string of `name=value` words means. Blanks part words, outside of quotes and
/// templates; every value is text.
pub fn pairs(node: &Node) -> Result<Node, Box<Diagnostic>> {
    from_string(node, None, |_| true)
}

fn entry(name: &str, value: Node) -> Entry {
    let place = Place {
        length: 0,
        ..value.place.clone()
    };
    Entry {
        key: Located::new(name.to_owned(), place),
        value,
    }
}

fn mapping(node: &Node, entries: Vec<Entry>) -> Node {
    let map: Mapping = entries.into_iter().collect();
    Node::new(Kind::Map(Arc::new(map)), node.place.clone())
}

/// One word of a string of arguments.
struct Word {
    range: Range<usize>,
    /// What it sets, where it is `k=v`, with the quotes gone and escapes read.
    pair: Option<(String, String)>,
}

/// The words, parted by blanks outside of quotes and templates. `None` where a
/// quote is not closed.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut template = false;
    let mut escaped = false;
    for (at, next) in text.char_indices() {
        let blank = next.is_whitespace() && quote.is_none() && !template;
        match (blank, start) {
            (true, Some(from)) => {
                words.push(word(text, from..at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        let rest = &text[at..];
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if rest.starts_with("{{") || rest.starts_with("{%") => template = true,
            _ if rest.starts_with("}}") || rest.starts_with("%}") => template = false,
            '"' | '\'' if !template && quote == Some(next) => quote = None,
            '"' | '\'' if !template && quote.is_none() => quote = Some(next),
            _ => {}
        }
    }
    if let Some(from) = start {
        words.push(word(text, from..text.len()));
    }
    quote.is_none().then_some(words)
}

fn word(text: &str, range: Range<usize>) -> Word {
    let written = &text[range.clone()];
    let equals = outside_of_templates(written).find(|(_, next)| *next == '=');
    let pair = equals
        .map(|(at, _)| (&written[..at], &written[at + 1..]))
        .filter(|(key, _)| is_name(key));
    Word {
        pair: pair.map(|(key, value)| (key.to_owned(), unquote(&decoded(value)))),
        range,
    }
}

/// Whether this may be the name of an argument, which may have templates in it.
fn is_name(key: &str) -> bool {
    let mut plain = outside_of_templates(key).map(|(_, next)| next);
    let begins = |first: char| first.is_alphabetic() || first == '_' || first == '{';
    key.starts_with(begins) && plain.all(|next| next.is_alphanumeric() || next == '_')
}

/// The characters of a text, with their places, that belong to no `{{ ... }}`.
fn outside_of_templates(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut inside_until = 0;
    text.char_indices().filter(move |(at, _)| {
        if *at >= inside_until && text[*at..].starts_with("{{") {
            inside_until = text[*at..].find("}}").map_or(text.len(), |end| at + end + 2);
        }
        *at >= inside_until
    })
}

/// Whether the whole string is a template that gives all arguments, and no `name=value` stands in it.
pub(super) fn is_template_of_all(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("{{") && words(text).is_none_or(|words| words.iter().all(|word| word.pair.is_none()))
}

/// The text without one pair of quotes around it.
fn unquote(text: &str) -> String {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
        .to_owned()
}
