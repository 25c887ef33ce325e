//! An inventory that is a program: `--list` prints groups, hosts and, under
//! `_meta`, the variables of all hosts as JSON; where there is no `_meta`,
//! `--host NAME` prints those of one.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Inventory;
use super::load::Loading;
use crate::diagnose::Diagnostic;
use crate::scope::{Layer, Rank};
use crate::source::{Located, Place, Source};
use crate::yaml::{Entry, Kind, Mapping, Node};

/// Runs a program and adds the groups and hosts it tells of.
pub(super) fn read(path: &Path, inventory: &mut Inventory, loading: &mut Loading<'_>) {
    let mut script = Script {
        path,
        place: Source::new(path.display().to_string(), "").place(0..0),
        inventory,
        loading,
    };
    if let Some(list) = script.ask(&["--list"]) {
        script.list(&list);
    }
}

struct Script<'a, 'b> {
    path: &'a Path,
    /// What it printed stands in no file; this is the program.
    place: Place,
    inventory: &'a mut Inventory,
    loading: &'a mut Loading<'b>,
}

impl Script<'_, '_> {
    /// The mapping it prints; nothing at all is an empty one.
    fn ask(&mut self, arguments: &[&str]) -> Option<Map<String, Json>> {
        let shown = format!("{} {}", self.path.display(), arguments.join(" "));
        let ended = match self.loading.files.run(self.path, arguments) {
            Ok(ended) => ended,
            Err(error) => return self.fault(format!("{shown} cannot be run: {error}"), ""),
        };
        if ended.status != Some(0) {
            let status = ended
                .status
                .map_or("a signal".to_owned(), |code| code.to_string());
            return self.fault(format!("{shown} ended with {status}"), &ended.stderr);
        }
        if ended.stdout.trim_ascii().is_empty() {
            return Some(Map::new());
        }
        match serde_json::from_slice(&ended.stdout) {
            Ok(Json::Object(map)) => Some(map),
            Ok(_) => self.fault(format!("{shown} printed JSON that is no mapping"), &ended.stderr),
            Err(error) => self.fault(format!("{shown} printed no JSON: {error}"), &ended.stderr),
        }
    }

    fn fault<T>(&mut self, message: String, stderr: &str) -> Option<T> {
        let fault = Diagnostic::nowhere("inventory-script", message);
        let said = stderr.trim();
        self.loading.faults.push(match said.is_empty() {
            true => fault,
            false => fault.help(format!("it said: {said}")),
        });
        None
    }

    fn list(&mut self, list: &Map<String, Json>) {
        let known = list.get("_meta").and_then(|meta| meta.get("hostvars"));
        for (name, group) in list.iter().filter(|(name, _)| *name != "_meta") {
            self.group(name, group);
        }
        match known {
            Some(known) => {
                for (host, variables) in known.as_object().into_iter().flatten() {
                    self.host(host, &[]);
                    self.variables(host, variables);
                }
            }
            None => self.ask_for_each(),
        }
    }

    /// Asks for the variables of every host that it named.
    fn ask_for_each(&mut self) {
        let path = self.path.display().to_string();
        let hosts = self
            .inventory
            .hosts
            .iter()
            .filter(|(_, host)| host.source == path);
        let hosts: Vec<String> = hosts.map(|(name, _)| name.clone()).collect();
        for host in hosts {
            match self.ask(&["--host", &host]) {
                Some(variables) => self.variables(&host, &Json::Object(variables)),
                // What one host's call said, the others' would say again.
                None => return,
            }
        }
    }

    /// `[hosts]`, or `{hosts, children, vars}`, or a host with its variables.
    fn group(&mut self, name: &str, group: &Json) {
        let words = |json: Option<&Json>| -> Vec<String> {
            let items = json.and_then(Json::as_array).into_iter().flatten();
            items.filter_map(Json::as_str).map(str::to_owned).collect()
        };
        let place = self.place.clone();
        super::group::check_name(
            &Located::new(name.to_owned(), place),
            &mut self.inventory.warnings,
        );
        self.inventory.groups.entry(name.to_owned()).or_default();
        let hosts = match group {
            Json::Array(_) => words(Some(group)),
            Json::Object(parts)
                if !["hosts", "children", "vars"]
                    .iter()
                    .any(|it| parts.contains_key(*it)) =>
            {
                self.host(name, &[name]);
                return self.variables(name, group);
            }
            _ => words(group.get("hosts")),
        };
        for host in hosts {
            self.host(&host, &[name]);
        }
        for child in words(group.get("children")) {
            match self.inventory.is_circle(name, &child) {
                false => self.inventory.add_child(name, &child),
                true => {
                    let message = format!("{}: the group `{child}` is in itself", self.path.display());
                    self.fault::<()>(message, "");
                }
            }
        }
        if let Some(variables) = group.get("vars").and_then(Json::as_object) {
            let rank = if name == "all" { Rank::All } else { Rank::Group };
            let origin = format!("{} group {name}", self.path.display());
            let layer = Layer::written(rank, origin, &self.mapping(variables));
            self.inventory
                .groups
                .entry(name.to_owned())
                .or_default()
                .add(layer);
        }
    }

    fn host(&mut self, name: &str, groups: &[&str]) {
        self.inventory.add(name, groups.iter().copied());
        let host = self.inventory.hosts.entry(name.to_owned()).or_default();
        if host.source.is_empty() {
            host.source = self.path.display().to_string();
        }
    }

    fn variables(&mut self, host: &str, variables: &Json) {
        let variables = variables
            .as_object()
            .map(|map| self.mapping(map))
            .unwrap_or_default();
        if variables.is_empty() {
            return;
        }
        let layer = Layer::written(Rank::Host, self.path.display().to_string(), &variables);
        let host = self.inventory.hosts.entry(host.to_owned()).or_default();
        host.layers.push(Arc::new(layer));
    }

    fn mapping(&self, map: &Map<String, Json>) -> Mapping {
        let entries = map.iter().map(|(name, value)| Entry {
            key: Located::new(name.clone(), self.place.clone()),
            value: self.node(value),
        });
        entries.collect()
    }

    fn node(&self, json: &Json) -> Node {
        let kind = match json {
            Json::Null => Kind::Null,
            Json::Bool(truth) => Kind::Bool(*truth),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Kind::Int(number),
                (None, Some(number)) => Kind::Float(number),
                (None, None) => Kind::Text(number.to_string().into()),
            },
            Json::String(text) => Kind::Text(text.as_str().into()),
            Json::Array(items) => Kind::Seq(items.iter().map(|item| self.node(item)).collect()),
            Json::Object(map) => match (map.get("__ansible_vault"), map.get("__ansible_unsafe")) {
                (Some(Json::String(text)), _) => Kind::Vault(text.trim().into()),
                (_, Some(Json::String(text))) => Kind::Unsafe(text.as_str().into()),
                _ => Kind::Map(Arc::new(self.mapping(map))),
            },
        };
        Node::new(kind, self.place.clone())
    }
}
