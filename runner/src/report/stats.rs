//! Values of the playbook's own (`set_stats`), summed up as Ansible does.

use std::collections::BTreeMap;

use serde::Serialize as _;
use serde_json::Value as Json;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::reference;

/// The values of the run and of single hosts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats(BTreeMap<Option<String>, BTreeMap<String, Json>>);

impl Stats {
    /// Takes new values: in the place of those that are there, or added to them.
    pub(super) fn take(&mut self, host: Option<&String>, data: &BTreeMap<String, Json>, aggregate: bool) {
        if data.is_empty() {
            return;
        }
        let known = self.0.entry(host.cloned()).or_default();
        for (name, value) in data {
            match known.get_mut(name) {
                Some(old) if aggregate => add(old, value),
                _ => drop(known.insert(name.clone(), value.clone())),
            }
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of each host, on one line.
    pub(super) fn of_hosts(&self) -> impl Iterator<Item = (&str, String)> {
        let hosts = self.0.iter();
        hosts.filter_map(|(host, values)| Some((host.as_deref()?, line(values))))
    }

    /// The values of the run, on one line.
    pub(super) fn of_run(&self) -> Option<String> {
        self.0.get(&None).map(line)
    }
}

/// Numbers are summed up, texts and lists put together, mappings merged. What is of another kind than
/// the value that is there is not taken.
fn add(old: &mut Json, new: &Json) {
    match (old, new) {
        (Json::Number(old), Json::Number(new)) => {
            let whole = old
                .as_i64()
                .zip(new.as_i64())
                .and_then(|(old, new)| old.checked_add(new));
            let sum = whole.map(serde_json::Number::from).or_else(|| {
                let (old, new) = (old.as_f64()?, new.as_f64()?);
                serde_json::Number::from_f64(old + new)
            });
            *old = sum.unwrap_or_else(|| old.clone());
        }
        (Json::String(old), Json::String(new)) => old.push_str(new),
        (Json::Array(old), Json::Array(new)) => old.extend(new.iter().cloned()),
        (Json::Object(old), Json::Object(new)) => merge(old, new),
        _ => {}
    }
}

fn merge(old: &mut serde_json::Map<String, Json>, new: &serde_json::Map<String, Json>) {
    for (name, value) in new {
        match (old.get_mut(name), value) {
            (Some(Json::Object(old)), Json::Object(new)) => merge(old, new),
            _ => drop(old.insert(name.clone(), value.clone())),
        }
    }
}

/// JSON indented by one, with its line ends left out: as Ansible shows them.
fn line(values: &BTreeMap<String, Json>) -> String {
    let shown = |(name, value): (&String, &Json)| {
        let mut value = reference::shown(value);
        value.sort_all_objects();
        (name.clone(), value)
    };
    let shown: BTreeMap<String, Json> = values.iter().map(shown).collect();
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
    // Values in memory can be written to memory.
    let _ = shown.serialize(&mut serializer);
    String::from_utf8_lossy(&bytes).replace('\n', "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn data(value: Json) -> BTreeMap<String, Json> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn values_are_added_or_replaced() {
        let mut stats = Stats::default();
        stats.take(
            None,
            &data(json!({"n": 1, "t": "a", "l": [1], "m": {"x": {"y": 1}}, "k": 1})),
            true,
        );
        stats.take(
            None,
            &data(json!({"n": 2, "t": "b", "l": [2], "m": {"x": {"z": 2}}, "k": "no"})),
            true,
        );
        stats.take(Some(&"h1".to_owned()), &data(json!({"n": 1})), true);
        stats.take(Some(&"h1".to_owned()), &data(json!({"n": [5]})), false);
        assert_eq!(
            stats.of_run().unwrap(),
            r#"{ "k": 1, "l": [  1,  2 ], "m": {  "x": {   "y": 1,   "z": 2  } }, "n": 3, "t": "ab"}"#
        );
        assert_eq!(
            stats.of_hosts().collect::<Vec<_>>(),
            [("h1", r#"{ "n": [  5 ]}"#.to_owned())]
        );
    }
}
