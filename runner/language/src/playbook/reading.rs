//! What reading a playbook needs at every step, and what it has found so far.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::Secrets;

use super::directives::Variables;
use super::model::Handler;
use super::role::Role;
use super::setting::{Literal, Setting};
use crate::catalog::{self, Catalog, ModuleInfo};
use crate::diagnose::Diagnostic;
use crate::files::{self, Files, Found, Memory};
use crate::scope::{BeforeHosts, Layer, Rank, Scope, Variable};
use crate::source::{Located, Place};
use crate::template::{Templar, names};
use crate::yaml::{self, Kind, Mapping, Node};

/// Where files are read from, and what is known before any host is.
pub(super) struct Origin<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) catalog: &'a dyn Catalog,
    /// Folders of roles, besides those beside the playbook.
    pub(super) roles_path: &'a [PathBuf],
    /// `-e`.
    pub(super) extra: Arc<Layer>,
    /// The folder that relative paths start from, as templates are told of it.
    pub(super) here: &'a Path,
    /// Whether mappings of one name are merged.
    pub(super) merges: bool,
}

/// What stands around what is read now.
#[derive(Clone, Default)]
pub(super) struct Around {
    /// The folder of the playbook.
    pub(super) folder: PathBuf,
    /// Variables of the play that are known before any host is.
    pub(super) layers: Vec<Arc<Layer>>,
    /// The role whose files are read.
    pub(super) role: Option<Arc<Role>>,
    /// What the inclusions on the way here gave.
    pub(super) through: Vec<Arc<Layer>>,
    /// Whether these are handlers.
    pub(super) in_handlers: bool,
    /// The files that led here, outermost first, and where each of them was named.
    trail: Vec<(PathBuf, Option<Place>)>,
}

impl Around {
    /// What stands around the plays of a playbook.
    pub(super) fn of_playbook(path: &Path) -> Self {
        Self {
            folder: path.parent().map(Path::to_owned).unwrap_or_default(),
            ..Self::default()
        }
    }
}

