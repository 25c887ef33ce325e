//! What one event adds to the screen, before it is written at once.

use console::Style;
use cutover_kit::failure::Failure;
use cutover_kit::registry::Described;
use serde_json::Value as Json;

use super::words::harmless;
use super::{diff, json};
use crate::event::Status;

/// How a view looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// `-v` counted: 0 results, 1 their data, 2 task paths, 3 what devices said.
    pub verbosity: u8,
    /// Whether lines are coloured.
    pub colour: bool,
    /// Columns that a banner fills.
    pub width: usize,
    /// Whether tasks that change nothing are shown (`display_ok_hosts`).
    pub ok: bool,
    /// Whether skipped tasks are shown (`display_skipped_hosts`).
    pub skipped: bool,
    /// Whether values of `set_stats` are shown after the recap (`show_custom_stats`).
    pub stats: bool,
    /// What the data of results is written in (`result_format`).
    pub format: Format,
    /// Whether it is written for people or on few lines, where that is said (`pretty_results`).
    pub pretty: Option<bool>,
}

/// What the data of results is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// On one line, or as a block where the result is what a task is for.
    Json,
    /// Always as a block.
    Yaml,
}

impl Look {
    /// For files, pipes and tests.
    pub const PLAIN: Self = Self {
        verbosity: 0,
        colour: false,
        width: 80,
        ok: true,
        skipped: true,
        stats: false,
        format: Format::Json,
        pretty: None,
    };

    /// The data of a result, as it follows `=> `; `always` says that the task is there to show it.
    pub(super) fn data(&self, result: &Json, always: bool) -> String {
        let pretty = self.pretty.unwrap_or(always || self.verbosity > 2);
        match self.format {
            Format::Json if pretty => json::block(result),
            Format::Json => json::one_line(result),
            Format::Yaml => json::yaml(result, self.pretty.unwrap_or(true)),
        }
    }
}

/// What a line is; one table maps it to a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Text,
    Ok,
    Changed,
    Failed,
    Skipped,
    Ours,
    Warning,
    Faint,
}

impl Label {
    fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Text => style,
            Self::Ok => style.green(),
            Self::Changed => style.yellow(),
            Self::Failed => style.red(),
            Self::Skipped => style.cyan(),
            Self::Ours => style.blue(),
            Self::Warning => style.magenta(),
            Self::Faint => style.dim(),
        }
    }
}

/// Lines for standard output and standard error.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) out: String,
    pub(super) err: String,
    look: Look,
}

impl Page {
    pub(super) fn new(look: Look) -> Self {
        Self {
            out: String::new(),
            err: String::new(),
            look,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty() && self.err.is_empty()
    }

    /// A line, or several, of one label.
    pub(super) fn line(&mut self, label: Label, text: &str) {
        for line in text.split('\n') {
            self.out.push_str(&paint(self.look.colour, label, line));
            self.out.push('\n');
        }
    }

    /// The same, indented under the line before.
    pub(super) fn under(&mut self, label: Label, text: &str) {
        for line in text.split('\n') {
            self.line(label, &format!("    {line}"));
        }
    }

    /// A line for standard error.
    pub(super) fn warn(&mut self, text: &str) {
        let line = format!("[WARNING]: {text}");
        self.err.push_str(&paint(self.look.colour, Label::Warning, &line));
        self.err.push('\n');
    }

    /// A warning of the run, and where it stands.
    pub(super) fn warned(&mut self, place: Option<&str>, message: &str) {
        let place = place.map_or(String::new(), |place| format!(" ({place})"));
        self.warn(&harmless(&format!("{message}{place}")));
    }

    /// What the first Ctrl-C does, and what a second one would.
    pub(super) fn stopping(&mut self) {
        let text = "stopping: the current change is finished first; Ctrl-C again drops the connections, and what is \
             under way then has an unknown outcome";
        self.line(Label::Warning, text);
    }

    /// An empty line and a title filled up with stars.
    pub(super) fn banner(&mut self, title: &str) {
        let room = (self.look.width - 1).saturating_sub(console::measure_text_width(title));
        self.out
            .push_str(&format!("\n{title} {}\n", "*".repeat(room.max(3))));
    }

    /// Before and after of each change that has them.
    pub(super) fn diffs<'a>(&mut self, changes: impl Iterator<Item = &'a Described>) {
        for diff in changes.filter_map(|change| change.diff.as_ref()) {
            for line in diff::unified(diff).lines() {
                let label = match line.as_bytes() {
                    [b'+', ..] => Label::Ok,
                    [b'-', ..] => Label::Failed,
                    [b'@', ..] => Label::Skipped,
                    _ => Label::Text,
                };
                self.line(label, line);
            }
            self.line(Label::Text, "");
        }
    }

    /// What was seen and what to do; the message is in the line above.
    pub(super) fn failure(&mut self, failure: &Failure, status: Status) {
        if status != Status::Awaiting {
            self.under(Label::Failed, &harmless(&failure.message));
        }
        self.reasons(failure, status);
    }

    /// The same without the message.
    pub(super) fn reasons(&mut self, failure: &Failure, status: Status) {
        let label = if status == Status::Awaiting {
            Label::Warning
        } else {
            Label::Failed
        };
        for seen in &failure.seen {
            self.under(label, &format!("  {}", harmless(seen)));
        }
        if let Some(hint) = &failure.hint {
            self.under(Label::Text, &format!("hint: {}", harmless(hint)));
        }
    }

    /// `text` in the colour of `label`, where there are colours.
    pub(super) fn paint(&self, label: Label, text: &str) -> String {
        paint(self.look.colour, label, text)
    }
}

fn paint(colour: bool, label: Label, text: &str) -> String {
    if !colour || text.is_empty() {
        return text.to_owned();
    }
    label.style().force_styling(true).apply_to(text).to_string()
}
