//! The line of a result, and what stands under it.

use cutover_kit::failure::Failure;
use serde_json::Value as Json;

use super::{Planned, Screen};
use crate::event::{EventKind, Status, TaskRef};
use crate::report::json as text;
use crate::report::page::{Label, Page};
use crate::report::summary::{SHOWING, is_told_as_included};
use crate::report::words::harmless;

/// A result of a task, or of one item of its loop.
struct Outcome<'a> {
    task: &'a TaskRef,
    host: &'a str,
    delegate: Option<&'a str>,
    item: Option<&'a Json>,
    status: Status,
    result: &'a Json,
    failure: Option<&'a Failure>,
    /// A task whose items were told one by one.
    looped: bool,
}

impl Screen {
    pub(super) fn result(&mut self, page: &mut Page, event: &EventKind) {
        let Some(outcome) = Outcome::of(event).filter(|it| !is_told_as_included(it.task, it.status)) else {
            return;
        };
        let hidden = match outcome.status {
            Status::Ok => !self.look.ok,
            Status::Skipped => !self.look.skipped,
            _ => false,
        };
        if hidden {
            return;
        }
        self.under_banner(page, outcome.task, outcome.host);
        let remembered = self.hosts.entry(outcome.host.to_owned()).or_default();
        let planned = remembered.planned.take();
        let tail = match outcome.status {
            Status::Failed | Status::Ignored | Status::Unreachable => std::mem::take(&mut remembered.tail),
            _ => std::collections::VecDeque::new(),
        };
        if let (Status::Changed, Some(planned)) = (outcome.status, &planned)
            && planned.diff
        {
            page.diffs(planned.changes.iter());
        }
        if !outcome.looped || outcome.status == Status::Skipped {
            self.line(page, &outcome, planned.as_ref());
        }
        if let Some(failure) = outcome.failure {
            page.failure(failure, outcome.status);
        }
        if !tail.is_empty() {
            page.under(Label::Faint, &format!("last lines of {}:", outcome.host));
        }
        for line in &tail {
            page.under(Label::Faint, &format!("  {line}"));
        }
        if outcome.status == Status::Ignored && outcome.item.is_none() {
            page.line(Label::Skipped, "...ignoring");
        }
    }

    /// `included: FILE for HOSTS`, under the banner of the task that includes.
    pub(super) fn included(
        &mut self,
        page: &mut Page,
        task: &TaskRef,
        hosts: &[String],
        what: &str,
        label: Option<&Json>,
    ) {
        if let Some(first) = hosts.first() {
            self.under_banner(page, task, first);
        }
        let item = label.map_or(String::new(), |item| format!(" => (item={})", text::label(item)));
        let line = format!("included: {what} for {}{item}", hosts.join(", "));
        page.line(Label::Ok, &harmless(&line));
    }

    fn line(&self, page: &mut Page, outcome: &Outcome<'_>, planned: Option<&Planned>) {
        let who = outcome.who();
        let detail = self.look.verbosity >= 3;
        let data = || match outcome.showing() {
            true => {
                let shown = text::shown(&outcome.task.module, outcome.result, detail);
                self.look.data(&shown, true)
            }
            false => self.look.data(&text::outer(outcome.result, detail), false),
        };
        match outcome.status {
            Status::Ok => self.good(page, Label::Ok, "ok", outcome, planned),
            Status::Changed => self.good(page, Label::Changed, "changed", outcome, planned),
            Status::Skipped => {
                let item = outcome.item_text().map_or(String::new(), |item| item + " ");
                let shown = if self.look.verbosity > 0 {
                    format!(" => {}", data())
                } else {
                    String::new()
                };
                page.line(Label::Skipped, &format!("skipping: [{who}]{item}{shown}"));
            }
            Status::Later | Status::Listed | Status::Awaiting => self.ours(page, outcome, planned),
            Status::Failed | Status::Ignored => {
                let line = match outcome.item {
                    None if outcome.result.get("unreachable") == Some(&Json::Bool(true)) => {
                        format!("fatal: [{who}]: UNREACHABLE! => {}", data())
                    }
                    Some(item) => format!("failed: [{who}] (item={}) => {}", text::label(item), data()),
                    None => format!("fatal: [{who}]: FAILED! => {}", data()),
                };
                page.line(Label::Failed, &line);
            }
            Status::Unreachable => {
                page.line(
                    Label::Failed,
                    &format!("fatal: [{who}]: UNREACHABLE! => {}", data()),
                );
            }
        }
    }

