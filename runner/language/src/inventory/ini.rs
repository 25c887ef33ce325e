//! One inventory source in Ansible's INI format.
//!
//! `[group]` is followed by hosts (`name:port key=value`), `[group:children]`
//! by groups, `[group:vars]` by variables (`key = value`, to the end of the
//! line). `#` and `;` begin a line that is a comment.

mod words;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use cutover_kit::address;
use words::Word;

use super::described::Described;
use super::{Inventory, literal, range};
use crate::diagnose::Diagnostic;
use crate::scope::{Layer, Rank, Variable};
use crate::source::{Located, Place, Source};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// Adds the groups and hosts of one source.
pub(super) fn read(source: &Arc<Source>, inventory: &mut Inventory, faults: &mut Vec<Diagnostic>) {
    let declared = inventory.groups().map(str::to_owned).collect();
    let mut reader = Reader {
        source,
        inventory,
        faults,
        section: Section {
            group: "ungrouped".to_owned(),
            kind: Part::Hosts,
        },
        declared,
        wanted: Vec::new(),
        variables: Vec::new(),
    };
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let text = line.trim();
        let begin = start + (line.len() - line.trim_start().len());
        start += line.len();
        if !text.is_empty() && !text.starts_with(['#', ';']) {
            reader.line(text, begin);
        }
    }
    reader.finish();
}

/// What the lines after a heading are.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Hosts,
    Children,
    Vars,
}

struct Section {
    group: String,
    kind: Part,
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    inventory: &'a mut Inventory,
    faults: &'a mut Vec<Diagnostic>,
    section: Section,
    /// Groups with a section of hosts or children, here or in an earlier source.
    declared: BTreeSet<String>,
    /// Groups that other sections speak of, to be declared somewhere.
    wanted: Vec<(Located<String>, Part)>,
    /// Variables of groups, in the order of their sections.
    variables: Vec<(String, Mapping)>,
}

