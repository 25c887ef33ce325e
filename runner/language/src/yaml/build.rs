//! From the parser's events to the tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::indent::{self, Indented};
use super::scalar;
use super::tree::{Entry, Kind, Mapping, Node};
use super::{MOST_BYTES, MOST_LEVELS, MOST_NODES};
use crate::diagnose::Diagnostic;
use crate::source::{Located, Place, Source};

/// A fault after which reading cannot go on.
type Stop = Box<Diagnostic>;

pub(super) fn build(source: &Arc<Source>) -> Result<Node, Vec<Diagnostic>> {
    if source.text().len() > MOST_BYTES {
        return Err(vec![Diagnostic::error(
            "yaml-too-large",
            &source.place(0..0),
            format!("this file is larger than {} MB", MOST_BYTES / 1024 / 1024),
        )]);
    }
    let as_written = Indented::not(source.text());
    let mut builder = Builder::new(source, &as_written);
    let node = builder.document();
    if !builder.misplaced {
        return builder.ended(node);
    }
    let indented = Indented::of(source.text());
    let mut builder = Builder::new(source, &indented);
    let node = builder.document();
    builder.ended(node)
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    indented: &'a Indented<'a>,
    parser: Parser<'a, StrInput<'a>>,
    offsets: Offsets,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    faults: Vec<Diagnostic>,
    /// A line stands where YAML 1.2 does not let it.
    misplaced: bool,
}

/// A node that aliases may stand for.
struct Anchored {
    node: Node,
    /// How many nodes it expands to.
    size: usize,
}

/// A list or mapping that is not closed yet.
struct Open {
    place: Place,
    anchor: usize,
    /// The count of nodes before it.
    before: usize,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map {
        pairs: Vec<(Node, Node)>,
        key: Option<Node>,
    },
}

impl<'a> Builder<'a> {
    fn new(source: &'a Arc<Source>, indented: &'a Indented<'a>) -> Self {
        Self {
            source,
            indented,
            parser: Parser::new_from_str(&indented.text),
            offsets: Offsets::of(source.text()),
            anchors: HashMap::new(),
            nodes: 0,
            faults: Vec::new(),
            misplaced: false,
        }
    }

    fn ended(mut self, node: Result<Node, Stop>) -> Result<Node, Vec<Diagnostic>> {
        match node {
            Ok(node) if self.faults.is_empty() => return Ok(node),
            Ok(_) => {}
            Err(stop) => self.faults.push(*stop),
        }
        self.faults
            .sort_by_key(|fault| fault.place.as_ref().map(|place| (place.line, place.column)));
        Err(self.faults)
    }