    /// `ok` and `changed`: data where it is asked for, then the changes or why there are none.
    fn good(
        &self,
        page: &mut Page,
        label: Label,
        word: &str,
        outcome: &Outcome<'_>,
        planned: Option<&Planned>,
    ) {
        let verbosity = self.look.verbosity;
        let module = outcome.task.module.as_str();
        let data = text::shown(module, outcome.result, verbosity >= 3);
        let hidden = outcome.result.get("censored").is_some();
        let quiet = outcome.result.get("_ansible_verbose_always") == Some(&Json::Bool(false));
        let shown = if !hidden && !quiet && SHOWING.contains(&module) {
            format!(" => {}", self.look.data(&data, true))
        } else if verbosity >= 1 {
            format!(" => {}", self.look.data(&data, false))
        } else {
            String::new()
        };
        let item = outcome.item_text().unwrap_or_default();
        page.line(label, &format!("{word}: [{}]{item}{shown}", outcome.who()));
        let Some(planned) = planned else { return };
        if outcome.status == Status::Changed && (self.check || verbosity >= 1) {
            for change in &planned.changes {
                page.under(label, &format!("- {}", harmless(&change.text)));
            }
        }
        let says = !planned.why.is_empty() && !SHOWING.contains(&outcome.task.module.as_str());
        if verbosity >= 1 && says {
            page.under(Label::Faint, &harmless(&planned.why));
        }
    }

    /// Endings that Ansible does not have: the reason stands on the line.
    fn ours(&self, page: &mut Page, outcome: &Outcome<'_>, planned: Option<&Planned>) {
        let (label, word) = match outcome.status {
            Status::Later => (Label::Changed, "later"),
            Status::Listed => (Label::Skipped, "listed"),
            _ => (Label::Warning, "awaiting"),
        };
        let planned = planned.map(|planned| planned.why.as_str());
        let failed = outcome.failure.map(|failure| failure.message.as_str());
        let msg = outcome.result.get("msg").and_then(Json::as_str);
        let why = failed.or(planned).or(msg).filter(|why| !why.is_empty());
        let why = why.map_or(String::new(), |why| format!(" => {}", harmless(why)));
        let item = outcome.item_text().unwrap_or_default();
        page.line(label, &format!("{word}: [{}]{item}{why}", outcome.who()));
    }
}

impl<'a> Outcome<'a> {
    fn of(event: &'a EventKind) -> Option<Self> {
        Some(match event {
            EventKind::ItemFinished {
                task,
                host,
                delegate,
                label,
                status,
                result,
            } => Self {
                task,
                host,
                delegate: delegate.as_deref(),
                item: Some(label),
                status: *status,
                result,
                failure: None,
                looped: false,
            },
            EventKind::TaskFinished {
                task,
                host,
                delegate,
                status,
                result,
                looped,
                failure,
                ..
            } => Self {
                task,
                host,
                delegate: delegate.as_deref(),
                item: None,
                status: *status,
                result,
                failure: failure.as_ref(),
                looped: *looped,
            },
            _ => return None,
        })
    }

    /// Whether the failure is what a module that only shows something has to show, and
    /// not that it could not be called.
    fn showing(&self) -> bool {
        let ran = ["assertion", "failed_when_result"];
        SHOWING.contains(&self.task.module.as_str()) && ran.iter().any(|key| self.result.get(key).is_some())
    }

    fn who(&self) -> String {
        match self.delegate {
            Some(delegate) => format!("{} -> {delegate}", self.host),
            None => self.host.to_owned(),
        }
    }

    fn item_text(&self) -> Option<String> {
        self.item.map(|item| format!(" => (item={})", text::label(item)))
    }
}
