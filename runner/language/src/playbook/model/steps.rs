//! What the lists of a play are made of: tasks, blocks, roles, handlers.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Play;
use crate::catalog;
use crate::playbook::action::Action;
use crate::playbook::directives::{Conditions, Directives};
use crate::playbook::role::Role;
use crate::playbook::setting::Setting;
use crate::scope::{Layer, Rank};
use crate::source::{Located, Place};
use crate::yaml::Node;

/// A member of a list of tasks.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A task.
    Task(Box<Task>),
    /// A block.
    Block(Box<Block>),
    /// A role.
    Role(Box<RoleItems>),
}

impl Item {
    /// The tasks in it: itself, or those of the block, its `rescue` and its `always`.
    pub fn tasks(&self) -> Vec<&Task> {
        match self {
            Self::Task(task) => vec![task],
            Self::Role(role) => role.items.iter().flat_map(Item::tasks).collect(),
            Self::Block(block) => [&block.items, &block.rescue, &block.always]
                .into_iter()
                .flatten()
                .flat_map(Item::tasks)
                .collect(),
        }
    }
}

/// A block. Its tasks carry what they inherit from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Where it begins.
    pub place: Place,
    /// `name`; may be a template.
    pub name: Option<Node>,
    /// `block`.
    pub items: Vec<Item>,
    /// `rescue`; empty does not rescue.
    pub rescue: Vec<Item>,
    /// `always`.
    pub always: Vec<Item>,
    /// What holds in it, its surroundings included.
    pub directives: Directives,
}

/// The tasks of a role, without those of the roles it depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleItems {
    /// Where it is used.
    pub place: Place,
    /// The role.
    pub role: Arc<Role>,
    /// Its tasks.
    pub items: Vec<Item>,
    /// Whether it runs again on a host on which it has run.
    pub repeats: bool,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Where it begins.
    pub place: Place,
    /// `name`; may be a template.
    pub name: Option<Node>,
    /// What it does.
    pub action: Action,
    /// `loop` or `with_...`.
    pub looping: Option<Loop>,
    /// `register`: the variable that takes the result.
    pub register: Option<Located<String>>,
    /// `until`, `retries` and `delay`.
    pub until: Option<Until>,
    /// `changed_when`; empty leaves it to the module.
    pub changed_when: Conditions,
    /// `failed_when`; empty leaves it to the module.
    pub failed_when: Conditions,
    /// `async`: seconds a background job may take.
    pub background: Option<Setting<u64>>,
    /// `poll`: seconds between two looks at a background job.
    pub poll: Option<Setting<u64>>,
    /// `disruptive`: it takes a node out of service, whatever the module says.
    pub disruptive: Option<Setting<bool>>,
    /// `rehearse`: what a rehearsal does with it.
    pub rehearse: Option<Rehearse>,
    /// The role it belongs to.
    pub role: Option<Arc<Role>>,
    /// `vars` and loop variables of the inclusions it came through, outermost first.
    pub through: Vec<Arc<Layer>>,
    /// What holds for it, its surroundings included.
    pub directives: Directives,
}

impl Task {
    /// A task that does this and nothing else.
    pub fn new(place: Place, action: Action, directives: Directives) -> Self {
        Self {
            place,
            name: None,
            action,
            looping: None,
            register: None,
            until: None,
            changed_when: Conditions::new(),
            failed_when: Conditions::new(),
            background: None,
            poll: None,
            disruptive: None,
            rehearse: None,
            role: None,
            through: Vec::new(),
            directives,
        }
    }

