//! `include_vars`: variables of a host from files, read when it comes there. Their texts may be
//! templates, so no module can hand them over.

use std::path::{Path, PathBuf};

use cutover_kit::{Failure, FailureKind, Map, Value};
use cutover_language::Node;
use cutover_language::playbook::{Loader, Site};
use cutover_language::scope::{Layer, Rank, Variable};
use cutover_language::yaml::{Kind, Mapping};

use super::clear;
use super::include::unreadable;
use super::scope::Terms;
use super::task::TaskRun;
use crate::event::Section;

/// The module this is.
pub(super) const NAME: &str = "include_vars";

/// The arguments, rendered.
struct Arguments {
    source: Source,
    /// `name`: the variable that takes them all.
    name: Option<String>,
    /// `extensions`.
    ends: Vec<String>,
    /// `ignore_unknown_extensions`.
    ignore_others: bool,
    /// `ignore_files`.
    ignored: Vec<String>,
    /// `files_matching`.
    matching: Option<regex::Regex>,
    /// `depth`; 0 is without end.
    depth: usize,
}

enum Source {
    File(String),
    Folder(String),
}

impl TaskRun<'_> {
    /// Reads the variables, sets them for the host, and says what was set.
    pub(super) fn include_vars(&self, args: &Node, terms: &Terms) -> Result<Map, Failure> {
        let arguments = Arguments::of(&super::arguments::render(
            NAME,
            args,
            &self.task.directives.module_defaults,
            terms,
        )?)?;
        let play = &self.walk.play;
        let loader = play.library.loader();
        let site = Site {
            play: &play.play,
            task: self.task,
            in_handlers: self.walk.section == Section::Handlers,
            given: None,
        };
        let files = arguments.files(&loader, &site)?;
        let mut read = Mapping::default();
        for file in &files {
            let mapping = loader
                .variables(file, &args.place)
                .map_err(|faults| unreadable(&faults))?;
            mapping.iter().for_each(|entry| read.insert(entry.clone()));
        }
        let layer = Layer::written(Rank::Included, NAME, &read);
        clear::in_layer(&layer, &play.world.secrets);
        let variables = match &arguments.name {
            Some(name) => {
                let all = Node::new(Kind::Map(read.into()), args.place.clone());
                vec![(name.clone(), Variable::Template(all))]
            }
            None => layer.variables.into_iter().collect(),
        };
        let facts: Map = variables
            .iter()
            .map(|(name, it)| (name.clone(), plain(it)))
            .collect();
        play.variables.include(&self.walk.host, variables);
        let shown: Vec<String> = files.iter().map(|file| loader.shown(file)).collect();
        Ok(Map::from_iter([
            ("changed".to_owned(), Value::from(false)),
            ("ansible_facts".to_owned(), Value::Map(facts)),
            ("ansible_included_var_files".to_owned(), shown.into()),
        ]))
    }
}

/// A variable as it was written; what is encrypted is not shown.
fn plain(variable: &Variable) -> Value {
    match variable {
        Variable::Template(node) => node.to_value().unwrap_or_default(),
        Variable::Data(value) => (**value).clone(),
    }
}

impl Arguments {
    fn of(args: &Value) -> Result<Self, Failure> {
        let misfit = |message: String| Failure::new(FailureKind::Arguments, message);
        let text = |name: &str| args.get(name).and_then(Value::as_str).map(str::to_owned);
        let source = match (text("file"), text("dir")) {
            (Some(file), None) => Source::File(file),
            (None, Some(folder)) => Source::Folder(folder),
            (None, None) => return Err(misfit("include_vars needs `file` or `dir`".into())),
            (Some(_), Some(_)) => {
                return Err(misfit(
                    "include_vars takes either `file` or `dir`, not both".into(),
                ));
            }
        };
        let list = |name: &str| match args.get(name) {
            Some(Value::List(items)) => {
                let texts = items.iter().filter_map(Value::as_str);
                Some(texts.map(str::to_owned).collect::<Vec<_>>())
            }
            Some(Value::String(text)) => Some(text.split(',').map(|it| it.trim().to_owned()).collect()),
            _ => None,
        };
        let matching = text("files_matching").map(|pattern| {
            regex::Regex::new(&pattern).map_err(|error| misfit(format!("files_matching: {error}")))
        });
        let depth = match args.get("depth") {
            Some(Value::Int(depth)) => usize::try_from(*depth).unwrap_or(0),
            Some(Value::String(depth)) => depth.trim().parse().unwrap_or(0),
            _ => 0,
        };
        Ok(Self {
            source,
            name: text("name"),
            ends: list("extensions").unwrap_or_else(|| ["yaml", "yml", "json"].map(str::to_owned).to_vec()),
            ignore_others: args
                .get("ignore_unknown_extensions")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            ignored: list("ignore_files").unwrap_or_default(),
            matching: matching.transpose()?,
            depth,
        })
    }

    fn files(&self, loader: &Loader<'_>, site: &Site<'_>) -> Result<Vec<PathBuf>, Failure> {
        let (name, folder) = match &self.source {
            Source::File(name) => (name, false),
            Source::Folder(name) => (name, true),
        };
        let found = loader.find_variables(site, name, folder).map_err(|tried| {
            let looked = tried.iter().map(|path| format!("looked for {}", path.display()));
            let message = match folder {
                true => format!("{name} directory does not exist"),
                false => format!("Could not find or access '{name}' on the Ansible Controller."),
            };
            Failure::new(FailureKind::Task, message).seen_all(looked)
        })?;
        if !folder {
            return Ok(found);
        }
        let top = found
            .iter()
            .map(|path| path.components().count())
            .min()
            .unwrap_or_default();
        let mut files = Vec::new();
        for path in found {
            let deep = path.components().count() - top;
            if self.takes(&path, deep)? {
                files.push(path);
            }
        }
        Ok(files)
    }

    /// Whether a file of a folder is meant.
    fn takes(&self, path: &Path, deep: usize) -> Result<bool, Failure> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        let ignored = self.ignored.iter().any(|ignored| *ignored == name);
        let matches = self
            .matching
            .as_ref()
            .is_none_or(|matching| matching.is_match(&name));
        if ignored || !matches || name.ends_with('~') || self.depth != 0 && deep >= self.depth {
            return Ok(false);
        }
        // What has no end has an empty one, which may be wanted.
        let end = path
            .extension()
            .map(|end| end.to_string_lossy())
            .unwrap_or_default();
        let known = self.ends.iter().any(|known| *known == end);
        if known || self.ignore_others {
            return Ok(known);
        }
        let message = format!(
            "{} does not have a valid extension: {}",
            path.display(),
            self.ends.join(", ")
        );
        Err(Failure::new(FailureKind::Task, message))
    }
}
