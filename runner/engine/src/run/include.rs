//! `include_tasks` and `include_role`: what they bring in, for each host when it comes there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use cutover_kit::{Failure, FailureKind, Map, Value};
use cutover_language::playbook::{Brought, Inclusion, Item, RoleNames, Site};
use cutover_language::scope::{Layer, Rank};
use cutover_language::{Diagnostic, Severity};
use serde_json::Value as Json;

use super::clear;
use super::pace::Position;
use super::play::PlayRun;
use super::scope::Terms;
use super::shapes::REASON;
use super::stopped::Stopped;
use super::task::TaskRun;
use super::walk::Walk;
use crate::event::{EventKind, Section};
use crate::reference::reference;
use crate::sync::{lock, write};

/// How deep inclusions may stand in each other: deeper ones are without end.
const DEPTH: usize = 100;

/// What was brought in, shared by all hosts that bring in the same.
#[derive(Debug)]
pub(super) struct Included {
    /// What the ids of its tasks begin with.
    id: String,
    /// The file, or the name of the role, as events tell it.
    what: String,
    /// The item of the loop.
    label: Option<Json>,
    /// What is handed to its tasks.
    given: Option<Arc<Layer>>,
    items: Vec<Item>,
}

/// Everything that was included in a play so far.
#[derive(Default)]
pub(super) struct Includes {
    /// By the ids of their tasks; several, where hosts hand different values to the same tasks.
    known: HashMap<String, Vec<Arc<Included>>>,
    arrived: HashMap<String, Arrived>,
}

/// What the hosts at one place have brought in.
#[derive(Default)]
struct Arrived {
    /// By the places of the hosts in the play's order.
    own: BTreeMap<usize, Vec<Arc<Included>>>,
    /// The same the other way round, once all are there.
    groups: Option<Arc<Groups>>,
}

/// What was brought in at one place, in the order of the hosts, each with those that brought it.
type Groups = Vec<(Arc<Included>, BTreeSet<usize>)>;

impl Arrived {
    /// The groups; every host asks, so they are made once.
    fn groups(&mut self) -> Arc<Groups> {
        let own = &self.own;
        self.groups.get_or_insert_with(|| Arc::new(grouped(own))).clone()
    }
}

fn grouped(own: &BTreeMap<usize, Vec<Arc<Included>>>) -> Groups {
    let mut groups = Groups::new();
    let mut places: HashMap<*const Included, usize> = HashMap::new();
    for (order, own) in own {
        for included in own {
            let at = *places.entry(Arc::as_ptr(included)).or_insert(groups.len());
            match groups.get_mut(at) {
                Some((_, members)) => drop(members.insert(*order)),
                None => groups.push((included.clone(), BTreeSet::from([*order]))),
            }
        }
    }
    groups
}

/// A file or role that is to be included, named in full.
enum Wanted {
    Tasks(PathBuf),
    Role(RoleNames),
}

