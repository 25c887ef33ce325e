//! Ansible's own lines, and ours beside them.
//!
//! Lanes run side by side, so a banner is told whenever the task changes: each
//! result stands under the name of its task. What the engine does between tasks
//! (phases, turns, barriers) has Ansible's form too: `turn: [finesse-1] …`.

mod lanes;
mod recap;
mod results;

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use cutover_kit::note::Note;
use cutover_kit::registry::Described;

pub use super::page::{Format, Look};
use super::page::{Label, Page};
use super::summary::Summary;
use super::words::{harmless, pausing};
use crate::bus::Sink;
use crate::event::{Event, EventKind, Section, TaskRef};

/// How many lines of a host are shown with its failure.
const TAIL: usize = 20;

/// When silence is long enough for a sign of life.
const SILENCE: Duration = Duration::from_secs(30);

/// Writes lines: results to one stream, warnings to another.
pub struct Plain<Out, Err> {
    out: Out,
    err: Err,
    screen: Screen,
}

/// The state between events; pure.
struct Screen {
    look: Look,
    summary: Summary,
    /// The task whose banner stands above: its phase and its id.
    banner: Option<(Option<String>, String)>,
    hosts: BTreeMap<String, HostScreen>,
    /// When something was last printed, counted from the start.
    printed: Duration,
    check: bool,
    diff: bool,
}

/// What is remembered of a host until its task ends.
#[derive(Default)]
struct HostScreen {
    tail: VecDeque<String>,
    planned: Option<Planned>,
}

struct Planned {
    changes: Vec<Described>,
    why: String,
    /// Whether differences are shown.
    diff: bool,
}

impl<Out: Write + Send, Err: Write + Send> Plain<Out, Err> {
    /// Lines to `out`, warnings to `err`.
    pub fn new(out: Out, err: Err, look: Look) -> Self {
        let screen = Screen {
            look,
            summary: Summary::default(),
            banner: None,
            hosts: BTreeMap::new(),
            printed: Duration::ZERO,
            check: false,
            diff: false,
        };
        Self { out, err, screen }
    }
}

