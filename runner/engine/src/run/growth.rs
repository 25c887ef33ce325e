//! What results ask the engine for: `add_host` and `group_by` add to the inventory of the run,
//! `set_stats` to its report. And `meta: refresh_inventory`, which reads the inventory again.
//!
//! A host that is added is as any other from then on: typed, with the files that are called like it,
//! in its cluster and pool, and in the plays that name it or its groups.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Map, Secrets, Value};
use cutover_language::inventory::{self, Growth, Inventory};
use cutover_language::scope::{Layer, Rank};
use cutover_language::secrecy::is_secret_name;

use super::clear;
use super::include::unreadable;
use super::play::PlayRun;
use super::roster::Route;
use super::shapes;
use super::task::TaskRun;
use super::typed::window_of;
use super::variables::Changed;
use super::window::Window;
use crate::event::EventKind;
use crate::sync::lock;

impl TaskRun<'_> {
    /// Does what a result of this module asks for, and says whether that is new. Of what is `hidden`
    /// no value is told.
    pub(super) fn take_asked(&self, module: &str, fields: &Map, hidden: bool) -> Result<bool, Failure> {
        let play = &self.walk.play;
        match module {
            "add_host" => {
                let asked = fields.get("add_host").unwrap_or(&Value::Null);
                let at = self.task.place.to_string();
                play.grow(added(asked, &at, &play.world.secrets), hidden)
            }
            "group_by" => play.grow(self.grouped(fields)?, hidden),
            "set_stats" => {
                self.tell_stats(fields.get("ansible_stats").unwrap_or(&Value::Null), hidden);
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn grouped(&self, fields: &Map) -> Result<Growth, Failure> {
        let host = &self.walk.host;
        if self.walk.play.variables.inventory().host(host).is_none() {
            let message = format!("{host} is in no group: the inventory does not name it");
            return Err(Failure::new(FailureKind::Arguments, message));
        }
        let group = fields.get("add_group").and_then(Value::as_str);
        Ok(Growth::Group {
            host: host.clone(),
            group: group.unwrap_or_default().to_owned(),
            parents: texts(fields.get("parent_groups")),
        })
    }

    fn tell_stats(&self, stats: &Value, hidden: bool) {
        let secrets = &self.walk.play.world.secrets;
        let is = |name: &str| stats.get(name).and_then(Value::as_bool).unwrap_or(false);
        let data = stats.get("data").and_then(Value::as_map).into_iter().flatten();
        self.walk.play.world.bus.emit(EventKind::StatsSet {
            host: is("per_host").then(|| self.walk.host.clone()),
            data: data
                .map(|(name, value)| (name.clone(), shapes::value(value, secrets, hidden)))
                .collect(),
            aggregate: is("aggregate"),
        });
    }
}

/// Of whom files may say something else then: the host, and where a group gets new parents, all in it.
fn touched(growth: &Growth, inventory: &Inventory) -> Vec<String> {
    let mut hosts = vec![growth.host().to_owned()];
    if let Growth::Group { group, parents, .. } = growth {
        let is_new = |parent: &String| {
            inventory
                .group(parent)
                .is_none_or(|it| !it.children.contains(group))
        };
        if parents.iter().any(is_new) {
            let others = inventory.members(group).into_iter().map(str::to_owned);
            hosts.extend(others.filter(|other| other != growth.host()));
        }
    }
    hosts
}

/// What `add_host` asks for. What is secret by its name is a secret from here on.
fn added(asked: &Value, at: &str, secrets: &Secrets) -> Growth {
    let said = asked
        .get("host_vars")
        .and_then(Value::as_map)
        .into_iter()
        .flatten();
    let variables = said.fold(Layer::new(Rank::Host, "add_host"), |layer, (name, value)| {
        let named = Named {
            at,
            path: name,
            secrets,
        };
        layer.with(name, named.value(value, is_secret_name(name)))
    });
    let name = asked.get("host_name").and_then(Value::as_str);
    Growth::Host {
        name: name.unwrap_or_default().to_owned(),
        groups: texts(asked.get("groups")),
        variables,
    }
}

/// A part of a variable: where it was said, and what leads to it.
struct Named<'a> {
    at: &'a str,
    path: &'a str,
    secrets: &'a Secrets,
}

impl Named<'_> {
    /// The value with everything a secret in it that is one by its name, as in files: texts and
    /// numbers.
    fn value(&self, value: &Value, secret: bool) -> Value {
        match value {
            Value::Map(map) => {
                let items = map.iter().map(|(key, item)| {
                    let path = format!("{}.{key}", self.path);
                    let inner = Named { path: &path, ..*self };
                    (key.clone(), inner.value(item, secret || is_secret_name(key)))
                });
                Value::Map(items.collect())
            }
            Value::List(list) => Value::List(list.iter().map(|item| self.value(item, secret)).collect()),
            Value::String(text) if secret && !text.is_empty() => self.secret(text),
            Value::Int(number) if secret => self.secret(&number.to_string()),
            Value::Float(number) if secret => self.secret(&number.to_string()),
            other => other.clone(),
        }
    }

    fn secret(&self, text: &str) -> Value {
        let origin = Origin::Place {
            at: self.at.to_owned(),
            variable: self.path.to_owned(),
        };
        Value::Secret(self.secrets.learn(text, origin))
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_list).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl PlayRun {
    /// Adds to the inventory; where that does not make a host that can be, nothing is added.
    fn grow(&self, growth: Growth, hidden: bool) -> Result<bool, Failure> {
        let mut growths = lock(&self.world.growths);
        let mut inventory = (*self.variables.inventory()).clone();
        let known = inventory.warnings.len();
        let touched = touched(&growth, &inventory);
        let changed = inventory
            .grow(&growth, &self.library.sources, &*self.library.files)
            .map_err(|faults| unreadable(&faults))?;
        if !changed {
            return Ok(false);
        }
        let odd = inventory.warnings.split_off(known);
        for (way, window) in self.typed(inventory, &touched, Changed::Hosts(&touched))? {
            self.variables.complete(&way.host, window);
            self.world.roster.add(way);
        }
        self.warn_of_odd_groups(&growth);
        for warning in odd {
            self.world.bus.emit(EventKind::Warned {
                place: warning.place.map(|place| place.to_string()),
                message: warning.message,
            });
        }
        self.world.bus.emit(self.told(&growth, hidden));
        growths.push(growth);
        Ok(true)
    }

    fn warn_of_odd_groups(&self, growth: &Growth) {
        let groups = match growth {
            Growth::Host { groups, .. } => groups.as_slice(),
            Growth::Group { group, .. } => std::slice::from_ref(group),
        };
        let plain = |next: char| next.is_ascii_alphanumeric() || next == '_';
        for group in groups.iter().filter(|group| !group.chars().all(plain)) {
            self.world.bus.emit(EventKind::Warned {
                place: None,
                message: format!("`{group}` is an odd name for a group: letters, digits and `_` can be used in every pattern"),
            });
        }
    }

    /// `meta: refresh_inventory`: reads all sources again, and adds what the run has added.
    pub(super) fn refresh_inventory(&self) -> Result<(), Failure> {
        let growths = lock(&self.world.growths);
        let growths: &[Growth] = &growths;
        let (sources, files) = (&self.library.sources, &*self.library.files);
        let mut inventory = inventory::load(sources, files).map_err(|faults| unreadable(&faults))?;
        for growth in growths {
            // A host that the sources name no longer is in no group either.
            if matches!(growth, Growth::Host { .. }) || inventory.host(growth.host()).is_some() {
                inventory
                    .grow(growth, sources, files)
                    .map_err(|faults| unreadable(&faults))?;
            }
        }
        inventory
            .all_layers()
            .for_each(|layer| clear::in_layer(layer, &self.world.secrets));
        let hosts: Vec<String> = inventory.hosts().map(str::to_owned).collect();
        let typed = self.typed(inventory, &hosts, Changed::All)?;
        for (way, window) in &typed {
            self.variables.complete(&way.host, window.clone());
        }
        self.world
            .roster
            .settle(typed.into_iter().map(|(way, _)| way).collect());
        self.world.bus.emit(EventKind::InventoryRefreshed);
        Ok(())
    }

    /// Makes this the inventory, and finds out what these hosts of it are; if one of them is
    /// wrong, the inventory stays what it was.
    fn typed(
        &self,
        inventory: Inventory,
        hosts: &[String],
        changed: Changed<'_>,
    ) -> Result<Vec<(Route, Option<Window>)>, Failure> {
        let before = self.variables.inventory();
        self.variables.settle(Arc::new(inventory), changed);
        let typed: Result<Vec<_>, Failure> = hosts.iter().map(|host| self.type_host(host)).collect();
        if typed.is_err() {
            self.variables.settle(before, changed);
            for host in self.world.estate().hosts() {
                self.variables.complete(host, self.variables.window(&host.name));
            }
        }
        typed
    }

    fn type_host(&self, host: &str) -> Result<(Route, Option<Window>), Failure> {
        let terms = self.variables.terms(host, &[], None);
        let way = self.world.roster.read(host, &terms);
        let way = way.map_err(|faults| unreadable(&faults))?;
        let mut faults = Vec::new();
        let window = window_of(host, &terms, &mut faults);
        match faults.is_empty() {
            true => Ok((way, window)),
            false => Err(unreadable(&faults)),
        }
    }

    fn told(&self, growth: &Growth, hidden: bool) -> EventKind {
        match growth.clone() {
            Growth::Host {
                name,
                groups,
                variables,
            } => {
                let said = variables
                    .variables
                    .iter()
                    .filter_map(|(name, variable)| match variable {
                        cutover_language::scope::Variable::Data(value) => {
                            Some((name.clone(), (**value).clone()))
                        }
                        cutover_language::scope::Variable::Template(_) => None,
                    });
                EventKind::HostAdded {
                    host: name,
                    groups,
                    variables: shapes::value(&Value::Map(said.collect()), &self.world.secrets, hidden),
                }
            }
            Growth::Group { host, group, parents } => EventKind::HostGrouped { host, group, parents },
        }
    }
}
