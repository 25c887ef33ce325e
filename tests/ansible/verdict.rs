//! Whether ours did what the recording says, and what to do where it did not.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use similar::{ChangeTag, TextDiff};

use crate::case::{Case, Ended, Mark};
use crate::ours;
use crate::text::{Whose, settled};

/// Runs one case and compares. `CUTOVER_ACCEPT=1` writes `.ours` of cases that differ.
pub(crate) fn judge(path: &Path) -> datatest_stable::Result<()> {
    let case = Case::read(path)?;
    let expected = case.expected()?;
    expected.ended_by_itself("the recording")?;
    let (found, err) = ours::run(&case)?;
    found
        .ended_by_itself("ours")
        .with_context(|| format!("standard error of ours:\n{err}"))?;
    let differences = differences(&expected, &found);
    match case.mark {
        Mark::Same if differences.is_empty() => Ok(()),
        Mark::Same => Err(format!("{differences}\nstandard error of ours:\n{err}").into()),
        Mark::NotYet if differences.is_empty() => Err("it passes: remove the mark `# not-yet:`".into()),
        Mark::NotYet => Ok(()),
        Mark::Differs if differences.is_empty() => {
            Err("nothing differs: remove the mark `# differs:`".into())
        }
        Mark::Differs => Ok(as_reviewed(&case, &found, &err)?),
    }
}

fn as_reviewed(case: &Case, found: &Ended, err: &str) -> anyhow::Result<()> {
    let text = format!(
        "cutover\n{}\n{err}---\n{}",
        found.code,
        settled(&found.out, Whose::Ours)
    );
    if std::env::var_os("CUTOVER_ACCEPT").is_some() {
        std::fs::write(case.ours(), &text)?;
    }
    let reviewed = std::fs::read_to_string(case.ours()).unwrap_or_default();
    let changes = changes(&reviewed, &text);
    anyhow::ensure!(
        changes.is_empty(),
        "not as reviewed (CUTOVER_ACCEPT=1 writes it anew):\n{changes}"
    );
    Ok(())
}

/// What ours did otherwise, as lines to read; empty where nothing is.
fn differences(expected: &Ended, found: &Ended) -> String {
    let mut told = String::new();
    if expected.code != found.code {
        told.push_str(&changes(&expected.code, &found.code));
    }
    if expected.erred && !found.erred {
        told.push_str("-an error on standard error\n");
    }
    if expected.warned && !found.warned {
        told.push_str("-a warning on standard error\n");
    }
    let expected = settled(&expected.out, Whose::Ansible);
    told + &changes(&expected, &settled(&found.out, Whose::Ours))
}

/// The lines that are different, each with its sign, with those around them.
fn changes(expected: &str, found: &str) -> String {
    let mut told = String::new();
    let diff = TextDiff::from_lines(expected, found);
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let line = change.value().strip_suffix('\n').unwrap_or(change.value());
            let _ = writeln!(told, "{sign}{line}");
        }
    }
    told
}
