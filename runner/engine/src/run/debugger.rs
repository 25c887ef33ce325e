//! The keyword `debugger`: somebody at the terminal looks at how a task ended, changes what it is
//! called with, and has it run again, go on or stop.
//!
//! The host keeps its turn meanwhile, and nobody who keeps step with it goes on. To run a task again
//! is to look and plan anew: what was done already is not done twice. A change of which nobody knows
//! whether it was made, and that no look can tell, is not made again.

mod command;

use std::sync::atomic::{AtomicBool, Ordering};

use cutover_kit::module::Repeat;
use cutover_kit::secret::Origin;
use cutover_kit::{AnyModule, Failure, FailureKind, Map, Value};
use cutover_language::Node;
use cutover_language::playbook::{Debugger, Strategy};
use cutover_language::secrecy::is_secret_name;

use self::command::{Command, Target};
use super::scope::Terms;
use super::shapes;
use super::task::{Ended, TaskRun};
use crate::event::{Debugged, EventKind, Status};
use crate::reference::{reference, shown};
use crate::sync::lock;

const HELP: &str = "\
p EXPR                    show a value: task, task.args, task_vars['NAME'], host, result, any expression
task.args['KEY'] = EXPR   give the task another argument
task_vars['KEY'] = EXPR   give it another variable
u, update_task            take the arguments as they are written, with the variables as they are now
r, redo                   run the task again
c, continue               go on as the task has ended
q, quit                   finish what is under way, and stop the run
h, help                   show this";

/// What all tasks share of the debugger.
pub(super) struct Desk {
    /// The setting `enable_task_debugger`.
    enabled: bool,
    /// Whoever asks: one host at a time.
    seat: tokio::sync::Mutex<()>,
    /// Whether it was told that nobody is there.
    told: AtomicBool,
}

impl Desk {
    pub(super) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            seat: tokio::sync::Mutex::default(),
            told: AtomicBool::new(false),
        }
    }
}

/// What somebody wants otherwise at the next try.
#[derive(Default)]
pub(super) struct Edits {
    /// All arguments, instead of those that are written.
    whole: Option<Map>,
    /// Single arguments.
    arguments: Map,
    /// Variables, over all others.
    variables: Map,
}

impl Edits {
    /// The arguments with what was changed in them.
    pub(super) fn applied(&self, args: Value) -> Value {
        if self.whole.is_none() && self.arguments.is_empty() {
            return args;
        }
        let mut map = match (&self.whole, args) {
            (Some(whole), _) => whole.clone(),
            (None, Value::Map(map)) => map,
            (None, _) => Map::new(),
        };
        map.extend(self.arguments.clone());
        Value::Map(map)
    }

    /// The terms with the variables that were changed.
    pub(super) fn seen(&self, terms: Terms) -> Terms {
        match self.variables.is_empty() {
            true => terms,
            false => terms.with(self.variables.clone()),
        }
    }

    fn set(&mut self, target: Target, value: Value) -> Result<(), String> {
        match (target, value) {
            (Target::Argument(name), value) => drop(self.arguments.insert(name, value)),
            (Target::Variable(name), value) => drop(self.variables.insert(name, value)),
            (Target::Arguments, Value::Map(map)) => {
                self.arguments = Map::new();
                self.whole = Some(map);
            }
            (Target::Arguments, other) => {
                return Err(format!("arguments are a mapping, not {}", other.kind()));
            }
        }
        Ok(())
    }

    fn forget_arguments(&mut self) {
        self.whole = None;
        self.arguments = Map::new();
    }
}

