//! Keywords that everything below inherits.
//!
//! One table says which there are. The innermost value of each wins, except for
//! those that [`Directives::under`] combines by name.

use super::fields::Fields;
use super::reading::Reading;
use super::setting::{Debugger, Setting};
use crate::diagnose::Diagnostic;
use crate::source::Located;
use crate::yaml::{Kind, Mapping, Node};

/// Variables as they were written, in order.
pub type Variables = Mapping;

/// Conditions, all of which must hold; each is an expression or a boolean.
pub type Conditions = Vec<Node>;

macro_rules! directives {
    ($($(#[$doc:meta])* $field:ident: $kind:ty = $name:literal,)*) => {
        /// Keywords of a play, block or task that also hold for what is inside.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Directives {
            $($(#[$doc])* pub $field: Option<Setting<$kind>>,)*
            /// `when`: outer conditions stand first.
            pub when: Conditions,
            /// `tags`: those of everything around are among them.
            pub tags: Vec<Node>,
            /// `vars` of blocks and tasks, inner ones over outer ones; a play's are not among them.
            pub vars: Variables,
            /// `environment`: mappings or templates of mappings, outer first; later ones win key by key.
            pub environment: Vec<Node>,
            /// `module_defaults`: as `environment`.
            pub module_defaults: Vec<Node>,
            /// `notify`: names or templates of names.
            pub notify: Vec<Node>,
        }

        impl Directives {
            /// Takes those that stand anywhere.
            fn read(fields: &mut Fields<'_>, reading: &mut Reading<'_>) -> Self {
                Self {
                    $($field: fields.setting(reading, $name),)*
                    ..Self::default()
                }
            }

            /// The innermost of each, and what is around it for where that comes to `omit`.
            fn innermost(mut self, outer: &Self) -> Self {
                $(self.$field = match self.$field {
                    Some(inner) => Some(inner.within(outer.$field.as_ref())),
                    None => outer.$field.clone(),
                };)*
                self
            }
        }
    };
}

directives! {
    /// `any_errors_fatal`: a failure on one host fails all.
    any_errors_fatal: bool = "any_errors_fatal",
    /// `become`: work as another user.
    r#become: bool = "become",
    /// `become_user`: which one.
    become_user: String = "become_user",
    /// `become_method`: how.
    become_method: String = "become_method",
    /// `become_flags`: arguments of the method.
    become_flags: String = "become_flags",
    /// `become_exe`: program of the method.
    become_exe: String = "become_exe",
    /// `connection`: how to reach the host.
    connection: String = "connection",
    /// `port`: where to reach it.
    port: u64 = "port",
    /// `remote_user`: as whom to log in.
    remote_user: String = "remote_user",
    /// `check_mode`: look and plan only, or really run in check mode.
    check_mode: bool = "check_mode",
    /// `diff`: show differences.
    diff: bool = "diff",
    /// `no_log`: show nothing of arguments and results.
    no_log: bool = "no_log",
    /// `ignore_errors`: go on after a failure.
    ignore_errors: bool = "ignore_errors",
    /// `ignore_unreachable`: go on where a host cannot be reached.
    ignore_unreachable: bool = "ignore_unreachable",
    /// `run_once`: once per lane, and in a phase with a barrier once over all.
    run_once: bool = "run_once",
    /// `throttle`: at most so many hosts at once.
    throttle: u64 = "throttle",
    /// `timeout`: seconds after which a task has failed.
    timeout: u64 = "timeout",
    /// `debugger`: when to stop for a person.
    debugger: Debugger = "debugger",
    /// `delegate_to`: the host that does the work instead.
    delegate_to: String = "delegate_to",
    /// `delegate_facts`: facts found there belong to that host.
    delegate_facts: bool = "delegate_facts",
}

/// Inherited keywords that a play does not take.
const NOT_OF_A_PLAY: [&str; 5] = ["delegate_to", "delegate_facts", "notify", "when", "vars"];

impl Directives {
    /// Those of a play. Its `vars` are of another rank and are read elsewhere.
    pub(super) fn of_play(fields: &mut Fields<'_>, reading: &mut Reading<'_>) -> Self {
        for name in NOT_OF_A_PLAY.into_iter().filter(|name| *name != "vars") {
            if let Some(entry) = fields.entry(name) {
                reading.fault(
                    Diagnostic::error(
                        "unknown-keyword",
                        &entry.key.place,
                        format!("`{name}` is no keyword of a play"),
                    )
                    .help("a block or a task takes it"),
                );
            }
        }
        let mut directives = Self::read(fields, reading);
        directives.delegate_to = None;
        directives.delegate_facts = None;
        directives.read_shared(fields, reading);
        directives
    }

    /// Those of a block or task.
    pub(super) fn of_block(fields: &mut Fields<'_>, reading: &mut Reading<'_>) -> Self {
        let mut directives = Self::read(fields, reading);
        directives.read_shared(fields, reading);
        directives.when = conditions(fields, reading, "when");
        directives.vars = variables(fields, reading, "vars");
        if let Some(node) = fields.node("notify") {
            directives.notify = reading.texts("`notify`", node);
        }
        directives
    }

    /// Those of a phase.
    pub(super) fn of_phase(fields: &mut Fields<'_>, reading: &mut Reading<'_>) -> Self {
        Self {
            when: conditions(fields, reading, "when"),
            vars: variables(fields, reading, "vars"),
            tags: tags(fields, reading),
            environment: mappings(fields, reading, "environment"),
            ..Self::default()
        }
    }

    fn read_shared(&mut self, fields: &mut Fields<'_>, reading: &mut Reading<'_>) {
        self.tags = tags(fields, reading);
        self.environment = mappings(fields, reading, "environment");
        self.module_defaults = mappings(fields, reading, "module_defaults");
        if let Some(node) = fields.node("collections") {
            reading.texts("`collections`", node);
        }
    }

    /// What holds here, inside of what holds around it.
    #[must_use]
    pub fn under(self, outer: &Self) -> Self {
        // Work that is not delegated is not delegated, whatever stands around.
        let delegate_to = self.delegate_to.clone().or_else(|| outer.delegate_to.clone());
        let mut inner = self.innermost(outer);
        inner.delegate_to = delegate_to;
        inner.when = [outer.when.clone(), inner.when].concat();
        let more = inner
            .tags
            .into_iter()
            .filter(|tag| !outer.tags.iter().any(|old| old.kind == tag.kind));
        inner.tags = outer.tags.iter().cloned().chain(more).collect();
        inner.vars = outer.vars.iter().chain(inner.vars.iter()).cloned().collect();
        inner.environment = [outer.environment.clone(), inner.environment].concat();
        inner.module_defaults = [outer.module_defaults.clone(), inner.module_defaults].concat();
        inner.notify = [outer.notify.clone(), inner.notify].concat();
        inner
    }
}

/// One expression or a list of them.
pub(super) fn conditions(
    fields: &mut Fields<'_>,
    reading: &mut Reading<'_>,
    name: &'static str,
) -> Conditions {
    let Some(node) = fields.node(name) else {
        return Vec::new();
    };
    let items = match &node.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    };
    let mut conditions = Vec::new();
    for item in items {
        match &item.kind {
            Kind::Bool(_) | Kind::Text(_) | Kind::Int(_) | Kind::Float(_) => conditions.push(item.clone()),
            Kind::Null if items.len() == 1 => {}
            _ => reading.misfit(&format!("`{name}`"), "an expression or a list of them", item),
        }
    }
    conditions
}

/// A mapping of variables; names are checked.
pub(super) fn variables(fields: &mut Fields<'_>, reading: &mut Reading<'_>, name: &'static str) -> Variables {
    let Some(node) = fields.node(name).filter(|node| !node.is_null()) else {
        return Variables::default();
    };
    let Some(map) = reading.mapping(&format!("`{name}`"), node) else {
        return Variables::default();
    };
    for entry in map.iter() {
        variable_name(reading, &entry.key);
    }
    map.clone()
}

/// Complains about what cannot be a variable's name.
pub(super) fn variable_name(reading: &mut Reading<'_>, name: &Located<String>) {
    if !is_variable_name(name) {
        reading.fault(
            Diagnostic::error(
                "variable-name",
                &name.place,
                format!("`{}` cannot be the name of a variable", name.value),
            )
            .help("a name is made of letters, digits and `_`, and does not begin with a digit"),
        );
    }
}

/// Whether a variable may be called this.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

fn tags(fields: &mut Fields<'_>, reading: &mut Reading<'_>) -> Vec<Node> {
    fields
        .node("tags")
        .map_or(Vec::new(), |node| reading.words("`tags`", node))
}

/// A mapping, a template of one, or a list of these.
fn mappings(fields: &mut Fields<'_>, reading: &mut Reading<'_>, name: &'static str) -> Vec<Node> {
    let Some(node) = fields.node(name).filter(|node| !node.is_null()) else {
        return Vec::new();
    };
    let items = match &node.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    };
    for item in items
        .iter()
        .filter(|item| item.as_map().is_none() && !item.is_template())
    {
        reading.misfit(&format!("`{name}`"), "a mapping", item);
    }
    items.to_vec()
}
