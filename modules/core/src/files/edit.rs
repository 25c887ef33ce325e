//! The one change of a module on files: steps that belong together, in one round trip.

use cutover_kit::module::Diff;
use cutover_kit::{Applied, Change, Failure, Map, Reach, Value, Write};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::attributes::described;
use crate::disk::{self, Ask, Step};

/// Steps on the files of a host.
#[derive(Clone, Debug)]
pub struct Edit {
    text: String,
    diff: Option<Box<Diff>>,
    steps: Vec<Step>,
    /// The steps that take it back; none where that cannot be.
    back: Vec<Step>,
    fields: Map,
    /// The file whose state the result tells.
    shows: Option<String>,
}

impl Edit {
    /// These steps, said in one line.
    pub(super) fn new(text: impl Into<String>, steps: Vec<Step>) -> Self {
        Self {
            text: text.into(),
            diff: None,
            steps,
            back: Vec::new(),
            fields: Map::new(),
            shows: None,
        }
    }

    /// With before and after.
    pub(super) fn diff(mut self, diff: Option<Diff>) -> Self {
        self.diff = diff.map(Box::new);
        self
    }

    /// With the steps that take it back.
    pub(super) fn back(mut self, steps: Vec<Step>) -> Self {
        self.back = steps;
        self
    }

    /// What takes it back, where that can be.
    pub(crate) fn undo(&self) -> Option<Self> {
        let turned = self.diff.as_deref().map(|diff| Diff {
            title: diff.title.clone(),
            before: Some(diff.after.clone()),
            after: diff.before.clone().unwrap_or_default(),
        });
        let undo = Self::new(format!("undo: {}", self.text), self.back.clone()).diff(turned);
        (!self.back.is_empty()).then_some(undo)
    }

    /// With fields of the result, once it is made.
    pub(super) fn with(mut self, fields: Map) -> Self {
        self.fields.extend(fields);
        self
    }

    /// With a step before all others.
    pub(super) fn after(mut self, step: Step) -> Self {
        self.steps.insert(0, step);
        self
    }

    /// With a step after all others.
    pub(crate) fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The result tells how this file is then.
    pub(super) fn showing(mut self, path: &str) -> Self {
        self.shows = Some(path.to_owned());
        self
    }

    /// Makes it; the result tells nothing of the file's attributes.
    pub(super) async fn make_silently(&self, reach: &Reach<Write>) -> Result<Applied, Failure> {
        disk::carry_out(reach, self.steps.clone(), Vec::new()).await?;
        Ok(Applied {
            fields: self.fields.clone(),
            ..Applied::default()
        })
    }

    /// Makes it.
    pub(crate) async fn make(&self, reach: &Reach<Write>) -> Result<Applied, Failure> {
        let asks = self.shows.iter().map(Ask::about).collect();
        let seen = disk::carry_out(reach, self.steps.clone(), asks).await?;
        let mut fields = self.fields.clone();
        fields.extend(seen.first().map(described).unwrap_or_default());
        Ok(Applied {
            fields,
            ..Applied::default()
        })
    }
}

impl Change for Edit {
    fn describe(&self) -> String {
        self.text.clone()
    }

    fn diff(&self) -> Option<Diff> {
        self.diff.as_deref().cloned()
    }
}

/// A difference of attributes, as JSON on either side, which names the file itself.
pub(super) fn shown(path: &str, before: &Map, after: &Map) -> Diff {
    let side = |map: &Map| {
        let mut map = map.clone();
        map.insert("path".into(), path.into());
        map.sort_keys();
        let json = serde_json::to_string(&Value::Map(map)).unwrap_or_default();
        pretty(&json)
    };
    Diff {
        title: String::new(),
        before: Some(side(before)),
        after: side(after),
    }
}

/// JSON as Python prints it with an indent of four.
fn pretty(json: &str) -> String {
    use serde::Serialize;
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned() + "\n",
        Err(_) => String::new(),
    }
}

/// Where a file is kept before it is changed: a name of Ansible's form, whose number is that of the
/// microsecond, so that a file may be changed twice in a second.
pub(super) fn backup(path: &str, now: Timestamp) -> String {
    let moment = now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d@%H:%M:%S");
    format!("{path}.{}.{moment}~", now.subsec_nanosecond() / 1000)
}