impl Reader<'_> {
    fn line(&mut self, text: &str, begin: usize) {
        if text.starts_with('[') {
            if let Some((group, kind)) = heading(text) {
                return self.section(group, kind, begin);
            }
            if text.ends_with(']') {
                let place = self.place(begin..begin + text.len());
                return self.fault(
                    &place,
                    format!("`{text}` is no heading of a section"),
                    "a heading is `[group]`, `[group:children]` or `[group:vars]`, without spaces",
                );
            }
        }
        match self.section.kind {
            Part::Hosts => self.hosts(text, begin),
            Part::Children => self.child(text, begin),
            Part::Vars => self.variable(text, begin),
        }
    }

    fn section(&mut self, group: &str, kind: &str, begin: usize) {
        let at = begin + 1..begin + 1 + group.len();
        let name = Located::new(group.to_owned(), self.place(at.clone()));
        let part = match kind {
            "" | "hosts" => Part::Hosts,
            "children" => Part::Children,
            "vars" => Part::Vars,
            _ => {
                let place = self.place(at.end + 1..at.end + 1 + kind.len());
                self.fault(
                    &place,
                    format!("a section of `{kind}` is unknown"),
                    "a section has hosts (`[group]`), `:children` or `:vars`",
                );
                Part::Vars
            }
        };
        super::group::check_name(&name, &mut self.inventory.warnings);
        match part {
            Part::Vars => self.wanted.push((name, Part::Vars)),
            _ => drop(self.declared.insert(group.to_owned())),
        }
        self.inventory.groups.entry(group.to_owned()).or_default();
        self.section = Section {
            group: group.to_owned(),
            kind: part,
        };
    }

    fn hosts(&mut self, text: &str, begin: usize) {
        let words = match words::split(text) {
            Ok(words) => words,
            Err(message) => {
                let place = self.place(begin..begin + text.len());
                return self.fault(
                    &place,
                    message.to_owned(),
                    "put the value in quotes: key=\"a value\"",
                );
            }
        };
        let Some((first, settings)) = words.split_first() else {
            return;
        };
        let source = self.source;
        let place = |word: &Word| source.place(begin + word.bytes.start..begin + word.bytes.end);
        let host = place(first);
        let (pattern, port) = address::split(&first.text);
        let names = match range::expand(pattern) {
            Ok(names) => names,
            Err(message) => return self.faults.push(Diagnostic::error("host-range", &host, message)),
        };
        let mut variables = Mapping::default();
        for word in settings {
            let whole = place(word);
            let Some((name, value)) = word.text.split_once('=') else {
                self.fault(
                    &whole,
                    format!("`{}` is no variable of a host", word.text),
                    "write `name=value`, and each host on a line of its own",
                );
                continue;
            };
            let key = self.place(within(text, begin, word, 0..name.len()));
            let at = self.place(within(text, begin, word, name.len() + 1..word.bytes.len()));
            variables.insert(entry(name, &key, literal::value(value, &at)));
        }
        self.names(&variables);
        let path = self.source.path();
        let layer = Layer::written(Rank::Host, path, &variables);
        let port = port.map(|port| Variable::Template(Node::new(Kind::Int(port.into()), host)));
        let described = Described::new(path, layer, port);
        for name in names {
            described.add(self.inventory, &name, &self.section.group);
        }
    }

    fn child(&mut self, text: &str, begin: usize) {
        let name = text.split('#').next().unwrap_or_default().trim_end();
        let place = self.place(begin..begin + name.len());
        if name.contains([':', ']']) || name.contains(char::is_whitespace) {
            return self.fault(
                &place,
                format!("`{name}` is no name of a group"),
                "a section of children has one name of a group on each line",
            );
        }
        let parent = self.section.group.clone();
        self.wanted
            .push((Located::new(name.to_owned(), place.clone()), Part::Children));
        self.inventory.add_child(&parent, name);
        if self.inventory.cycle().is_some() {
            let message = format!("the group `{name}` is in itself");
            self.faults
                .push(Diagnostic::error("group-cycle", &place, message));
            // Without this link the rest can still be read.
            let group = self.inventory.groups.entry(parent).or_default();
            group.children.shift_remove(name);
        }
    }

    fn variable(&mut self, text: &str, begin: usize) {
        let Some((name, value)) = text.split_once('=') else {
            let place = self.place(begin..begin + text.len());
            return self.fault(
                &place,
                format!("`{text}` sets no variable"),
                "a section of variables has `name=value` on each line",
            );
        };
        let key = self.place(begin..begin + name.trim_end().len());
        let from = text.len() - value.trim_start().len();
        let at = self.place(begin + from..begin + text.len());
        let mut variables = Mapping::default();
        variables.insert(entry(name.trim_end(), &key, literal::value(value.trim(), &at)));
        self.names(&variables);
        match self.variables.last_mut() {
            Some((group, known)) if *group == self.section.group => {
                variables.iter().for_each(|entry| known.insert(entry.clone()));
            }
            _ => self.variables.push((self.section.group.clone(), variables)),
        }
    }

    /// What can be said only when everything was read.
    fn finish(self) {
        for (group, variables) in self.variables {
            let rank = if group == "all" { Rank::All } else { Rank::Group };
            let origin = format!("{} group {group}", self.source.path());
            let group = self.inventory.groups.entry(group).or_default();
            group.add(Layer::written(rank, origin, &variables));
        }
        for (name, part) in self.wanted {
            if self.declared.contains(&*name) {
                continue;
            }
            let what = match part {
                Part::Vars => "has variables",
                _ => "is a child",
            };
            let fault = Diagnostic::error(
                "undefined-group",
                &name.place,
                format!("the group `{}` {what} here and is defined nowhere", name.value),
            );
            let groups = self.declared.iter().map(String::as_str);
            let fault = fault.did_you_mean(&name, groups);
            self.faults.push(match fault.help {
                None => fault.help(format!("add a section `[{}]`", name.value)),
                Some(_) => fault,
            });
        }
    }

    fn names(&mut self, variables: &Mapping) {
        for entry in variables.iter() {
            super::load::check_name(&entry.key, &mut self.inventory.warnings);
        }
    }

    fn place(&self, bytes: Range<usize>) -> Place {
        self.source.place(bytes)
    }

    fn fault(&mut self, place: &Place, message: String, help: &str) {
        self.faults
            .push(Diagnostic::error("inventory", place, message).help(help));
    }
}

/// The group and the kind of `[group:kind]`, which only a comment may follow.
fn heading(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    let (group, kind) = inside.split_once(':').unwrap_or((inside, ""));
    let word = |text: &str| text.chars().all(|next| next.is_alphanumeric() || next == '_');
    let plain = !group.is_empty() && !group.contains(char::is_whitespace) && word(kind);
    let whole = inside.contains(':') != kind.is_empty();
    (plain && whole && (after.is_empty() || after.starts_with('#'))).then_some((group, kind))
}

/// Where a part of a word stands in the file: exactly if the word has neither
/// quotes nor backslashes before its end, else the whole word.
fn within(line: &str, begin: usize, word: &Word, part: Range<usize>) -> Range<usize> {
    let (from, to) = (word.bytes.start + part.start, word.bytes.start + part.end);
    let written = &line[word.bytes.clone()];
    let same = word.text.get(..part.start) == written.get(..part.start);
    match same && line.get(from..to).is_some() {
        true => begin + from..begin + to,
        false => begin + word.bytes.start..begin + word.bytes.end,
    }
}

fn entry(name: &str, place: &Place, value: Node) -> Entry {
    Entry {
        key: Located::new(name.to_owned(), place.clone()),
        value,
    }
}
