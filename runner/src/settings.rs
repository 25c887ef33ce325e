//! Settings: what `ansible.cfg` and `ANSIBLE_*` of the environment say where the
//! command line is silent.
//!
//! The file is found as Ansible finds it ([`find`]). What each setting is
//! called, and whether cutover heeds it, stands in one [`table`]. The
//! environment wins over the file, and the command line over both.

mod file;
mod find;
mod known;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cutover_language::files::{self, Files};
use cutover_language::{Diagnostic, Place, Severity};

pub use known::Known;
use known::{Heed, Kind};
pub use table::TABLE;

use cutover_engine::home;

/// An environment variable of this process.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What was set, and what is odd about it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// What is known and not heeded, or was passed over.
    pub warnings: Vec<Diagnostic>,
    set: BTreeMap<&'static str, Set>,
    /// What `~` is.
    home: Option<PathBuf>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
struct Set {
    /// As it was written.
    text: String,
    origin: Origin,
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// In a file.
    File(Place),
    /// By an environment variable.
    Environment(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(place) => place.fmt(f),
            Self::Environment(name) => f.write_str(name),
        }
    }
}

impl Settings {
    /// Those of this process: its folder, its environment.
    pub fn of_process(files: &dyn Files) -> Result<Self, Vec<Diagnostic>> {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::load(Path::new("."), &environment, files)
    }

    /// Those that hold in `folder`.
    pub fn load(
        folder: &Path,
        environment: Environment<'_>,
        files: &dyn Files,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut settings = Self {
            home: environment("HOME").map(PathBuf::from),
            ..Self::default()
        };
        settings.file = find::find(folder, environment, files, &mut settings.warnings);
        if let Some(path) = settings.file.clone() {
            let source = files::read(files, &path).map_err(|fault| vec![*fault])?;
            for line in file::parse(&source)? {
                let known = TABLE
                    .iter()
                    .find(|known| (known.section, known.key) == (&*line.section, &*line.key));
                if let Some(known) = known {
                    settings.take(known, line.value, Origin::File(line.place));
                }
            }
        }
        for known in TABLE {
            let set = known
                .environment
                .iter()
                .find_map(|name| Some((name, environment(name)?)));
            if let Some((name, value)) = set {
                settings.take(known, value, Origin::Environment((*name).to_owned()));
            }
        }
        settings.check().map(|()| settings)
    }

    fn take(&mut self, known: &Known, text: String, origin: Origin) {
        self.set.insert(known.name, Set { text, origin });
    }

    /// Refuses what cannot be read as what it must be, and warns of what is not heeded.
    fn check(&mut self) -> Result<(), Vec<Diagnostic>> {
        let mut faults = Vec::new();
        for known in TABLE {
            let Some(set) = self.set.get(known.name) else {
                continue;
            };
            if let Some(wanted) = known.kind.refuses(&set.text) {
                let message = format!("the setting `{}` must be {wanted}", known.key);
                faults.push(about(&set.origin, Severity::Error, message));
            }
            if let Heed::NotYet(matters, hint) = known.heed
                && matters(&set.text)
            {
                let message = format!("the setting `{}` has no effect yet", known.key);
                self.warnings
                    .push(about(&set.origin, Severity::Warning, message).help(hint));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Every setting of the table, its value as written and where it was made.
    pub fn every(&self) -> impl Iterator<Item = (&'static Known, Option<(&str, &Origin)>)> {
        TABLE.iter().map(|known| {
            let set = self.set.get(known.name);
            (known, set.map(|set| (&*set.text, &set.origin)))
        })
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.set.get(name).map(|set| set.text.clone())
    }

    /// Whether something is on; [`Self::load`] has seen to it that it is one of the words for that.
    pub fn truth(&self, name: &str) -> Option<bool> {
        self.set.get(name).and_then(|set| known::truth(&set.text))
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.set.get(name).and_then(|set| set.text.parse().ok())
    }

    /// A list of words.
    pub fn words(&self, name: &str) -> Vec<String> {
        let text = self.set.get(name).map_or("", |set| &set.text);
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    }

    /// A path; one of a file starts where the file is.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let set = self.set.get(name)?;
        Some(self.resolve(set.text.trim(), &set.origin))
    }

    /// Several paths, with `separator` between them.
    pub fn paths(&self, name: &str, separator: char) -> Vec<PathBuf> {
        let Some(set) = self.set.get(name) else {
            return Vec::new();
        };
        let paths = set
            .text
            .split(separator)
            .map(str::trim)
            .filter(|path| !path.is_empty());
        paths.map(|path| self.resolve(path, &set.origin)).collect()
    }

    /// Where roles are looked for besides beside the playbook: as said, or where Ansible keeps them.
    pub fn roles_path(&self) -> Vec<PathBuf> {
        if self.set.contains_key("DEFAULT_ROLES_PATH") {
            return self.paths("DEFAULT_ROLES_PATH", ':');
        }
        let own = self.home.iter().map(|home| home.join(".ansible/roles"));
        let shared = ["/usr/share/ansible/roles", "/etc/ansible/roles"];
        own.chain(shared.map(PathBuf::from)).collect()
    }

    fn resolve(&self, path: &str, origin: &Origin) -> PathBuf {
        let path = home::expand(Path::new(path), self.home.as_deref());
        let folder = match origin {
            Origin::File(_) => self.file.as_deref().and_then(Path::parent),
            Origin::Environment(_) => None,
        };
        let folder = folder.filter(|folder| *folder != Path::new("."));
        folder.map_or_else(|| path.clone(), |folder| folder.join(&path))
    }
}

fn about(origin: &Origin, severity: Severity, message: String) -> Diagnostic {
    let diagnostic = match origin {
        Origin::File(place) => Diagnostic::error("setting", place, message),
        Origin::Environment(name) => Diagnostic::nowhere("setting", format!("{name}: {message}")),
    };
    Diagnostic {
        severity,
        ..diagnostic
    }
}

impl Kind {
    /// What it must be, where `text` is not that.
    fn refuses(self, text: &str) -> Option<String> {
        match self {
            Self::Number(least, most) => {
                let number = text.parse::<u64>().ok();
                match number.filter(|number| (least..=most).contains(number)) {
                    Some(_) => None,
                    None if most == u64::MAX => Some(format!("a number, at least {least}")),
                    None => Some(format!("a number from {least} to {most}")),
                }
            }
            Self::Truth if known::truth(text).is_none() => Some("true or false".to_owned()),
            Self::OneOf(words) if !words.contains(&text) => Some(format!("one of {}", words.join(", "))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
