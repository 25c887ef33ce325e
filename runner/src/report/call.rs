//! The result of one call on each host, as Ansible's ad hoc command shows it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use cutover_kit::note::Note;
use cutover_kit::registry::Described;
use serde_json::Value as Json;

use super::json as text;
use super::page::{Label, Look, Page};
use super::words::{harmless, pausing};
use crate::bus::Sink;
use crate::event::{Event, EventKind, Status};
use crate::reference;

/// Modules whose output is shown as it came, and not as JSON.
const RAW: [&str; 4] = ["command", "shell", "raw", "script"];

/// Writes one result of each host.
pub struct Call<Out, Err> {
    out: Out,
    err: Err,
    screen: Screen,
}

/// The state between events; pure.
struct Screen {
    look: Look,
    one_line: bool,
    diff: bool,
    planned: BTreeMap<String, Vec<Described>>,
}

impl<Out: Write + Send, Err: Write + Send> Call<Out, Err> {
    /// Results to `out`, warnings to `err`; each result on one line, where that is wanted.
    pub fn new(out: Out, err: Err, look: Look, one_line: bool) -> Self {
        let screen = Screen {
            look,
            one_line,
            diff: false,
            planned: BTreeMap::new(),
        };
        Self { out, err, screen }
    }
}

impl<Out: Write + Send, Err: Write + Send> Sink for Call<Out, Err> {
    fn take(&mut self, event: &Event, _: &str) -> io::Result<()> {
        let mut page = Page::new(self.screen.look);
        self.screen.tell(&mut page, &event.kind);
        self.err.write_all(page.err.as_bytes())?;
        if !page.out.is_empty() {
            self.out.write_all(page.out.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }
}

impl Screen {
    fn tell(&mut self, page: &mut Page, event: &EventKind) {
        match event {
            EventKind::RunStarted { options, .. } => self.diff = options.diff,
            EventKind::Warned { place, message } => page.warned(place.as_deref(), message),
            EventKind::NoHosts { .. } => page.warn("No hosts matched, nothing to do"),
            EventKind::Planned { step, changes, .. } => {
                self.planned.insert(step.host.clone(), changes.clone());
            }
            EventKind::Intent { step, change, .. } => {
                if let Some(why) = &change.no_return {
                    let line = format!("no return: [{}] {}: {why}", step.host, change.text);
                    page.line(Label::Warning, &harmless(&line));
                }
            }
            EventKind::Noted { host, note, .. } => self.note(page, host, note),
            EventKind::OutageAccepted { host, reason } => {
                let line = format!("accepted outage: [{host}] {reason}");
                page.line(Label::Warning, &harmless(&line));
            }
            EventKind::TurnReleased { host, proved: false } => page.line(
                Label::Warning,
                &format!("turn: [{host}] given back, not proved back in service"),
            ),
            EventKind::StopRequested => page.stopping(),
            EventKind::TaskFinished { .. } => self.result(page, event),
            EventKind::RunFinished {
                go_on: Some(go_on), ..
            } => {
                page.line(Label::Text, &harmless(&format!("to go on: {go_on}")));
            }
            _ => {}
        }
    }

    fn note(&self, page: &mut Page, host: &str, note: &Note) {
        let said = match note {
            Note::Warning { message } => return page.warn(&harmless(&format!("[{host}] {message}"))),
            Note::Sent { host, command } => format!("<{host}> > {command}"),
            Note::Said { host, line } => format!("<{host}> {line}"),
            Note::Asked {
                host,
                question,
                answer,
            } => format!("<{host}> {question} > {answer}"),
            Note::Pausing { duration } => return page.line(Label::Text, &pausing(*duration)),
            Note::NoReturn { .. } | Note::Waiting { .. } => return,
        };
        if self.look.verbosity >= 3 {
            page.line(Label::Faint, &harmless(&said));
        }
    }

    fn result(&mut self, page: &mut Page, event: &EventKind) {
        let EventKind::TaskFinished {
            task,
            host,
            status,
            result,
            failure,
            ..
        } = event
        else {
            return;
        };
        let planned = self.planned.remove(host).unwrap_or_default();
        if self.diff && *status == Status::Changed {
            page.diffs(planned.iter());
        }
        let (label, word, sign) = ending(*status);
        if *status == Status::Skipped {
            return page.line(label, &format!("{host} | SKIPPED"));
        }
        let result = reference::shown(result);
        let raw = RAW.contains(&task.module.as_str()) && result.get("rc").is_some();
        if raw && *status != Status::Unreachable {
            page.line(label, &self.as_it_came(host, word, &result));
        } else {
            let detail = self.look.verbosity >= 3;
            let result = text::shown(&task.module, &result, detail);
            let data = if self.one_line {
                text::one_line(&result)
            } else {
                self.look.data(&result, true)
            };
            page.line(label, &format!("{host} | {word}{sign} => {data}"));
        }
        if let Some(failure) = failure.as_ref().filter(|_| !self.one_line) {
            page.reasons(failure, *status);
        }
    }

    /// What a command printed, under its exit code.
    fn as_it_came(&self, host: &str, word: &str, result: &Json) -> String {
        let said = |name: &str| result.get(name).and_then(Json::as_str).unwrap_or_default();
        let rc = result.get("rc").cloned().unwrap_or(Json::from(-1));
        let (stdout, stderr) = (harmless(said("stdout")), harmless(said("stderr")));
        if self.one_line {
            let flat = |text: &str| text.replace('\n', "\\n");
            let stderr = match stderr.as_str() {
                "" => String::new(),
                some => format!(" (stderr) {}", flat(some)),
            };
            return format!("{host} | {word} | rc={rc} | (stdout) {}{stderr}", flat(&stdout));
        }
        let parts = [stdout, stderr, harmless(said("msg"))];
        let lines = parts.iter().filter(|part| !part.is_empty());
        std::iter::once(format!("{host} | {word} | rc={rc} >>"))
            .chain(lines.cloned())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The colour of an ending, its word, and what follows the word before data.
fn ending(status: Status) -> (Label, &'static str, &'static str) {
    match status {
        Status::Ok => (Label::Ok, "SUCCESS", ""),
        Status::Changed => (Label::Changed, "CHANGED", ""),
        Status::Skipped => (Label::Skipped, "SKIPPED", ""),
        Status::Later => (Label::Changed, "LATER", ""),
        Status::Listed => (Label::Skipped, "LISTED", ""),
        Status::Failed | Status::Ignored => (Label::Failed, "FAILED", "!"),
        Status::Unreachable => (Label::Failed, "UNREACHABLE", "!"),
        Status::Awaiting => (Label::Warning, "AWAITING", ""),
    }
}