impl TaskRun<'_> {
    /// Brings in what the task includes for one item, and says in which form it is told.
    pub(super) fn include(
        &self,
        inclusion: &Inclusion,
        terms: &Terms,
        item: Option<(usize, &Value)>,
    ) -> Result<(Arc<Included>, Map), Failure> {
        let play = &self.walk.play;
        if self.task.through.len() >= DEPTH {
            let message = format!("inclusions stand {DEPTH} deep in each other: this has no end");
            return Err(Failure::new(FailureKind::Arguments, message));
        }
        let site = Site {
            play: &play.play,
            task: self.task,
            in_handlers: self.walk.section == Section::Handlers,
            given: Some(Arc::new(self.given(inclusion, terms, item))),
        };
        let (wanted, what, written) = self.wanted(inclusion, terms, &site)?;
        let place = match item {
            Some((index, value)) => {
                format!("[{index}:{}]", self.hash_of(value, terms))
            }
            None => String::new(),
        };
        let id = format!("{}{place}/{written}", self.about.id);
        let label = item.map(|(_, value)| {
            let label = self
                .task
                .looping
                .as_ref()
                .and_then(|looping| looping.control.label.as_ref());
            let label = label.and_then(|label| terms.render(label).ok());
            match self.hides(terms) {
                true => super::shapes::HIDDEN_LABEL.into(),
                false => reference(label.as_ref().unwrap_or(value), &play.world.secrets),
            }
        });
        let mut includes = lock(&play.includes);
        let known = includes.known.entry(id.clone()).or_default();
        let same = known.iter().find(|it| it.given == site.given);
        let included = match same {
            Some(included) => included.clone(),
            None => {
                let brought = self.bring(inclusion, &site, &wanted)?;
                if brought.items.is_empty() && matches!(wanted, Wanted::Tasks(_)) {
                    terms.warn(&Diagnostic::warning(
                        "empty-include",
                        &self.task.place,
                        format!("there are no tasks in {what}"),
                    ));
                }
                let id = match known.len() {
                    0 => id,
                    number => format!("{id}~{}", number + 1),
                };
                let included = Arc::new(Included {
                    id,
                    what: what.clone(),
                    label,
                    given: site.given.clone(),
                    items: self.take(brought),
                });
                known.push(included.clone());
                included
            }
        };
        drop(includes);
        let result = Map::from_iter([
            ("changed".to_owned(), Value::from(false)),
            ("include".to_owned(), what.into()),
            ("include_args".to_owned(), Value::Map(Map::new())),
        ]);
        Ok((included, result))
    }

    /// What is meant, as it is shown, and as it stands in ids.
    fn wanted(
        &self,
        inclusion: &Inclusion,
        terms: &Terms,
        site: &Site<'_>,
    ) -> Result<(Wanted, String, String), Failure> {
        let name = terms.text(&inclusion.target)?;
        let loader = self.walk.play.library.loader();
        let Some(options) = inclusion.role() else {
            let path = loader.find_tasks(site, &name).map_err(|tried| {
                let first = tried.first().map(|path| loader.shown(path)).unwrap_or_default();
                let message = format!("Could not find or access '{first}' on the Ansible Controller.");
                let looked = tried.iter().map(|path| format!("looked for {}", path.display()));
                not_there(message)
                    .seen_all(looked)
                    .field("include", name.as_str())
            })?;
            let shown = loader.shown(&path);
            return Ok((Wanted::Tasks(path), shown, name));
        };
        let text = |node: &Option<_>| node.as_ref().map(|node| terms.text(node)).transpose();
        let names = RoleNames {
            role: name.clone(),
            tasks_from: text(&options.tasks_from)?,
            vars_from: text(&options.vars_from)?,
            defaults_from: text(&options.defaults_from)?,
            handlers_from: text(&options.handlers_from)?,
        };
        let written = match &names.tasks_from {
            Some(from) => format!("{name}:{from}"),
            None => name.clone(),
        };
        Ok((Wanted::Role(names), name, written))
    }

    fn bring(&self, inclusion: &Inclusion, site: &Site<'_>, wanted: &Wanted) -> Result<Brought, Failure> {
        let loader = self.walk.play.library.loader();
        let brought = match wanted {
            Wanted::Tasks(path) => loader.include_tasks(site, inclusion, path),
            Wanted::Role(names) => loader.include_role(site, inclusion, names),
        };
        brought.map_err(|faults| {
            let mut failure = unreadable(&faults);
            if !faults.iter().all(is_absence) {
                failure.kind = FailureKind::Invalid;
            }
            let reason = match wanted {
                Wanted::Role(names) => loader.find_role(site, &names.role).err().map(|tried| {
                    let folders: Vec<String> = tried.iter().map(|folder| loader.shown(folder)).collect();
                    format!("the role '{}' was not found in {}", names.role, folders.join(":"))
                }),
                Wanted::Tasks(_) => None,
            };
            let reason = reason.unwrap_or_else(|| failure.message.clone());
            failure.field(REASON, reason)
        })
    }

    /// What an inclusion hands to its tasks: its `vars`, and the variables of its loop.
    fn given(&self, inclusion: &Inclusion, terms: &Terms, item: Option<(usize, &Value)>) -> Layer {
        let mut layer = Layer::written(Rank::IncludeParameters, "vars of the inclusion", &inclusion.vars);
        let (Some((index, value)), Some(looping)) = (item, &self.task.looping) else {
            return layer;
        };
        let control = &looping.control;
        layer = layer
            .with(control.variable(), value.clone())
            .with("ansible_loop_var", control.variable());
        if let Some(name) = &control.index {
            layer = layer
                .with(name.as_str(), index)
                .with("ansible_index_var", name.as_str());
        }
        match terms.variable("ansible_loop") {
            Ok(Some((extended, _))) if control.extended.is_some() => layer.with("ansible_loop", extended),
            _ => layer,
        }
    }

    /// Takes what was brought in into the play: secrets, handlers, public variables.
    fn take(&self, brought: Brought) -> Vec<Item> {
        let play = &self.walk.play;
        let tasks: Vec<_> = brought.items.iter().flat_map(Item::tasks).collect();
        clear::in_tasks(&tasks, &play.world.secrets);
        for warning in &brought.warnings {
            play.world.bus.emit(EventKind::Warned {
                place: warning.place.as_ref().map(ToString::to_string),
                message: warning.message.clone(),
            });
        }
        let public = brought.roles.iter().filter(|role| role.public);
        let exports: Vec<_> = public.flat_map(|role| role.exports().iter().cloned()).collect();
        let mut exported = write(&play.exported);
        for layer in exports {
            if !exported.contains(&layer) {
                exported.push(layer);
            }
        }
        drop(exported);
        play.add_handlers(brought.handlers);
        brought.items
    }
}