pub(super) struct Reading<'a> {
    pub(super) catalog: &'a dyn Catalog,
    pub(super) origin: Origin<'a>,
    pub(super) around: Around,
    /// Roles that the play being read uses, each with what it is for the play.
    pub(super) roles: Vec<Arc<Role>>,
    /// Handlers of roles that tasks brought in.
    pub(super) brought: Vec<Handler>,
    /// Roles whose dependencies are being read.
    pub(super) dependents: Vec<PathBuf>,
    trees: HashMap<PathBuf, Option<Node>>,
    faults: Vec<Diagnostic>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(origin: Origin<'a>, around: Around) -> Self {
        Self {
            catalog: origin.catalog,
            origin,
            around,
            roles: Vec::new(),
            brought: Vec::new(),
            dependents: Vec::new(),
            trees: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// Every fault, file by file in the order in which they were read.
    pub(super) fn into_faults(self) -> Vec<Diagnostic> {
        let mut files: Vec<String> = Vec::new();
        for fault in &self.faults {
            let path = fault.place.as_ref().map_or("", |place| place.source.path());
            if !files.iter().any(|file| file == path) {
                files.push(path.to_owned());
            }
        }
        let mut faults = self.faults;
        faults.sort_by_key(|fault| {
            let place = fault.place.as_ref();
            let path = place.map_or("", |place| place.source.path());
            let file = files.iter().position(|file| file == path);
            (file, place.map(|place| (place.line, place.column)))
        });
        faults.dedup();
        faults
    }

    /// What a task that is read now finds under the name of a module.
    pub(super) fn module(&self, name: &str) -> Option<ModuleInfo> {
        let folders = catalog::folders(&self.around.folder, self.around.role.as_deref());
        self.catalog.find(name, &folders)
    }

    pub(super) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// The tree of a file that is named at `place`; what is wrong with it is told once.
    pub(super) fn tree(&mut self, path: &Path, place: Option<&Place>) -> Option<Node> {
        if let Some(tree) = self.trees.get(path) {
            return tree.clone();
        }
        let read = files::read(self.origin.files, path).map_err(|fault| {
            vec![match place {
                Some(place) => Diagnostic::error(fault.code, place, fault.message),
                None => *fault,
            }]
        });
        let tree = match read.and_then(|source| yaml::parse(&source)) {
            Ok(tree) => Some(tree),
            Err(found) => {
                self.faults.extend(found);
                None
            }
        };
        self.trees.insert(path.to_owned(), tree.clone());
        tree
    }

    /// Reads a file that `work` understands, with the trail that leads to it. A
    /// file that leads to itself is a fault.
    pub(super) fn inside<T>(
        &mut self,
        path: &Path,
        place: Option<&Place>,
        work: impl FnOnce(&mut Self, &Node) -> T,
    ) -> Option<T> {
        if self.around.trail.iter().any(|(open, _)| open == path) {
            let mut fault = Diagnostic::nowhere(
                "endless-import",
                format!("{} leads to itself, without end", path.display()),
            );
            fault.place = place.cloned();
            for (_, from) in self.around.trail.iter().rev() {
                if let Some(from) = from {
                    fault = fault.note(from, "on the way here");
                }
            }
            self.fault(fault.help("`include_tasks` with a `when` is read only when it is reached"));
            return None;
        }
        let tree = self.tree(path, place)?;
        self.around.trail.push((path.to_owned(), place.cloned()));
        let done = work(self, &tree);
        self.around.trail.pop();
        Some(done)
    }

    /// The text of a name that is needed before any host is known.
    pub(super) fn early_text(&mut self, what: &str, node: &Node, vars: &Variables) -> Option<String> {
        if !node.is_template() {
            return node.as_text().map(str::to_owned);
        }
        match self.render_early(node, vars) {
            Ok(text) => Some(text),
            Err(fault) => {
                let message = format!("{what} is read before any host is known: {}", fault.message);
                let place = fault.place.as_ref().unwrap_or(&node.place);
                let fault = Diagnostic::error("not-known-early", place, message);
                self.fault(fault.help(
                    "only `-e` and variables of the play and role are known then; `include_...` knows all",
                ));
                None
            }
        }
    }

    /// The same without a fault, for names that may also be made later.
    pub(super) fn render_early(&self, node: &Node, vars: &Variables) -> Result<String, Box<Diagnostic>> {
        let scope = self.early_scope(vars);
        let templar = Templar::new(Arc::new(Memory::default()), Secrets::default());
        let templar = templar.merging(self.origin.merges);
        let value = templar
            .text(node, &scope)
            .map_err(|error| Box::new(error.to_diagnostic()))?;
        value.as_str().map(str::to_owned).ok_or_else(|| {
            let message = format!("this is {}, not text", value.kind());
            Box::new(Diagnostic::error("wrong-type", &node.place, message))
        })
    }

    /// Whether no host can make a template become something else than it becomes now: all its
    /// variables are known, also those it could do without, and it asks nothing else.
    pub(super) fn is_known_early(&self, node: &Node) -> bool {
        let scope = self.early_scope(&Variables::default());
        let mut open = vec![node.clone()];
        let mut seen = BTreeSet::new();
        while let Some(node) = open.pop() {
            let Ok(uses) = names(&node, false) else {
                return false;
            };
            if looks_up(&node) || !uses.filters.is_empty() {
                return false;
            }
            for name in uses.variables.into_iter().map(|used| used.name) {
                match scope.get(&name) {
                    None => return false,
                    // A host may have more members of it.
                    Some((variable, _)) if self.origin.merges && variable.is_mapping() => return false,
                    Some((Variable::Template(inner), _)) if seen.insert(name) => open.push(inner.clone()),
                    Some(_) => {}
                }
            }
        }
        true
    }

    /// What is known before any host is.
    fn early_scope(&self, vars: &Variables) -> Scope {
        let folder = self.shown(&self.around.folder);
        let magic = Layer::new(Rank::Magic, "magic").with("playbook_dir", folder);
        let role = self
            .around
            .role
            .iter()
            .flat_map(|role| role.layers().iter().cloned());
        Scope::new(Arc::new(BeforeHosts))
            .with_all(self.around.layers.iter().cloned())
            .with_all(role)
            .with(Layer::written(Rank::Task, "vars of the task", vars))
            .with(self.origin.extra.clone())
            .with(magic)
    }

    /// A path as templates are told of it.
    pub(super) fn shown(&self, path: &Path) -> String {
        files::join(self.origin.here, path).display().to_string()
    }

    /// The first of some paths that is a file.
    pub(super) fn first_file(&self, paths: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
        let is_file =
            |path: &PathBuf| matches!(self.origin.files.find(path), Some(Found::File | Found::Program));
        paths.into_iter().find(is_file)
    }

    /// The variables that a file is; nothing at all is no variables.
    pub(super) fn variables_of(&mut self, path: &Path, place: Option<&Place>) -> Option<Mapping> {
        let tree = self.tree(path, place)?;
        if tree.is_null() {
            return Some(Mapping::default());
        }
        let map = self.mapping("a file of variables", &tree)?.clone();
        for entry in map.iter() {
            super::directives::variable_name(self, &entry.key);
        }
        Some(map)
    }
}

/// What is expected to stand somewhere.
impl Reading<'_> {
    /// Something stands here that was not expected.
    pub(super) fn misfit(&mut self, what: &str, wanted: &str, node: &Node) {
        self.fault(Diagnostic::error(
            "wrong-type",
            &node.place,
            format!("{what} takes {wanted}, not {}", node.describe()),
        ));
    }

    /// The members of a list; nothing at all is an empty one.
    pub(super) fn list<'n>(&mut self, what: &str, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::Seq(items) => items,
            Kind::Null => &[],
            _ => {
                self.misfit(what, "a list", node);
                &[]
            }
        }
    }

    /// A mapping; nothing at all is a fault here.
    pub(super) fn mapping<'n>(&mut self, what: &str, node: &'n Node) -> Option<&'n Mapping> {
        let map = node.as_map();
        if map.is_none() {
            self.misfit(what, "a mapping", node);
        }
        map
    }

    /// A literal of the wanted type or a template for one.
    pub(super) fn setting<T: Literal>(&mut self, what: &str, node: &Node) -> Option<Setting<T>> {
        if node.is_template() {
            return Some(Setting::Template(node.clone()));
        }
        let literal = T::from_node(node);
        if literal.is_none() {
            let fault = Diagnostic::error("wrong-type", &node.place, format!("{what} takes {}", T::WANTED));
            let written = node.written().unwrap_or_default();
            self.fault(fault.did_you_mean(&written, T::WORDS.iter().copied()));
        }
        literal.map(|value| Setting::Literal(Located::new(value, node.place.clone())))
    }

    /// A literal of the wanted type; a template is refused.
    pub(super) fn literal<T: Literal>(&mut self, what: &str, node: &Node) -> Option<Located<T>> {
        match self.setting(what, node)? {
            Setting::Literal(literal) => Some(literal),
            Setting::Template(node) | Setting::Within(node, _) => {
                let fault = Diagnostic::error(
                    "wrong-type",
                    &node.place,
                    format!("{what} is read before any variable is known and cannot be a template"),
                );
                self.fault(fault);
                None
            }
        }
    }

    /// One scalar, or a list of them, each as a node of text.
    pub(super) fn texts(&mut self, what: &str, node: &Node) -> Vec<Node> {
        let items = match &node.kind {
            Kind::Seq(items) => items,
            Kind::Null => return Vec::new(),
            _ => std::slice::from_ref(node),
        };
        let mut texts = Vec::new();
        for item in items {
            match item.written() {
                Some(text) if !item.is_null() => texts.push(Node::text(text, item.place.clone())),
                _ => self.misfit(what, "text or a list of texts", item),
            }
        }
        texts
    }

    /// As [`Self::texts`], with `a, b` standing for two.
    pub(super) fn words(&mut self, what: &str, node: &Node) -> Vec<Node> {
        let mut words = Vec::new();
        for text in self.texts(what, node) {
            let parts = text.as_text().unwrap_or_default().split(',').map(str::trim);
            match text.is_template() {
                true => words.push(text),
                false => words.extend(
                    parts
                        .filter(|part| !part.is_empty())
                        .map(|part| Node::text(part, text.place.clone())),
                ),
            }
        }
        words
    }

    /// Texts that cannot be templates.
    pub(super) fn names(&mut self, what: &str, node: &Node) -> Vec<Located<String>> {
        let texts = self.texts(what, node);
        texts.iter().filter_map(|text| self.literal(what, text)).collect()
    }
}

/// Whether a template may ask more than its variables. What nests templates is taken to.
fn looks_up(node: &Node) -> bool {
    match node.as_text() {
        Some(text) => ["lookup", "query", "q("].iter().any(|call| text.contains(call)),
        None => node.holds_template(),
    }
}
