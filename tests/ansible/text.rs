//! What is evened out before two outputs are compared; `README.md` says why.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// The rules, which `record.py` applies to what it records.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    include_str!("masks.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            line.split_once('\t')
                .expect("a rule is a pattern, a tab and what stands for it")
        })
        .map(|(pattern, by)| (Regex::new(pattern).expect("the pattern of a rule"), by))
        .collect()
});

/// The line of a result, with the host it is of.
static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    let words = "ok|changed|skipping|fatal|failed|FAILED - RETRYING";
    Regex::new(&format!(r"^(?:{words}): \[([^\]]+)\]")).expect("a pattern")
});

/// `text` without what differs from run to run.
pub(crate) fn masked(text: &str, place: &Path) -> String {
    let text = text.replace(&place.display().to_string(), "[PLACE]");
    MASKS.iter().fold(text, |text, (pattern, by)| {
        pattern.replace_all(&text, *by).into_owned()
    })
}

/// Which of the two programs printed a text: each has words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// ansible-playbook.
    Ansible,
    /// cutover.
    Ours,
}

/// What both programs have to print alike.
pub(crate) fn settled(text: &str, whose: Whose) -> String {
    by_host(&without_own(text, whose))
}

/// Leaves out what a program says in its own words. Ansible: why a task failed, in front of its
/// result (`[ERROR]: ...`, the place in the playbook, a blank line), and at `-v` which settings it
/// found. cutover: what stands indented below a result, and what follows the recap.
fn without_own(text: &str, whose: Whose) -> String {
    let (mut kept, mut within) = (String::new(), Within::Lines);
    for line in text.split_inclusive('\n') {
        within = within.at(line, whose);
        let settings = line == "No config file found; using defaults\n" && whose == Whose::Ansible;
        if !settings && !within.is_own() {
            kept.push_str(line);
        }
        within = within.after(line, whose);
    }
    kept
}

/// What a line stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Lines,
    Json,
    Diff,
    /// Ansible's words in front of a failed result.
    Reason,
    /// Our words below a result.
    Below,
    Recap,
    /// Our words after the recap.
    After,
}

impl Within {
    fn is_own(self) -> bool {
        matches!(self, Self::Reason | Self::Below | Self::After)
    }

    fn at(self, line: &str, whose: Whose) -> Self {
        match self {
            Self::Reason | Self::Diff if RESULT.is_match(line) => Self::Lines,
            Self::Below if line.starts_with("    ") => Self::Below,
            Self::After if line != "\n" => Self::After,
            Self::Lines | Self::Below | Self::After => match whose {
                Whose::Ansible if line.starts_with("[ERROR]: ") => Self::Reason,
                _ if line.starts_with("--- before") => Self::Diff,
                _ if line.starts_with("PLAY RECAP ") => Self::Recap,
                _ => Self::Lines,
            },
            other => other,
        }
    }

    fn after(self, line: &str, whose: Whose) -> Self {
        match self {
            Self::Lines if RESULT.is_match(line) && line.ends_with(" => {\n") => Self::Json,
            Self::Lines if RESULT.is_match(line) && whose == Whose::Ours => Self::Below,
            Self::Json if line.starts_with('}') && whose == Whose::Ours => Self::Below,
            Self::Json if line.starts_with('}') => Self::Lines,
            Self::Recap if line == "\n" && whose == Whose::Ours => Self::After,
            Self::Recap if line == "\n" => Self::Lines,
            other => other,
        }
    }
}

/// Results of one task by the names of their hosts: neither program promises an order.
fn by_host(text: &str) -> String {
    let mut sorted = String::new();
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut diff = false;
    for line in text.split_inclusive('\n') {
        let result = RESULT.captures(line).map(|found| {
            let who = &found[1];
            who.split(" -> ").next().unwrap_or(who).to_owned()
        });
        match (result, entries.last_mut()) {
            (Some(host), Some(last)) if diff => *last = (host, std::mem::take(&mut last.1) + line),
            (Some(host), _) => entries.push((host, line.to_owned())),
            (None, _) if line.starts_with("--- before") && !diff => {
                diff = true;
                entries.push((String::new(), line.to_owned()));
                continue;
            }
            // What is brought in is told after all results, whichever came last.
            (None, Some(last)) if line != "\n" && !line.starts_with("included: ") || diff => {
                last.1.push_str(line);
            }
            (None, _) => {
                settle(&mut entries, &mut sorted);
                sorted.push_str(line);
            }
        }
        diff = diff && !RESULT.is_match(line);
    }
    settle(&mut entries, &mut sorted);
    sorted
}

fn settle(entries: &mut Vec<(String, String)>, sorted: &mut String) {
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    sorted.extend(entries.drain(..).map(|(_, text)| text));
}
