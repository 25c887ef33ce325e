//! The host's own facts: `*.fact` files, JSON or INI.

use serde_json::{Map, Value as Json};

use super::sections::Sections;

/// What the script says of a program that fails: its exit status behind it, what it complained of below.
const FAILED: &str = "@@failed ";
/// What the script says of a link that leads nowhere, and of a file that cannot be read.
const DANGLING: &str = "@@dangling";
const UNREAD: &str = "@@unread";

/// `local`: each file of `folder` by its name.
pub(super) fn facts(sections: &Sections<'_>, folder: &str) -> Json {
    let path = |name: &str| format!("{}/{name}.fact", folder.trim_end_matches('/'));
    let facts: Map<String, Json> = sections
        .all("local ")
        .map(|(name, lines)| (name.to_owned(), fact(lines, &path(name))))
        .collect();
    facts.into()
}

fn fact(lines: &[&str], path: &str) -> Json {
    let failed = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, line.strip_prefix(FAILED)?)));
    if let Some((at, status)) = failed {
        let said = lines[at + 1..].join("\n");
        return format!("Failure executing fact script ({path}), rc: {status}, err: {said}").into();
    }
    match lines.first() {
        Some(&DANGLING) => return format!("Could not stat fact ({path}): it leads nowhere").into(),
        Some(&UNREAD) => return format!("error loading facts: {path} cannot be read").into(),
        _ => {}
    }
    let text = lines.join("\n");
    serde_json::from_str(&text).unwrap_or_else(|_| {
        ini(lines).map_or_else(
            || format!("error loading facts as JSON or ini - please check content: {path}").into(),
            Json::Object,
        )
    })
}

/// Sections of `name = value` lines. Names are in small letters, as Python reads them.
fn ini(lines: &[&str]) -> Option<Map<String, Json>> {
    let mut sections: Vec<(String, Map<String, Json>)> = Vec::new();
    for line in lines.iter().map(|line| line.trim()) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name.to_owned(), Map::new()));
            continue;
        }
        let (name, value) = line.split_once(['=', ':'])?;
        let (_, section) = sections.last_mut()?;
        section.insert(name.trim().to_lowercase(), value.trim().into());
    }
    let sections = sections.into_iter().map(|(name, section)| (name, section.into()));
    Some(sections.collect())
}
