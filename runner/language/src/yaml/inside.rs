//! Where in the file a part of a scalar's text stands.

use std::ops::Range;

use super::tree::Node;
use crate::source::Place;

/// The place of some bytes of a scalar's text. Quotes, folded lines and
/// indentation are seen through; where escapes make it impossible to tell, the
/// whole scalar is the place.
pub fn inside(node: &Node, part: Range<usize>) -> Place {
    let Some(text) = node.as_text() else {
        return node.place.clone();
    };
    let raw = node.place.text();
    let opening = usize::from(raw.starts_with(['"', '\'']));
    let start = align(text, &raw[opening..], part.start);
    let end = align(text, &raw[opening..], part.end);
    match (start, end) {
        (Some(start), Some(end)) if start <= end => {
            let base = node.place.bytes().start + opening;
            node.place.source.place(base + start..base + end)
        }
        _ => node.place.clone(),
    }
}

/// How far into `raw` the byte `at` of `text` stands.
fn align(text: &str, raw: &str, at: usize) -> Option<usize> {
    let mut meant = text.char_indices().peekable();
    let mut written = raw.char_indices().peekable();
    loop {
        let Some(&(reached, wanted)) = meant.peek() else {
            return (at == text.len()).then(|| written.peek().map_or(raw.len(), |(offset, _)| *offset));
        };
        let (offset, found) = *written.peek()?;
        if wanted == found {
            if reached == at {
                return Some(offset);
            }
            meant.next();
            written.next();
        } else if found.is_whitespace() {
            written.next();
        } else if wanted.is_whitespace() {
            if reached == at {
                return Some(offset);
            }
            meant.next();
        } else {
            return None;
        }
    }
}
