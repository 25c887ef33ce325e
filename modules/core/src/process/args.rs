//! What a playbook may write for a process, and what it comes down to.

use cutover_kit::{Failure, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Asks, expand, line};
use crate::steps::misfit;

/// One process to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub(super) line: Line,
    pub(super) chdir: Option<String>,
    pub(super) creates: Option<String>,
    pub(super) removes: Option<String>,
    pub(super) stdin: Option<Secret>,
    /// Trailing line ends of the output are cut off.
    pub(super) strip: bool,
}

/// How the process is spelt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A program and its arguments.
    Words(Vec<String>),
    /// The same, with variables and home folders for the host's shell to fill in.
    Filled(Vec<String>),
    /// A line for this shell.
    Shell { shell: String, line: String },
    /// A line for whatever shell there is.
    Raw(String),
    /// A script that the line reads from its standard input, and how a person would write that.
    Script { line: String, shown: String },
}

impl Order {
    /// As a person would write it.
    pub(super) fn text(&self) -> String {
        match &self.line {
            Line::Words(words) | Line::Filled(words) => shell_words::join(words),
            Line::Shell { line, .. } | Line::Raw(line) => line.clone(),
            Line::Script { shown, .. } => shown.clone(),
        }
    }

    /// The line that the far side's shell is to read.
    pub(super) fn remote(&self) -> String {
        let command = match &self.line {
            Line::Words(words) => line(words),
            Line::Filled(words) => expand::line(words),
            Line::Shell { shell, line } => format!("{} -c {}", super::quote(shell), super::quote(line)),
            Line::Raw(line) => line.clone(),
            Line::Script { line, .. } => format!("{SHELL} -c {}", super::quote(line)),
        };
        match &self.chdir {
            Some(folder) => format!("cd {} && {command}", super::path(folder)),
            None => command,
        }
    }

    /// The words that start it on this machine.
    pub(super) fn local(&self) -> Vec<String> {
        let shell = |shell: &str, line: &str| vec![shell.to_owned(), "-c".to_owned(), line.to_owned()];
        match &self.line {
            Line::Words(words) => words.clone(),
            Line::Filled(words) => shell(SHELL, &format!("exec {}", expand::line(words))),
            Line::Shell { shell: path, line } => shell(path, line),
            Line::Raw(line) | Line::Script { line, .. } => shell(SHELL, line),
        }
    }
}

const SHELL: &str = "/bin/sh";

/// Runs a program with its arguments, without a shell: no pipes and no patterns. `$NAME`, `${NAME}` and a leading
/// `~` stand for what the host's environment has; one that is not set stays as it is written.
///
/// Arguments show in process lists; what is secret belongs into `stdin` or the task's `environment`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CommandArgs {
    /// The command as one text, split into words as a shell would. `command: uptime chdir=/tmp` is short for it.
    cmd: Option<String>,
    /// The command as a list of words, which nothing splits.
    argv: Option<Vec<String>>,
    /// Whether variables and `~` in the words are filled in. Default: yes.
    expand_argument_vars: Option<bool>,
    /// The folder to run it in.
    chdir: Option<String>,
    /// A file, or a pattern of files; where there is one already the command does not run.
    creates: Option<String>,
    /// A file, or a pattern of files; where there is none the command does not run.
    removes: Option<String>,
    /// What the command reads from its standard input.
    stdin: Option<Secret>,
    /// Whether `stdin` gets a line end added. Default: yes.
    stdin_add_newline: Option<bool>,
    /// Whether line ends at the end of the output are cut off. Default: yes.
    strip_empty_ends: Option<bool>,
}

/// Runs a line in a shell (`/bin/sh`), with pipes, variables and patterns.
///
/// The line shows in process lists; what is secret belongs into `stdin` or the task's `environment`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShellArgs {
    /// The line. `shell: uptime | tee up.txt chdir=/tmp` is short for it.
    cmd: Option<String>,
    /// Another shell, by its path.
    executable: Option<String>,
    /// The folder to run it in.
    chdir: Option<String>,
    /// A file, or a pattern of files; where there is one already the command does not run.
    creates: Option<String>,
    /// A file, or a pattern of files; where there is none the command does not run.
    removes: Option<String>,
    /// What the command reads from its standard input.
    stdin: Option<Secret>,
    /// Whether `stdin` gets a line end added. Default: yes.
    stdin_add_newline: Option<bool>,
}

/// Sends a line to whatever shell the host's account has, as it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawArgs {
    /// The line. `raw: uptime` is short for it.
    cmd: Option<String>,
    /// A shell to hand the line to, by its path.
    executable: Option<String>,
}

impl Asks for CommandArgs {
    const NAME: &'static str = "command";

    fn order(&self) -> Result<Order, Failure> {
        let words = match (&self.cmd, &self.argv) {
            (Some(_), Some(_)) => return Err(misfit("only one of cmd and argv can be given")),
            (Some(text), None) => {
                shell_words::split(text).map_err(|_| misfit(format!("a quote is never closed in: {text}")))?
            }
            (None, argv) => argv.clone().unwrap_or_default(),
        };
        if words.is_empty() {
            return Err(misfit("no command given"));
        }
        let fills = self.expand_argument_vars.unwrap_or(true) && expand::is_needed(&words);
        Ok(Order {
            line: match fills {
                true => Line::Filled(words),
                false => Line::Words(words),
            },
            chdir: self.chdir.clone(),
            creates: self.creates.clone(),
            removes: self.removes.clone(),
            stdin: stdin(self.stdin.as_ref(), self.stdin_add_newline),
            strip: self.strip_empty_ends.unwrap_or(true),
        })
    }
}

impl Asks for ShellArgs {
    const NAME: &'static str = "shell";

    fn order(&self) -> Result<Order, Failure> {
        let shell = self.executable.clone().unwrap_or_else(|| SHELL.to_owned());
        let line = text(self.cmd.as_deref())?;
        Ok(Order {
            line: Line::Shell { shell, line },
            chdir: self.chdir.clone(),
            creates: self.creates.clone(),
            removes: self.removes.clone(),
            stdin: stdin(self.stdin.as_ref(), self.stdin_add_newline),
            strip: true,
        })
    }
}

impl Asks for RawArgs {
    const NAME: &'static str = "raw";

    fn order(&self) -> Result<Order, Failure> {
        let line = text(self.cmd.as_deref())?;
        Ok(Order {
            line: match self.executable.clone() {
                Some(shell) => Line::Shell { shell, line },
                None => Line::Raw(line),
            },
            chdir: None,
            creates: None,
            removes: None,
            stdin: None,
            strip: false,
        })
    }
}

fn text(cmd: Option<&str>) -> Result<String, Failure> {
    let given = cmd.filter(|text| !text.trim().is_empty());
    given.map(str::to_owned).ok_or_else(|| misfit("no command given"))
}

fn stdin(given: Option<&Secret>, newline: Option<bool>) -> Option<Secret> {
    let given = given?;
    if newline.unwrap_or(true) && !given.expose().ends_with('\n') {
        let text = format!("{}\n", given.expose());
        return Some(Secret::new(text, given.origin().clone()));
    }
    Some(given.clone())
}
