//! `cutover language`: how much of Ansible's language there is, name by name.
//!
//! Nothing is claimed by hand. `ansible.txt` holds the names that Ansible has; whether each is there
//! is found out by using it: keywords and modules in a playbook that is read, filters and the like in
//! the tables of the template engine, options in our own command line.

mod ask;

use std::fmt::Write as _;

use clap::CommandFactory as _;

use self::ask::{Answer, Asked};
use super::fault::Fault;
use super::{Cli, ui};
use crate::catalog;
use crate::exit::Exit;

/// Say how much of Ansible's language there is
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// As one Markdown page.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    ui::print(&if args.markdown { reference() } else { summary() });
    Ok(Exit::Done)
}

/// A kind of names, and what became of each.
struct Section {
    title: &'static str,
    answers: Vec<(&'static str, Answer)>,
}

impl Section {
    fn with(&self, wanted: Answer) -> Vec<&'static str> {
        let answers = self.answers.iter();
        let found = answers.filter(|(_, answer)| *answer == wanted);
        found.map(|(name, _)| *name).collect()
    }
}

/// `docs/ansible.md` is this text.
pub fn reference() -> String {
    let mut text = String::from(
        "# Ansible's language in cutover\n\n\
         Made by `cutover language --markdown > docs/ansible.md`, which tries each name that ansible-core 2.19 has.\n\
         Where a part that is there does otherwise than Ansible, a case in `tests/ansible/cases` shows it and says why;\n\
         [differences.md](differences.md) lists these.\n",
    );
    for section in sections() {
        let _ = writeln!(text, "\n## {}\n\n| | |\n|---|---|", section.title);
        for (answer, title) in Answer::ALL {
            let names = section.with(answer);
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                let _ = writeln!(text, "| {title} | {} |", names.join(" "));
            }
        }
    }
    text
}

fn summary() -> String {
    let mut text = String::new();
    for section in sections() {
        let there = section.with(Answer::There).len();
        let _ = writeln!(
            text,
            "{}: {there} of {}",
            section.title.replace('`', ""),
            section.answers.len()
        );
        for (answer, title) in &Answer::ALL[1..] {
            let names = section.with(*answer);
            if !names.is_empty() {
                let _ = writeln!(text, "    {title}: {}", names.join(" "));
            }
        }
    }
    text
}

fn sections() -> Vec<Section> {
    let (modules, command) = (catalog::built_in(), Cli::command());
    let asked = Asked {
        catalog: &modules,
        command: &command,
    };
    let text = include_str!("ansible.txt");
    let parts = text
        .split("\n[")
        .skip(1)
        .filter_map(|part| part.split_once("]\n"));
    let section = |(title, names): (&'static str, &'static str)| Section {
        title,
        answers: names
            .split_whitespace()
            .map(|name| (name, asked.after(title, name)))
            .collect(),
    };
    parts.map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_has_is_missing_everywhere() {
        let (modules, command) = (catalog::built_in(), Cli::command());
        let asked = Asked {
            catalog: &modules,
            command: &command,
        };
        for section in sections() {
            let name = match section.title {
                "Loops" => "with_nosuch",
                "Options" => "--nosuch-thing",
                _ => "nosuch_thing",
            };
            let answer = asked.after(section.title, name);
            assert_eq!(answer, Answer::Missing, "{}: {name}", section.title);
        }
    }

    #[test]
    fn what_is_refused_is_not_claimed() {
        let sections = sections();
        let missing = |title: &str| {
            let section = sections.iter().find(|section| section.title == title).unwrap();
            section.with(Answer::Missing)
        };
        assert!(missing("Options").is_empty());
        assert!(missing("Keywords of a task").is_empty());
        assert!(missing("Keywords of a role").is_empty());
        assert!(missing("Meta tasks").is_empty());
    }
}
