//! From patterns to hosts.

use std::path::Path;

use cutover_kit::Product;
use indexmap::IndexSet;

use super::pattern::{Pattern, Role, Term, Wanted};
use super::{Inventory, LOCALHOST};
use crate::diagnose::{Diagnostic, nearest};
use crate::files::{self, Files, Found};

/// The hosts that patterns mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The hosts, in the order of the terms and then of the inventory.
    pub hosts: Vec<String>,
    /// Terms that mean nobody, and a name that may have been meant.
    pub unmatched: Vec<(String, Option<String>)>,
}

impl Inventory {
    /// The hosts that some patterns mean together.
    pub fn select(&self, patterns: &[Pattern]) -> Selection {
        let mut terms: Vec<&Term> = patterns.iter().flat_map(|pattern| &pattern.terms).collect();
        terms.sort_by_key(|term| term.role);
        let mut selection = Selection::default();
        let mut hosts: IndexSet<String> = IndexSet::new();
        if terms.first().is_some_and(|term| term.role != Role::Add) {
            hosts.extend(self.hosts().map(str::to_owned));
        }
        for term in terms {
            let meant = self.meant(term);
            if meant.is_empty() && !self.is_group(term) {
                selection.unmatched.push((term.text.clone(), self.near(term)));
            }
            match term.role {
                Role::Add => hosts.extend(meant.into_iter().map(str::to_owned)),
                Role::Keep => hosts.retain(|host| meant.contains(&host.as_str())),
                Role::Drop => hosts.retain(|host| !meant.contains(&host.as_str())),
            }
        }
        selection.hosts = hosts.into_iter().collect();
        selection
    }

    /// Of some hosts those that a limit leaves.
    pub fn limited(&self, hosts: Vec<String>, limit: &Pattern) -> Vec<String> {
        let left = self.select(std::slice::from_ref(limit)).hosts;
        hosts.into_iter().filter(|host| left.contains(host)).collect()
    }

    fn meant<'a>(&'a self, term: &'a Term) -> Vec<&'a str> {
        let all = match &term.wanted {
            Wanted::Name(name) if name == "all" => self.hosts().collect(),
            Wanted::Name(name) if self.group(name).is_some() => self.members(name),
            Wanted::Name(name) if self.host(name).is_some() || LOCALHOST.contains(&name.as_str()) => {
                vec![name.as_str()]
            }
            Wanted::Name(_) => Vec::new(),
            Wanted::Like(regex) => {
                let groups = self.groups().filter(|group| regex.is_match(group));
                let members = groups.flat_map(|group| self.members(group));
                let hosts = self.hosts().filter(|host| regex.is_match(host));
                let all: IndexSet<&str> = members.chain(hosts).collect();
                all.into_iter().collect()
            }
        };
        match term.subset {
            Some(subset) => subset.pick(all),
            None => all,
        }
    }

    /// Every product is a group, of nobody where no host runs it.
    fn is_group(&self, term: &Term) -> bool {
        let known = |name: &str| self.group(name).is_some() || name.parse::<Product>().is_ok();
        matches!(&term.wanted, Wanted::Name(name) if known(name) && term.subset.is_none())
    }

    fn near(&self, term: &Term) -> Option<String> {
        let Wanted::Name(name) = &term.wanted else {
            return None;
        };
        if self.group(name).is_some() {
            return None;
        }
        nearest(name, self.groups().chain(self.hosts())).map(str::to_owned)
    }
}

/// The pattern of `--limit`: terms, some of which may be `@file` with a term on
/// each line.
pub fn limit(text: &str, files: &dyn Files) -> Result<Pattern, Box<Diagnostic>> {
    let wrong = |message: String| {
        Box::new(Diagnostic::nowhere(
            "pattern",
            format!("--limit {text}: {message}"),
        ))
    };
    let Some(file) = text.strip_prefix('@') else {
        return Pattern::parse(text).map_err(wrong);
    };
    let path = Path::new(file);
    if files.find(path) == Some(Found::Folder) {
        return Err(wrong("this must be a file".to_owned()));
    }
    let source = files::read(files, path)?;
    let mut terms = Vec::new();
    let mut start = 0;
    for line in source.text().split_inclusive('\n') {
        let pattern = Pattern::parse(line.trim()).map_err(|message| {
            let place = source.place(start..start + line.trim_end().len());
            Box::new(Diagnostic::error("pattern", &place, message))
        })?;
        terms.extend(pattern.terms);
        start += line.len();
    }
    Ok(Pattern { terms })
}