impl TaskRun<'_> {
    /// Whether somebody who looked at this end wants the task to be run again.
    pub(super) async fn is_to_run_again(&mut self, ended: &Ended) -> bool {
        if !self.opens(ended) {
            return false;
        }
        let world = self.walk.play.world.clone();
        let _alone = world.debugger.seat.lock().await;
        let prompt = format!("[{}] TASK: {} (debug)> ", self.walk.host, self.about.name);
        let mut said = String::new();
        loop {
            let question = match said.is_empty() {
                true => prompt.clone(),
                false => format!("{said}\n{prompt}"),
            };
            let typed = match world.ask(&question, true).await {
                Ok(Some(typed)) => typed,
                Ok(None) => {
                    self.tell_nobody();
                    return false;
                }
                Err(_) => return false,
            };
            match Command::read(typed.expose()) {
                Command::Redo => match self.may_be_repeated(ended) {
                    Ok(()) => {
                        self.begin_again(ended);
                        return true;
                    }
                    Err(why) => said = why,
                },
                Command::Continue => {
                    self.did(Debugged::WentOn);
                    return false;
                }
                Command::Quit => {
                    self.did(Debugged::Quit);
                    world.stop.finish_change();
                    return false;
                }
                command => {
                    let answer = self.answer(command, ended);
                    said = answer.unwrap_or_else(|why| format!("*** {why}"));
                }
            }
        }
    }

    /// Whether somebody is asked at this end.
    fn opens(&self, ended: &Ended) -> bool {
        let world = &self.walk.play.world;
        let is = |status| ended.status == status;
        let kind = ended.failure.as_ref().map(|failure| failure.kind);
        if world.stop.is_asked() || matches!(kind, Some(FailureKind::Stopped | FailureKind::Invalid)) {
            return false;
        }
        // Whether that is ignored does not matter, as in Ansible.
        let unreachable = kind == Some(FailureKind::Unreachable);
        let enabled = world.debugger.enabled || self.walk.play.strategy() == Strategy::Debug;
        let by_setting = enabled && (is(Status::Failed) || unreachable);
        let word = self.terms.setting(self.task.directives.debugger.as_ref());
        match word.ok().flatten() {
            Some(Debugger::Never) => false,
            Some(Debugger::Always) => true,
            Some(Debugger::OnFailed) => by_setting || is(Status::Failed),
            Some(Debugger::OnUnreachable) => by_setting || unreachable,
            Some(Debugger::OnSkipped) => by_setting || is(Status::Skipped),
            None => by_setting,
        }
    }

    fn tell_nobody(&self) {
        let world = &self.walk.play.world;
        if !world.debugger.told.swap(true, Ordering::Relaxed) {
            world.bus.emit(EventKind::Warned {
                place: None,
                message: "nobody is at a terminal to answer the debugger: tasks go on as they end".into(),
            });
        }
    }

    /// A change that nobody can tell of is not made again.
    fn may_be_repeated(&self, ended: &Ended) -> Result<(), String> {
        let unknown = |failure: &Failure| failure.kind == FailureKind::Unknown;
        if !ended.failure.as_ref().is_some_and(unknown) {
            return Ok(());
        }
        let module = self.walk.play.modules.find(&self.about.module);
        let tells = |module: &dyn AnyModule| module.traits().repeat != Repeat::Never;
        match module.is_some_and(tells) {
            true => Ok(()),
            false => Err(
                "*** whether it was done is not known, and nothing that can be read tells: it is not \
                 run again. Look yourself; `c` goes on"
                    .into(),
            ),
        }
    }

    fn begin_again(&mut self, ended: &Ended) {
        let changed = ended.result.get("changed").and_then(Value::as_bool);
        self.did(Debugged::Redone {
            status: ended.status,
            changed: changed.unwrap_or(false),
        });
        lock(&self.included).clear();
        self.terms = self.terms_now();
    }

    fn did(&self, did: Debugged) {
        self.emit(EventKind::Debugged {
            task: self.about.clone(),
            host: self.walk.host.clone(),
            did,
        });
    }

    /// What is said to a command that leaves the debugger open.
    fn answer(&mut self, command: Command, ended: &Ended) -> Result<String, String> {
        match command {
            Command::Show(expression) => {
                self.did(Debugged::Looked {
                    expression: expression.clone(),
                });
                let value = self.value_of(&expression, ended)?;
                Ok(self.for_people(&value))
            }
            Command::Set(target, expression) => {
                self.did(Debugged::Set {
                    what: target.written(),
                });
                let value = self.value_of(&expression, ended)?;
                let value = self.kept(&target, value);
                self.edits.set(self.named(target), value)?;
                Ok(String::new())
            }
            Command::Update => {
                self.did(Debugged::Updated);
                self.edits.forget_arguments();
                self.terms = self.terms_now();
                self.arguments(&self.terms).map(|_| String::new())
            }
            Command::Help => Ok(HELP.to_owned()),
            Command::Other => Err("this is no command; h shows which there are".into()),
            Command::Nothing | Command::Redo | Command::Continue | Command::Quit => Ok(String::new()),
        }
    }

    fn value_of(&self, expression: &str, ended: &Ended) -> Result<Value, String> {
        let terms = self.terms_now();
        let (args, result) = match self.hidden {
            true => (Value::from(shapes::HIDDEN), Value::from(shapes::HIDDEN)),
            false => (
                self.arguments(&terms).unwrap_or_else(Value::from),
                ended.result.clone(),
            ),
        };
        let task = Value::map([
            ("name", Value::from(self.about.name.as_str())),
            ("action", self.about.module.as_str().into()),
            ("args", args),
        ]);
        let seen = Map::from_iter([
            ("task".to_owned(), task),
            ("host".to_owned(), self.walk.host.as_str().into()),
            ("result".to_owned(), result),
        ]);
        let at = Node::text(expression, self.task.place.clone());
        let found = terms.with(seen).expression(expression, &at);
        let found = found.map_err(|failure| failure.message)?;
        found.ok_or_else(|| format!("`{expression}` is undefined"))
    }

    /// The arguments as the next try would have them.
    fn arguments(&self, terms: &Terms) -> Result<Value, String> {
        let called = self.walk.play.call_of(self.task, terms);
        let (_, args) = called.map_err(|failure| failure.message)?;
        Ok(self.edits.applied(args))
    }

    /// What Ansible calls the text behind a module's name has a name of its own here.
    fn named(&self, target: Target) -> Target {
        let module = self.walk.play.modules.find(&self.about.module);
        match (target, module.and_then(|module| module.traits().free_form)) {
            (Target::Argument(name), Some(own)) if name == "_raw_params" => Target::Argument(own.to_owned()),
            (target, _) => target,
        }
    }

    /// What is secret by its name is a secret from here on.
    fn kept(&self, target: &Target, value: Value) -> Value {
        let (Target::Argument(name) | Target::Variable(name)) = target else {
            return value;
        };
        match &value {
            Value::String(text) if is_secret_name(name) && !text.is_empty() => {
                let origin = Origin::Prompt(target.written());
                Value::Secret(self.walk.play.world.secrets.learn(text.as_str(), origin))
            }
            _ => value,
        }
    }

    fn for_people(&self, value: &Value) -> String {
        let secrets = &self.walk.play.world.secrets;
        let json = shown(&reference(value, secrets));
        let text = serde_json::to_string_pretty(&json).unwrap_or_default();
        secrets.mask(&text).into_owned()
    }
}