impl<Out: Write + Send, Err: Write + Send> Sink for Plain<Out, Err> {
    fn take(&mut self, event: &Event, _: &str) -> io::Result<()> {
        let page = self.screen.take(event);
        self.err.write_all(page.err.as_bytes())?;
        if !page.out.is_empty() {
            self.out.write_all(page.out.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }
}

impl Screen {
    fn take(&mut self, event: &Event) -> Page {
        let mut page = Page::new(self.look);
        self.summary.take(event);
        self.tell(&mut page, event);
        if !page.is_empty() {
            self.printed = event.elapsed;
        }
        page
    }

    fn tell(&mut self, page: &mut Page, event: &Event) {
        match &event.kind {
            EventKind::RunStarted { options, .. } => {
                self.check = options.check;
                self.diff = options.diff;
            }
            EventKind::Warned { place, message } => page.warned(place.as_deref(), message),
            EventKind::NoHosts { pattern } => {
                page.banner(&format!("PLAY [{}]", harmless(pattern)));
                page.line(Label::Skipped, "skipping: no hosts matched");
            }
            // Ansible says it where it looks at the share, and again where nobody is left.
            EventKind::TooManyFailed { .. } => {
                page.banner("NO MORE HOSTS LEFT");
                page.banner("NO MORE HOSTS LEFT");
            }
            EventKind::Planned {
                step,
                changes,
                why,
                diff,
            } => {
                let planned = Planned {
                    changes: changes.clone(),
                    why: why.clone(),
                    diff: diff.unwrap_or(self.diff),
                };
                self.hosts.entry(step.host.clone()).or_default().planned = Some(planned);
            }
            EventKind::TaskStarted { host, .. } => {
                self.hosts.insert(host.clone(), HostScreen::default());
            }
            EventKind::Intent { step, change, .. } => self.no_return(page, &step.host, change),
            EventKind::Noted { task, host, note } => self.note(page, task, host, note),
            EventKind::Retrying { task, host, left } => {
                self.under_banner(page, task, host);
                let line = format!(
                    "FAILED - RETRYING: [{host}]: {} ({left} retries left).",
                    task.name
                );
                page.line(Label::Faint, &harmless(&line));
            }
            EventKind::Included {
                task,
                hosts,
                what,
                label,
            } => self.included(page, task, hosts, what, label.as_ref()),
            EventKind::ItemFinished { .. } | EventKind::TaskFinished { .. } => self.result(page, &event.kind),
            EventKind::RunFinished { .. } => self.recap(page),
            other => self.lanes(page, other),
        }
    }

    /// Sees to it that the banner of `task` stands above the next line.
    fn under_banner(&mut self, page: &mut Page, task: &TaskRef, host: &str) {
        let phase = self.summary.phase_of(host).map(str::to_owned);
        let wanted = (phase, task.id.clone());
        if self.banner.as_ref() == Some(&wanted) {
            return;
        }
        let kind = match task.section {
            Section::Gate => "GATE",
            Section::Rollback => "ROLLBACK",
            Section::Handlers => "RUNNING HANDLER",
            Section::PreTasks | Section::Tasks | Section::PostTasks => "TASK",
        };
        let name = harmless(&task.name).replace('\n', " ");
        page.banner(&match &wanted.0 {
            Some(phase) => format!("{kind} [{phase} : {name}]"),
            None => format!("{kind} [{name}]"),
        });
        if self.look.verbosity >= 2 {
            page.line(Label::Faint, &format!("task path: {}", task.at));
        }
        self.banner = Some(wanted);
    }

    fn no_return(&mut self, page: &mut Page, host: &str, change: &Described) {
        if let Some(why) = &change.no_return {
            let line = format!("no return: [{host}] {}: {why}", change.text);
            page.line(Label::Warning, &harmless(&line));
        }
    }

    fn is_planned_no_return(&self, host: &str, message: &str) -> bool {
        let planned = self.hosts.get(host).and_then(|host| host.planned.as_ref());
        let mut changes = planned.iter().flat_map(|planned| &planned.changes);
        changes.any(|change| change.no_return.as_deref() == Some(message))
    }

    fn note(&mut self, page: &mut Page, task: &TaskRef, host: &str, note: &Note) {
        match note {
            Note::Warning { message } => page.warn(&harmless(&format!("[{host}] {message}"))),
            // The change it is about tells it itself, and what is changed besides.
            Note::NoReturn { message } if self.is_planned_no_return(host, message) => {}
            Note::NoReturn { message } => {
                page.line(
                    Label::Warning,
                    &harmless(&format!("no return: [{host}] {message}")),
                );
            }
            Note::Waiting { .. } => {}
            Note::Pausing { duration } => {
                self.under_banner(page, task, host);
                page.line(Label::Text, &pausing(*duration));
            }
            Note::Sent { host: at, command } => {
                self.transcript(page, task, host, at, &format!("> {command}"));
            }
            Note::Said { host: at, line } => self.transcript(page, task, host, at, line),
            Note::Asked {
                host: at,
                question,
                answer,
            } => self.transcript(page, task, host, at, &format!("{question} > {answer}")),
        }
    }

    /// A line of a conversation: kept for a failure, shown at `-vvv`.
    fn transcript(&mut self, page: &mut Page, task: &TaskRef, host: &str, at: &str, line: &str) {
        let line = harmless(line);
        if self.look.verbosity >= 3 {
            self.under_banner(page, task, host);
            page.line(Label::Faint, &format!("<{at}> {line}"));
        }
        if line.trim().is_empty() {
            return;
        }
        let tail = &mut self.hosts.entry(host.to_owned()).or_default().tail;
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(if at == host { line } else { format!("{at}: {line}") });
    }
}

#[cfg(test)]
mod tests;
