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

/// What both programs have to print alike.
pub(crate) fn settled(text: &str) -> String {
    by_host(&without_own(text))
}

/// Leaves out what each program says in its own words. Ansible: why a task failed, in front of its
/// result (`[ERROR]: ...`, the place in the playbook, a blank line), and at `-v` which settings it found. cutover: the same indented
/// below a result, and what follows the recap.
fn without_own(text: &str) -> String {
    let (mut kept, mut within) = (String::new(), Within::Lines);
    for line in text.split_inclusive('\n') {
        within = within.at(line);
        let own = line == "No config file found; using defaults\n"
            || match within {
                Within::Reason => true,
                Within::Lines => line.starts_with("    "),
                Within::Json | Within::Diff => false,
                Within::Recap { over } => over,
            };
        if !own {
            kept.push_str(line);
        }
        within = within.after(line);
    }
    kept
}

/// What a line stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Lines,
    Json,
    Diff,
    Reason,
    Recap { over: bool },
}

impl Within {
    fn at(self, line: &str) -> Self {
        match self {
            Self::Reason | Self::Diff if RESULT.is_match(line) => Self::Lines,
            Self::Reason | Self::Json | Self::Diff => self,
            Self::Lines | Self::Recap { .. } if line.starts_with("[ERROR]: ") => Self::Reason,
            Self::Lines if line.starts_with("--- before") => Self::Diff,
            Self::Lines if line.starts_with("PLAY RECAP ") => Self::Recap { over: false },
            Self::Recap { over: true } if line == "\n" => Self::Lines,
            Self::Lines | Self::Recap { .. } => self,
        }
    }

    fn after(self, line: &str) -> Self {
        match self {
            Self::Lines if RESULT.is_match(line) && line.ends_with(" => {\n") => Self::Json,
            Self::Json if line.starts_with('}') => Self::Lines,
            Self::Recap { over: false } if line == "\n" => Self::Recap { over: true },
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
            (None, Some(last)) if line != "\n" || diff => last.1.push_str(line),
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
