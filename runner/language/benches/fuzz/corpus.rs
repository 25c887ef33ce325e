//! Files to begin with: what the repository holds of playbooks and inventories.

use std::path::Path;
use std::sync::Arc;

use serde_yaml::Value;

/// Texts, and the trees of those that are YAML.
#[derive(Clone)]
pub(crate) struct Corpus {
    texts: Arc<Vec<String>>,
    trees: Arc<Vec<Value>>,
}

impl Corpus {
    /// Reads the corpus from the workspace.
    pub(crate) fn gather() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut texts = Vec::new();
        for folder in ["tests/ansible/cases", "playbooks", "inventories"] {
            gather(&workspace.join(folder), &mut texts);
        }
        assert!(texts.len() > 100, "the corpus is where it belongs");
        let trees = texts.iter().filter_map(|text| serde_yaml::from_str(text).ok());
        Self {
            trees: Arc::new(trees.collect()),
            texts: Arc::new(texts),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn text(&self, chance: &mut fastrand::Rng) -> &str {
        &self.texts[chance.usize(..self.texts.len())]
    }

    pub(crate) fn tree(&self, chance: &mut fastrand::Rng) -> &Value {
        &self.trees[chance.usize(..self.trees.len())]
    }
}

fn gather(folder: &Path, texts: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        let wanted = |ending: &std::ffi::OsStr| ["yml", "yaml", "ini", "j2"].iter().any(|it| ending == *it);
        if path.is_dir() {
            gather(&path, texts);
        } else if path.extension().is_some_and(wanted) {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
}
