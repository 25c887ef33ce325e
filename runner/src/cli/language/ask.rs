//! Whether a name of Ansible's is there, found out by using it.

use cutover_language::playbook::understand;
use cutover_language::source::Source;
use cutover_language::{Catalog, template, yaml};

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is there.
    There,
    /// It is refused.
    Missing,
}

impl Answer {
    /// Each, with what a reader is told.
    pub(super) const ALL: [(Self, &'static str); 2] =
        [(Self::There, "supported"), (Self::Missing, "not yet")];

    fn is(there: bool) -> Self {
        if there { Self::There } else { Self::Missing }
    }
}

/// Whom to ask.
pub(super) struct Asked<'a> {
    /// The modules.
    pub(super) catalog: &'a dyn Catalog,
    /// The command line.
    pub(super) command: &'a clap::Command,
}

impl Asked<'_> {
    /// Looks for `name` in the way of the section called `title`.
    pub(super) fn after(&self, title: &str, name: &str) -> Answer {
        match title {
            "Keywords of a play" => self.play(name),
            "Keywords of a block" if name == "block" => self.task("block: [debug: ]"),
            "Keywords of a task" if name.ends_with("action") => self.task(&format!("{name}: debug")),
            "Keywords of a role" if name == "role" => self.read("- hosts: all\n  roles: [{role: x}]\n"),
            // What is no keyword of a role is a parameter of it, and refused by nobody. It takes what a block takes.
            "Keywords of a block" | "Keywords of a role" => {
                self.task(&format!("{name}: x\n      block: [debug: ]"))
            }
            "Keywords of a handler" => self.read(&format!(
                "- hosts: all\n  handlers:\n    - {name}: x\n      debug:\n"
            )),
            "Keywords of `loop_control`" => self.task(&format!(
                "debug:\n      loop: []\n      loop_control: {{{name}: x}}"
            )),
            "Keywords of a task" => self.task(&format!("{name}: x\n      debug:")),
            "Loops" => {
                Answer::is(template::lookup_names().any(|known| name.strip_prefix("with_") == Some(known)))
            }
            "Modules" if name == "import_playbook" => self.read(&format!("- {name}: x\n")),
            "Modules" => self.task(&format!("{name}: x")),
            "Meta tasks" => self.meta(name),
            "Filters" => Answer::is(template::filter_names().any(|known| known == name)),
            "Tests" => Answer::is(template::test_names().any(|known| known == name)),
            "Lookups" => Answer::is(template::lookup_names().any(|known| known == name)),
            "Functions" => Answer::is(template::function_names().any(|known| known == name)),
            _ => Answer::is(self.option(name)),
        }
    }

    fn play(&self, name: &str) -> Answer {
        match name {
            "hosts" => self.read("- hosts: all\n"),
            _ => self.read(&format!("- hosts: all\n  {name}: x\n")),
        }
    }

    fn task(&self, lines: &str) -> Answer {
        self.read(&format!("- hosts: all\n  tasks:\n    - {lines}\n"))
    }

    /// The name is the value here, so that a wrong value is a name that is not there.
    fn meta(&self, name: &str) -> Answer {
        let playbook = format!("- hosts: all\n  tasks:\n    - meta: {name}\n");
        self.unless(&playbook, &["wrong-type"])
    }

    /// What reading a playbook says of its names; that values are wrong is no matter here.
    fn read(&self, playbook: &str) -> Answer {
        self.unless(playbook, &["not-yet", "unknown-keyword", "unknown-module"])
    }

    /// Whether reading a playbook finds no fault of these kinds.
    fn unless(&self, playbook: &str, kinds: &[&str]) -> Answer {
        let source = Source::new("asked.yml".to_owned(), playbook.to_owned());
        let Ok(root) = yaml::parse(&source) else {
            return Answer::Missing;
        };
        let (_, faults) = understand(&root, self.catalog);
        Answer::is(!faults.iter().any(|fault| kinds.contains(&fault.code)))
    }

    /// Options that are hidden are those that are refused.
    fn option(&self, name: &str) -> bool {
        let run = self.command.find_subcommand("run");
        run.into_iter()
            .flat_map(clap::Command::get_arguments)
            .filter(|argument| !argument.is_hide_set())
            .any(|argument| {
                let longs = argument.get_long_and_visible_aliases().unwrap_or_default();
                let shorts = argument.get_short_and_visible_aliases().unwrap_or_default();
                match name.strip_prefix("--") {
                    Some(long) => longs.contains(&long),
                    None => shorts.iter().any(|short| name == format!("-{short}")),
                }
            })
    }
}
