//! `delegate_to`: another host does the work of this one.

use cutover_kit::{Failure, Map, Value};

use super::Attempt;
use crate::run::roster::{Keywords, Route};
use crate::run::scope::Terms;
use crate::run::shapes;

impl Attempt<'_> {
    /// The way to the host that does the work instead, and what templates see of it.
    pub(super) fn delegated(&self, delegate: &str) -> Result<(Route, Map), Failure> {
        let play = &self.run.walk.play;
        let task = self.run.task;
        let keywords = Keywords::of(&task.directives, &self.terms)?;
        let terms = play.terms(delegate, Some(task));
        let way = play.world.roster.way(delegate, &terms, &keywords)?;
        let mut seen = self.reached(&way, &terms)?;
        let other = Value::map([(delegate, shapes::delegated(delegate, &way))]);
        seen.insert("ansible_delegated_vars".to_owned(), other);
        Ok((way, seen))
    }

    /// How the other host is reached, as far as this host says nothing of it.
    fn reached(&self, way: &Route, other: &Terms) -> Result<Map, Failure> {
        let mut seen = Map::new();
        let address = Some(way.host.ssh.host.as_str().into());
        for (names, known) in [
            (["ansible_host", "ansible_ssh_host"], address),
            (["ansible_port", "ansible_ssh_port"], None),
            (["ansible_user", "ansible_ssh_user"], None),
        ] {
            let written = names.iter().find(|name| other.is_written(name));
            let value = match (known, written) {
                (None, Some(name)) => other.value(name)?,
                (known, _) => known,
            };
            let unsaid = names.iter().filter(|name| !self.terms.is_written(name));
            seen.extend(unsaid.filter_map(|name| Some(((*name).to_owned(), value.clone()?))));
        }
        Ok(seen)
    }
}