    /// The one document.
    fn document(&mut self) -> Result<Node, Stop> {
        let mut root = None;
        let mut open: Vec<Open> = Vec::new();
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| self.syntax(&error))?;
            let place = self.place(span);
            let node = match event {
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(Box::new(Diagnostic::error(
                        "yaml-documents",
                        &place,
                        "a second document begins here, where one file is one document",
                    )));
                }
                Event::SequenceStart(anchor, _) => {
                    self.open(&mut open, place, anchor, Content::Seq(Vec::new()))?;
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    let content = Content::Map {
                        pairs: Vec::new(),
                        key: None,
                    };
                    self.open(&mut open, place, anchor, content)?;
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                    Some(closed) => self.close(closed, &place),
                    None => continue,
                },
                Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag, place)?,
                Event::Alias(id) => self.alias(id, &place)?,
                _ => continue,
            };
            match open.last_mut().map(|open| &mut open.content) {
                None => root = Some(node),
                Some(Content::Seq(items)) => items.push(node),
                Some(Content::Map { pairs, key }) => match key.take() {
                    None => *key = Some(node),
                    Some(first) => pairs.push((first, node)),
                },
            }
        }
        Ok(root.unwrap_or_else(|| Node::new(Kind::Null, self.source.place(0..0))))
    }

    fn open(
        &mut self,
        open: &mut Vec<Open>,
        place: Place,
        anchor: usize,
        content: Content,
    ) -> Result<(), Stop> {
        if open.len() >= MOST_LEVELS {
            return Err(Box::new(Diagnostic::error(
                "yaml-too-deep",
                &place,
                format!("this is nested more than {MOST_LEVELS} levels deep"),
            )));
        }
        let before = self.nodes;
        self.count(1, &place)?;
        open.push(Open {
            place,
            anchor,
            before,
            content,
        });
        Ok(())
    }

    fn close(&mut self, open: Open, end: &Place) -> Node {
        let start = open.place.bytes().start;
        let end = end.bytes().end.max(start);
        let length = self.source.text()[start..end].trim_end().len();
        let place = self.source.place(start..start + length);
        let kind = match open.content {
            Content::Seq(items) => Kind::Seq(items.into()),
            Content::Map { pairs, .. } => Kind::Map(Arc::new(self.mapping(pairs))),
        };
        let node = Node::new(kind, place);
        self.anchor(open.anchor, &node, self.nodes - open.before);
        node
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        place: Place,
    ) -> Result<Node, Stop> {
        self.count(1, &place)?;
        let kind = match tag {
            None if style == ScalarStyle::Plain => scalar::resolve(text),
            None => Kind::Text(text.into()),
            Some(tag) => self.tagged(&tag, text, &place),
        };
        let node = Node::new(kind, place);
        self.anchor(anchor, &node, 1);
        Ok(node)
    }

    fn tagged(&mut self, tag: &Tag, text: &str, place: &Place) -> Kind {
        let resolved = || scalar::resolve(text);
        match (tag.handle.as_str(), tag.suffix.as_str()) {
            ("!", "vault" | "vault-encrypted") => return Kind::Vault(text.trim().into()),
            ("!", "unsafe") => return Kind::Unsafe(text.into()),
            ("!" | "", "") | ("tag:yaml.org,2002:", "str") => return Kind::Text(text.into()),
            ("tag:yaml.org,2002:", "null") => return Kind::Null,
            ("tag:yaml.org,2002:", "bool") if matches!(resolved(), Kind::Bool(_)) => return resolved(),
            ("tag:yaml.org,2002:", "int") if matches!(resolved(), Kind::Int(_)) => return resolved(),
            ("tag:yaml.org,2002:", "float") => match resolved() {
                Kind::Int(whole) => return Kind::Float(whole as f64),
                Kind::Float(number) => return Kind::Float(number),
                _ => {}
            },
            _ => {}
        }
        let tag = tag.to_string().replace("tag:yaml.org,2002:!", "!!");
        self.faults.push(
            Diagnostic::error(
                "yaml-tag",
                place,
                format!("the tag `{tag}` cannot stand before this"),
            )
            .help("known tags are `!vault`, `!unsafe` and `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`"),
        );
        Kind::Text(text.into())
    }

    fn alias(&mut self, id: usize, place: &Place) -> Result<Node, Stop> {
        let Some(anchored) = self.anchors.get(&id) else {
            return Err(Box::new(Diagnostic::error(
                "yaml-alias",
                place,
                "this alias stands inside of what it stands for",
            )));
        };
        let (node, size) = (anchored.node.clone(), anchored.size);
        self.count(size, place)?;
        Ok(node)
    }

    fn anchor(&mut self, id: usize, node: &Node, size: usize) {
        if id > 0 {
            let node = node.clone();
            self.anchors.insert(id, Anchored { node, size });
        }
    }

    fn count(&mut self, size: usize, place: &Place) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(size);
        if self.nodes > MOST_NODES {
            return Err(Box::new(Diagnostic::error(
                "yaml-too-large",
                place,
                format!("with its aliases this file has more than {MOST_NODES} nodes"),
            )));
        }
        Ok(())
    }

    /// Own keys win over merged ones (`<<`), and an earlier merged mapping over a later one.
    fn mapping(&mut self, pairs: Vec<(Node, Node)>) -> Mapping {
        let (merges, own): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| is_merge(key));
        let mut merged = Mapping::default();
        for (_, value) in &merges {
            self.merge(value, &mut merged);
        }
        let mut written = Mapping::default();
        for (key, value) in own {
            let Some(key) = self.key(&key) else { continue };
            if let Some(first) = written.entry(&key) {
                let fault = Diagnostic::error(
                    "duplicate-key",
                    &key.place,
                    format!("`{}` stands twice in this mapping", key.value),
                );
                self.faults.push(fault.note(&first.key.place, "the first one"));
            }
            written.insert(Entry { key, value });
        }
        for entry in written.iter() {
            merged.insert(entry.clone());
        }
        merged
    }

    fn merge(&mut self, value: &Node, into: &mut Mapping) {
        match &value.kind {
            Kind::Map(map) => {
                for entry in map
                    .iter()
                    .filter(|entry| into.get(&entry.key).is_none())
                    .cloned()
                    .collect::<Vec<_>>()
                {
                    into.insert(entry);
                }
            }
            Kind::Seq(seq) if seq.iter().all(|item| item.as_map().is_some()) => {
                for item in seq.iter() {
                    self.merge(item, into);
                }
            }
            _ => self.faults.push(Diagnostic::error(
                "yaml-merge",
                &value.place,
                format!(
                    "`<<` takes a mapping or a list of mappings, not {}",
                    value.describe()
                ),
            )),
        }
    }

    fn key(&mut self, key: &Node) -> Option<Located<String>> {
        if let (false, Some(text)) = (key.is_null(), key.written()) {
            return Some(Located::new(text, key.place.clone()));
        }
        let fault = Diagnostic::error(
            "yaml-key",
            &key.place,
            format!("a key must be text, not {}", key.describe()),
        );
        self.faults.push(match braces(&key.place) {
            true => fault.help("a value that begins with a template needs quotes: \"{{ ... }}\""),
            false => fault,
        });
        None
    }

    /// Where the character that the parser found stands in the source.
    fn byte(&self, found: usize) -> usize {
        self.offsets.byte(self.indented.written(found))
    }

    fn place(&self, span: Span) -> Place {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let text = &self.source.text()[start..end];
        self.source.place(start..start + text.trim_end().len())
    }

    fn syntax(&mut self, error: &ScanError) -> Stop {
        self.misplaced = indent::refuses(error);
        let at = self.byte(error.marker().index());
        let under = self.source.text()[at..].chars().next().map_or(0, char::len_utf8);
        let place = self.source.place(at..at + under);
        let info = error.info().trim_end_matches('.').to_lowercase();
        let fault = Diagnostic::error("yaml-syntax", &place, format!("this is not YAML: {info}"));
        let line = self.source.line(place.line);
        Box::new(match line {
            _ if info.contains("tab") || line.trim_start_matches(' ').starts_with('\t') => {
                fault.help("indent with spaces, never with tabs")
            }
            _ if info.contains("mapping values") => fault.help("text with `: ` in it needs quotes"),
            _ if line.contains(": {{") => {
                fault.help("a value that begins with a template needs quotes: \"{{ ... }}\"")
            }
            _ => fault,
        })
    }
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, Kind::Text(text) if &**text == "<<") && key.place.text() == "<<"
}

/// Whether a mapping that is a key was meant as a template without quotes.
fn braces(place: &Place) -> bool {
    let at = place.bytes().start;
    let text = place.source.text();
    text[at..].starts_with("{") && text[..at].ends_with('{')
}

/// The parser counts characters; places want bytes.
enum Offsets {
    /// One byte each.
    Ascii(usize),
    /// The byte offset of every character, and the end.
    Table(Vec<usize>),
}

impl Offsets {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Ascii(text.len());
        }
        let starts = text.char_indices().map(|(at, _)| at);
        Self::Table(starts.chain([text.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        match self {
            Self::Ascii(end) => character.min(*end),
            Self::Table(table) => table[character.min(table.len() - 1)],
        }
    }
}
