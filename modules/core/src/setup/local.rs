//! The host's own facts: `*.fact` files, JSON or INI.

use serde_json::{Map, Value as Json};

use super::sections::Sections;

/// What the script says where a fact that is a program fails.
const FAILED: &str = "@@failed";

/// `local`: each file by its name.
pub(super) fn facts(sections: &Sections<'_>) -> Json {
    let facts: Map<String, Json> = sections
        .all("local ")
        .map(|(name, lines)| (name.to_owned(), fact(lines)))
        .collect();
    facts.into()
}

fn fact(lines: &[&str]) -> Json {
    if lines.contains(&FAILED) {
        return "error loading fact - the program did not end well".into();
    }
    let text = lines.join("\n");
    serde_json::from_str(&text).unwrap_or_else(|_| {
        ini(lines).map_or_else(
            || "error loading facts as JSON or ini - please check content".into(),
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