    /// Folders in which it looks for files, nearest first: those of its role and of the roles that
    /// brought that in, that of its own file, that of its play's.
    pub fn folders(&self, play: &Play) -> Vec<PathBuf> {
        let roles = self.role.iter().flat_map(|role| role.folders().cloned());
        let of_file = |place: &Place| Path::new(place.source.path()).parent().map(Path::to_owned);
        let files = [&self.place, &play.place].into_iter().filter_map(of_file);
        let mut folders: Vec<PathBuf> = Vec::new();
        for folder in roles.chain(files) {
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }

    /// Folders in which it finds modules of the site, those that win first.
    pub fn module_folders(&self, play: &Play) -> Vec<PathBuf> {
        let playbook = Path::new(play.place.source.path()).parent();
        catalog::folders(playbook.unwrap_or(Path::new("")), self.role.as_deref())
    }

    /// What its templates see besides the variables of host and play.
    pub fn layers(&self) -> Vec<Arc<Layer>> {
        let mut layers: Vec<Arc<Layer>> = Vec::new();
        layers.extend(self.role.iter().flat_map(|role| role.layers()).cloned());
        if !self.directives.vars.is_empty() {
            let vars = Layer::written(Rank::Task, "vars of the task", &self.directives.vars);
            layers.push(Arc::new(vars));
        }
        layers.extend(self.through.iter().cloned());
        layers
    }

    /// Its name as written, behind that of its role; the action's as written where it has none.
    pub fn title(&self) -> String {
        self.titled(&self.bare_title())
    }

    /// Its name as written, without that of its role.
    pub fn bare_title(&self) -> Cow<'_, str> {
        if let Some(name) = self.name.as_ref().and_then(Node::as_text) {
            return name.into();
        }
        match &self.action {
            Action::Inclusion(inclusion) if inclusion.role().is_some() => {
                let role = inclusion.target.as_text().unwrap_or_default();
                format!("{} : {role}", inclusion.written.value).into()
            }
            action => action.written().into(),
        }
    }

    /// A name behind that of the task's role: `role : name`. What includes a role stands alone.
    pub fn titled(&self, name: &str) -> String {
        let brings_role = matches!(&self.action, Action::Inclusion(it) if it.role().is_some());
        match self.role.as_ref().filter(|_| !brings_role) {
            Some(role) => format!("{} : {name}", role.name),
            None => name.to_owned(),
        }
    }
}

/// `loop` or `with_...`, with `loop_control`.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// The lookup of `with_...`; none for `loop`.
    pub lookup: Option<Located<String>>,
    /// The items, or what they are looked up by.
    pub items: Node,
    /// `loop_control`.
    pub control: LoopControl,
}

/// `loop_control`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopControl {
    /// `loop_var`; `item` where it is not set.
    pub variable: Option<Located<String>>,
    /// `index_var`, counting from 0.
    pub index: Option<Located<String>>,
    /// `label`; a template.
    pub label: Option<Node>,
    /// `pause` between two items, in seconds.
    pub pause: Option<Setting<f64>>,
    /// `extended`: set `ansible_loop`.
    pub extended: Option<Setting<bool>>,
    /// `extended_allitems`: with all items in it.
    pub extended_all_items: Option<Setting<bool>>,
    /// `break_when`.
    pub break_when: Conditions,
}

impl LoopControl {
    /// The name of the loop's variable.
    pub fn variable(&self) -> &str {
        self.variable.as_ref().map_or("item", |name| name.value.as_str())
    }
}

/// `until`, `retries` and `delay`.
#[derive(Clone, Debug, PartialEq)]
pub struct Until {
    /// `until`; empty means "until it has not failed".
    pub conditions: Conditions,
    /// `retries`; 3 where it is not set.
    pub retries: Option<Setting<u64>>,
    /// `delay` in seconds; 5 where it is not set.
    pub delay: Option<Setting<f64>>,
}

/// What a rehearsal does with a task that would change something outside the twins.
#[derive(Clone, Debug, PartialEq)]
pub enum Rehearse {
    /// Run it.
    Run(Place),
    /// Do not run it, and take this mapping for its result.
    Assume(Node),
}

/// A handler.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// What it does, and under which name it is notified.
    pub task: Task,
    /// `listen`: further names under which it is notified.
    pub listen: Vec<Located<String>>,
}

impl Handler {
    /// Whether this is its own name as written, with or without that of its role.
    pub fn names_itself(&self, name: &str) -> bool {
        let own = self.task.bare_title();
        own == name || self.task.role.is_some() && self.task.titled(&own) == name
    }

    /// Every name under which it can be notified, as written.
    pub fn names(&self) -> Vec<String> {
        let name = self.task.name.as_ref().and_then(Node::as_text);
        let titles = name.into_iter().flat_map(|name| match &self.task.role {
            Some(_) => vec![name.to_owned(), self.task.titled(name)],
            None => vec![name.to_owned()],
        });
        titles
            .chain(self.listen.iter().map(|topic| topic.value.clone()))
            .collect()
    }
}
