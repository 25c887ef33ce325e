//! The templates of tasks: whether they are any, and whether their names exist.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::known::Known;
use crate::diagnose::{Diagnostic, Severity, nearest};
use crate::playbook::{Action, Block, Body, Handler, Item, Play, Task};
use crate::template::{Use, names};
use crate::yaml::Node;

/// Checks every task of a play.
pub(super) fn check(play: &Play, known: &Known, missing_handler: Severity, found: &mut Vec<Diagnostic>) {
    let handlers: Vec<String> = play.handlers.iter().flat_map(Handler::names).collect();
    let brings_roles = |task: &Task| match &task.action {
        Action::Inclusion(inclusion) => !inclusion.is_early(),
        _ => false,
    };
    let mut checker = Checker {
        open_handlers: handlers.iter().any(|name| crate::yaml::has_template(name))
            || play.tasks().into_iter().any(brings_roles),
        handlers,
        missing_handler,
        known,
        play,
        folders: Vec::new(),
        found,
    };
    checker.items(&play.pre_tasks, false);
    checker.items(&play.roles, false);
    match &play.body {
        Body::Tasks(items) => checker.items(items, false),
        Body::Phases(phases) => {
            for phase in phases {
                checker.items(&phase.tasks, false);
                checker.items(&phase.gate, false);
                checker.items(&phase.rollback, true);
            }
        }
    }
    checker.items(&play.post_tasks, false);
    for handler in &play.handlers {
        checker.task(&handler.task, true);
    }
}

struct Checker<'a> {
    /// The names under which handlers may be notified.
    handlers: Vec<String>,
    /// How bad it is where one is not there.
    missing_handler: Severity,
    /// Whether there may be others: names that are templates, roles that come later.
    open_handlers: bool,
    known: &'a Known,
    play: &'a Play,
    /// Where the task that is being checked looks for files.
    folders: Vec<PathBuf>,
    found: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// `maybe`: it is not sure that these run, or that their failure matters.
    fn items(&mut self, items: &[Item], maybe: bool) {
        for item in items {
            match item {
                Item::Task(task) => self.task(task, maybe),
                Item::Block(block) => self.block(block, maybe),
                Item::Role(role) => self.items(&role.items, maybe),
            }
        }
    }

    fn block(&mut self, block: &Block, maybe: bool) {
        self.items(&block.items, maybe || !block.rescue.is_empty());
        self.items(&block.rescue, true);
        self.items(&block.always, maybe);
    }

    fn task(&mut self, task: &Task, maybe: bool) {
        self.handlers(task);
        self.folders = task.folders(self.play);
        let it = &task.directives;
        let forgiving = it.ignore_errors.is_some();
        let conditional = maybe || forgiving || !it.when.is_empty();
        let mut uses = Vec::new();
        for (number, condition) in it.when.iter().enumerate() {
            self.collect(condition, true, maybe || forgiving || number > 0, &mut uses);
        }
        if let Some(looping) = &task.looping {
            self.collect(&looping.items, false, conditional, &mut uses);
            looping
                .control
                .label
                .iter()
                .for_each(|label| self.collect(label, false, true, &mut uses));
            let conditions = looping.control.break_when.iter();
            conditions.for_each(|condition| self.collect(condition, true, true, &mut uses));
        }
        self.action(&task.action, conditional, &mut uses);
        let until = task.until.iter().flat_map(|until| &until.conditions);
        for condition in until.chain(&task.changed_when).chain(&task.failed_when) {
            self.collect(condition, true, true, &mut uses);
        }
        for variable in it.vars.iter() {
            self.collect(&variable.value, false, true, &mut uses);
        }
        it.environment
            .iter()
            .for_each(|node| self.collect(node, false, conditional, &mut uses));
        for setting in [&it.delegate_to, &it.become_user].into_iter().flatten() {
            if let Some(node) = setting.template() {
                self.collect(node, false, conditional, &mut uses);
            }
        }
        self.undefined(task, &uses);
    }

    fn action(&mut self, action: &Action, maybe: bool, uses: &mut Vec<(Use, bool)>) {
        match action {
            Action::Module(call) => {
                let args = call.args.as_map().filter(|_| call.module == "assert");
                let Some(args) = args else {
                    return self.collect(&call.args, false, maybe, uses);
                };
                for entry in args.iter() {
                    self.collect(&entry.value, entry.key.value == "that", maybe, uses);
                }
            }
            Action::Inclusion(inclusion) => self.collect(&inclusion.target, false, true, uses),
            Action::Template { name, args } => {
                self.collect(name, false, maybe, uses);
                self.collect(args, false, maybe, uses);
            }
            Action::Meta(_) => {}
        }
    }

    /// The names a node uses, each with whether its use is not certain. A text
    /// that is no template is a fault, whether it is used or not.
    fn collect(&mut self, node: &Node, bare: bool, maybe: bool, uses: &mut Vec<(Use, bool)>) {
        let used = match names(node, bare) {
            Ok(used) => used,
            Err(error) => return self.found.push(error.to_diagnostic()),
        };
        uses.extend(used.variables.into_iter().map(|variable| (variable, maybe)));
        for (name, place) in used.filters {
            if self.known.filters(&self.folders).all(|known| known != name) {
                let message = format!("there is no filter `{name}`");
                let fault = Diagnostic::error("template-unknown", &place, message);
                let fault = fault.did_you_mean(&name, self.known.filters(&self.folders));
                self.found.push(fault);
            }
        }
    }

    /// Names that nothing defines. A name that the task tests anywhere is left
    /// alone, and so are the task's own variables.
    fn undefined(&mut self, task: &Task, uses: &[(Use, bool)]) {
        let guarded: BTreeSet<&str> = uses
            .iter()
            .filter(|(it, _)| it.guarded)
            .map(|(it, _)| it.name.as_str())
            .collect();
        let control = task.looping.iter().map(|looping| &looping.control);
        let own: BTreeSet<&str> = control
            .flat_map(|control| {
                [
                    Some(control.variable()),
                    control.index.as_ref().map(|name| name.value.as_str()),
                ]
            })
            .flatten()
            .chain(task.directives.vars.keys())
            .collect();
        for (it, maybe) in uses {
            let name = it.name.as_str();
            if guarded.contains(name) || own.contains(name) || self.known.has(name) {
                continue;
            }
            let message = format!("nothing defines the variable `{name}`");
            let mut fault = Diagnostic::error("undefined-variable", &it.place, message);
            if *maybe {
                fault.severity = Severity::Warning;
            }
            let near = nearest(name, self.known.names().chain(own.iter().copied()));
            self.found.push(match near {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault,
            });
        }
    }

    /// Handlers that are notified and do not exist.
    fn handlers(&mut self, task: &Task) {
        let notified = task.directives.notify.iter().filter(|node| !node.is_template());
        for node in notified.filter(|_| !self.open_handlers) {
            let name = node.as_text().unwrap_or_default();
            if !self.handlers.iter().any(|known| known == name) {
                let message = format!("there is no handler called `{name}` in this play");
                let fault = Diagnostic {
                    severity: self.missing_handler,
                    ..Diagnostic::error("unknown-handler", &node.place, message)
                };
                self.found
                    .push(fault.did_you_mean(name, self.handlers.iter().map(String::as_str)));
            }
        }
    }
}
