//! Figures as Markdown.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Several measurements of one thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The smallest.
    pub(crate) least: f64,
    /// The one in the middle.
    pub(crate) median: f64,
    /// The largest.
    pub(crate) most: f64,
}

impl Spread {
    /// Of `values`, of which there is at least one.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self {
            least: values[0],
            median: f64::midpoint(values[last / 2], values[last.div_ceil(2)]),
            most: values[last],
        }
    }

    /// `median (least–most)`, each with `digits` after the point.
    pub(crate) fn shown(&self, digits: usize) -> String {
        let Self { least, median, most } = self;
        format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
    }
}

/// Megabytes (10⁶ bytes).
pub(crate) fn megabytes(bytes: u64) -> f64 {
    // No memory is large enough for the difference to show.
    bytes as f64 / 1e6
}

/// A Markdown table; the first column is text, the others are figures.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = line(head.iter().copied());
    text += &line((0..head.len()).map(|column| if column == 0 { "---" } else { "---:" }));
    for row in rows {
        text += &line(row.iter().map(String::as_str));
    }
    text
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// Puts the section `title` into the page at `file`, in place of the one of that
/// title if there is one. A relative path starts at the repository's root.
///
/// # Errors
/// Where the page cannot be written.
pub(crate) fn save(file: &Path, title: &str, body: &str) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let page = fs::read_to_string(&file).unwrap_or_else(|_| INTRODUCTION.to_owned());
    let head = format!("## {title}\n");
    let before = page.split(&head).next().unwrap_or_default();
    let after = page
        .split_once(&head)
        .and_then(|(_, rest)| rest.find("\n## ").map(|at| &rest[at..]));
    let text = format!(
        "{}\n\n{head}\n{}\n{}",
        before.trim_end(),
        body.trim_end(),
        after.unwrap_or_default()
    );
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

const INTRODUCTION: &str = "\
# Benchmarks

Written by `cargo bench -p cutover --bench fleet -- --save docs/benchmarks.md` and the same with
`--bench twins`. Ratios carry over to other machines, times do not.
";

/// The day and the kind of machine.
pub(crate) fn circumstances() -> String {
    let first = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':'))
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = first("/proc/meminfo", "MemTotal");
    let memory = memory.trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024;
    format!(
        "Measured on {} on {processors} × {}, {:.0} GB.\n",
        jiff::Zoned::now().date(),
        first("/proc/cpuinfo", "model name"),
        megabytes(memory) / 1e3,
    )
}
