//! A case: a playbook with what its head says of it, and what was recorded.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// What is known of the difference between the two programs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `# differs: reason`: on purpose. What ours says stands in `.ours`.
    Differs,
    /// `# not-yet: reason`: it has to fail until the mark is removed.
    NotYet,
    /// Both do the same.
    Same,
}

/// A case as its file describes it.
pub(crate) struct Case {
    /// The playbook.
    pub(crate) path: PathBuf,
    /// `# args:`, the command's words besides the playbook.
    pub(crate) args: Vec<String>,
    /// `# env:`, names and values.
    pub(crate) env: Vec<(String, String)>,
    /// `# differs:` or `# not-yet:`.
    pub(crate) mark: Mark,
}

impl Case {
    /// Reads the head of the playbook: the comment lines before anything else.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let mut case = Self {
            path: path.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            mark: Mark::Same,
        };
        let head = text.lines().map_while(|line| line.strip_prefix('#'));
        for (key, value) in head.filter_map(|line| line.split_once(':')) {
            match key.trim() {
                "args" => case.args = shell_words::split(value)?,
                "env" => case.env = variables(value)?,
                "differs" => case.mark = Mark::Differs,
                "not-yet" => case.mark = Mark::NotYet,
                _ => {}
            }
        }
        Ok(case)
    }

    /// The folder with the inventory, roles and files of this case, where it has one.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        Some(self.path.with_extension("")).filter(|folder| folder.is_dir())
    }

    /// What was recorded of ansible-playbook.
    pub(crate) fn expected(&self) -> anyhow::Result<Ended> {
        Ended::read(&self.path.with_extension("expected"))
            .context("there is no recording: run tests/ansible/record.py --missing")
    }

    /// The reviewed output of ours, of a case that differs on purpose.
    pub(crate) fn ours(&self) -> PathBuf {
        self.path.with_extension("ours")
    }
}

fn variables(words: &str) -> anyhow::Result<Vec<(String, String)>> {
    let pair = |word: String| {
        let (name, value) = word.split_once('=').context("`# env:` holds NAME=VALUE")?;
        Ok((name.to_owned(), value.to_owned()))
    };
    shell_words::split(words)?.into_iter().map(pair).collect()
}

/// How a program ended, in the form of a recording: its name, the exit code, the beginnings of
/// warnings and errors, `---`, and the standard output.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Ended {
    /// The exit code, as the recording has it: `exit 0`.
    pub(crate) code: String,
    /// Whether it warned beside its output.
    pub(crate) warned: bool,
    /// Whether it told of an error beside its output.
    pub(crate) erred: bool,
    /// The standard output.
    pub(crate) out: String,
}

impl Ended {
    /// A crash or a signal is no behaviour to compare with, whatever a mark says.
    pub(crate) fn ended_by_itself(&self, what: &str) -> anyhow::Result<()> {
        let crashed = ["exit 250", "exit -1"].contains(&self.code.as_str());
        anyhow::ensure!(!crashed, "{what} crashed: {}", self.code);
        Ok(())
    }

    /// Reads a recording.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let (head, out) = text.split_once("---\n").context("a recording holds `---`")?;
        let mut lines = head.lines().skip(1);
        let code = lines
            .next()
            .context("a recording names the exit code")?
            .to_owned();
        let said: Vec<&str> = lines.collect();
        Ok(Self {
            code,
            warned: said.iter().any(|line| line.starts_with("WARNING")),
            erred: said
                .iter()
                .any(|line| line.starts_with("ERROR") || line.starts_with("ansible-playbook")),
            out: out.to_owned(),
        })
    }
}