/// What is to be brought in is not there.
fn not_there(message: String) -> Failure {
    Failure::new(FailureKind::Task, message.clone()).field(REASON, message)
}

/// Whether something is not there, or cannot be opened: that fails a host and can be rescued. Whatever
/// else is wrong in a file ends the run.
fn is_absence(fault: &Diagnostic) -> bool {
    fault.severity != Severity::Error
        || matches!(
            fault.code,
            "no-such-file" | "unknown-role" | "unreadable" | "vault"
        )
}

/// What is wrong in an included file fails the task that includes it.
pub(super) fn unreadable(faults: &[Diagnostic]) -> Failure {
    let told = |fault: &Diagnostic| match &fault.place {
        Some(place) => format!("{place}: {}", fault.message),
        None => fault.message.clone(),
    };
    let first = faults.iter().find(|fault| fault.severity == Severity::Error);
    let message = first.map_or_else(|| "the file cannot be read".to_owned(), told);
    let others = faults.iter().filter(|fault| Some(*fault) != first).map(told);
    let failure = Failure::new(FailureKind::Task, message).seen_all(others);
    match first.and_then(|fault| fault.help.clone()) {
        Some(help) => failure.hint(help),
        None => failure,
    }
}

impl Walk {
    /// Goes through what a task has brought in. Under the linear strategy all hosts wait for
    /// each other, and go through it group by group: first what the first host includes.
    pub(super) async fn go_inside(&self, run: TaskRun<'_>, position: &Position) -> Result<(), Stopped> {
        let place = format!("{} {}", self.once.key, run.about.id);
        let about = run.about.clone();
        let order = self.play.order_of(&self.host);
        let own = run.into_included();
        let groups = match &self.pace {
            Some(pace) => {
                self.play.arrive(&place, order, &own);
                pace.step(order, &position.within(0)).await;
                self.play.groups(&place)
            }
            None => {
                let alone = |included| (included, BTreeSet::from([order]));
                Arc::new(own.into_iter().map(alone).collect())
            }
        };
        // One host tells it for all.
        if groups.iter().filter_map(|(_, members)| members.first()).min() == Some(&order) {
            for (included, members) in &*groups {
                self.play.world.bus.emit(EventKind::Included {
                    task: about.clone(),
                    hosts: self.play.names(members),
                    what: included.what.clone(),
                    label: included.label.clone(),
                });
            }
        }
        let own = (1..)
            .zip(&*groups)
            .filter(|(_, (_, members))| members.contains(&order));
        for (number, (included, _)) in own {
            let inside = position.within(number);
            self.items(&included.items, &included.id, inside).await?;
        }
        Ok(())
    }
}

impl PlayRun {
    fn arrive(&self, place: &str, order: usize, own: &[Arc<Included>]) {
        let mut includes = lock(&self.includes);
        let arrived = includes.arrived.entry(place.to_owned()).or_default();
        arrived.own.insert(order, own.to_vec());
        arrived.groups = None;
    }

    /// What was brought in at one place, each with the hosts that brought it.
    fn groups(&self, place: &str) -> Arc<Groups> {
        lock(&self.includes)
            .arrived
            .entry(place.to_owned())
            .or_default()
            .groups()
    }

    fn names(&self, orders: &BTreeSet<usize>) -> Vec<String> {
        let names = orders.iter().filter_map(|order| self.hosts.get(*order));
        names.cloned().collect()
    }
}
