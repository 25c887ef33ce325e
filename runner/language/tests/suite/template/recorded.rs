//! What ansible-core answers to many expressions, as recorded in
//! `tests/ansible/expressions.json`, against what we answer.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::Secrets;
use cutover_language::files::Disk;
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::template::{Fetch, Ran, Surroundings, Templar};
use cutover_language::{Node, Source};
use serde::Deserialize;

use super::{json, node};

/// One template and what ansible-core makes of it.
#[derive(Deserialize)]
struct Record {
    template: String,
    value: Option<serde_json::Value>,
    error: Option<String>,
    /// What it is inside of `<...>`.
    text: Option<serde_json::Value>,
    /// Why we differ on purpose, and what we answer.
    differs: Option<String>,
    ours: Option<String>,
}

#[derive(Deserialize)]
struct Recording {
    records: Vec<Record>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ansible")
}

/// A machine on which few commands exist.
pub(super) struct Machine;

impl Surroundings for Machine {
    fn now(&self) -> Option<jiff::Timestamp> {
        Some(jiff::Timestamp::UNIX_EPOCH)
    }

    fn random(&self, count: usize) -> Option<Vec<u8>> {
        Some(vec![0; count])
    }

    fn secret_random(&self, count: usize) -> Option<Vec<u8>> {
        Some(vec![0; count])
    }

    fn shell(&self, command: &str, _: &Path) -> io::Result<Ran> {
        let known = BTreeMap::from([
            ("echo hello", (0, "hello\n")),
            ("printf \"a\nb\n\"", (0, "a\nb\n")),
            ("exit 3", (3, "")),
        ]);
        let (status, output) = known
            .get(command)
            .ok_or_else(|| io::Error::other("no such command"))?;
        Ok(Ran {
            status: Some(*status),
            output: (*output).to_owned(),
            errors: String::new(),
        })
    }

    fn fetch(&self, request: &Fetch) -> Result<String, String> {
        Err(format!("{} does not answer", request.url))
    }

    fn create(&self, _: &Path, _: &str) -> io::Result<()> {
        Err(io::Error::other("nothing is written here"))
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        self.create(path, text)
    }
}

struct Ours {
    templar: Templar,
    scope: Scope,
}

impl Ours {
    fn new() -> Self {
        let files = folder().join("expressions.files");
        let written = std::fs::read_to_string(folder().join("expressions.vars.yml")).unwrap();
        let root = node("expressions.vars.yml", &written);
        let variables = Layer::written(Rank::Play, "vars", root.as_map().unwrap());
        let path = files.display().to_string();
        let magic = Layer::new(Rank::Magic, "magic")
            .with("playbook_dir", path.clone())
            .with("role_path", path);
        let templar = Templar::new(Arc::new(Disk::default()), Secrets::default());
        Self {
            templar: templar.with_surroundings(Arc::new(Machine)),
            scope: Scope::new(Arc::new(Nowhere)).with(variables).with(magic),
        }
    }

    fn answer(&self, template: &str) -> String {
        let node = Node::text(
            template,
            Source::new("expression", template).place(0..template.len()),
        );
        match self.templar.render(&node, &self.scope) {
            Ok(value) => json(&value),
            Err(error) => format!("error: {}", error.message),
        }
    }
}

impl Record {
    /// How we differ from what was recorded, if we do.
    fn difference(&self, ours: &Ours) -> Option<String> {
        let found = ours.answer(&self.template);
        let wanted = match (&self.value, &self.error) {
            (_, Some(error)) => format!("error: {error}"),
            (value, None) => serde_json::to_string(&value).unwrap(),
        };
        // The words of undefined values are the same, those of other faults our own.
        let exact = wanted.contains("is undefined") || wanted.contains("has no attribute");
        let same =
            |found: &str, wanted: &str| match (found.starts_with("error: "), wanted.starts_with("error: ")) {
                (true, true) => !exact || found == wanted,
                _ => found == wanted,
            };
        if !same(&found, &wanted) {
            return Some(format!(
                "{}\n  ansible {wanted}\n  ours    {found}",
                self.template
            ));
        }
        let text = self.text.as_ref()?;
        let (found, wanted) = (ours.answer(&format!("<{}>", self.template)), text.to_string());
        (found != wanted).then(|| format!("<{}>\n  ansible {wanted}\n  ours    {found}", self.template))
    }
}

#[test]
fn expressions_have_the_values_that_ansible_gives_them() {
    let recording = std::fs::read_to_string(folder().join("expressions.json")).unwrap();
    let recording: Recording = serde_json::from_str(&recording).unwrap();
    let ours = Ours::new();
    assert!(recording.records.len() > 250);
    let mut wrong = Vec::new();
    for record in &recording.records {
        let difference = record.difference(&ours);
        match (&record.differs, difference) {
            (None, None) => {}
            (None, Some(difference)) => wrong.push(difference),
            (Some(reason), None) => wrong.push(format!("{}\n  no longer differs: {reason}", record.template)),
            (Some(_), Some(_)) => {
                let wanted = record.ours.as_deref().unwrap_or_default();
                let found = ours.answer(&record.template);
                if found != wanted && !(wanted == "error" && found.starts_with("error: ")) {
                    wrong.push(format!("{}\n  meant {wanted}\n  ours  {found}", record.template));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
