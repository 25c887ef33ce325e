//! The format of `ansible.cfg`: sections, `key = value` or `key: value`,
//! comments with `#` or `;`, values that go on in lines that stand deeper than their name.

use std::sync::Arc;

use cutover_language::{Diagnostic, Place, Source};

/// One setting of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) section: String,
    /// In small letters.
    pub(super) key: String,
    pub(super) value: String,
    pub(super) place: Place,
}

/// All settings of a file, or every line that is none.
pub(super) fn parse(source: &Arc<Source>) -> Result<Vec<Line>, Vec<Diagnostic>> {
    let mut lines: Vec<Line> = Vec::new();
    let mut faults = Vec::new();
    let mut section: Option<String> = None;
    // How deep the setting stands whose value may go on.
    let mut open: Option<usize> = None;
    let mut start = 0;
    for whole in source.text().split_inclusive('\n') {
        let begin = start;
        start += whole.len();
        let text = whole.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        let indent = whole.len() - whole.trim_start().len();
        let place = source.place(begin + indent..begin + indent + text.len());
        let text = plain(text);
        if let (Some(depth), Some(last)) = (open, lines.last_mut())
            && indent > depth
        {
            last.value.push('\n');
            last.value.push_str(text);
            continue;
        }
        open = None;
        let heading = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        match (heading, text.split_once(['=', ':']), &section) {
            (Some(heading), ..) => section = Some(heading.trim().to_owned()),
            (None, Some((key, value)), Some(section)) => {
                open = Some(indent);
                lines.push(Line {
                    section: section.clone(),
                    key: key.trim().to_lowercase(),
                    value: value.trim().to_owned(),
                    place,
                });
            }
            (None, _, None) => faults.push(
                Diagnostic::error("setting", &place, "this stands in no section")
                    .help("begin the file with `[defaults]`"),
            ),
            (None, None, Some(_)) => faults.push(
                Diagnostic::error("setting", &place, "this is no setting").help("write `name = value`"),
            ),
        }
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

/// A value without the comment that `;` begins after white space.
fn plain(value: &str) -> &str {
    let comment = value.match_indices(';').find(|(at, _)| {
        let before = value[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace)
    });
    let end = comment.map_or(value.len(), |(at, _)| at);
    value[..end].trim()
}
