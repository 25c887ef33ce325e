//! `vars_files` of a play.

use std::path::PathBuf;
use std::sync::Arc;

use super::directives::Variables;
use super::fields::Fields;
use super::inclusion::looked_in;
use super::model::VarsFile;
use super::reading::Reading;
use crate::diagnose::Diagnostic;
use crate::files;
use crate::scope::{Layer, Rank};
use crate::yaml::{Kind, Node};

/// A file, or a list whose members are files or lists of which the first that
/// exists is read. What is known before any host is, is read now.
pub(super) fn read(reading: &mut Reading<'_>, fields: &mut Fields<'_>) -> Vec<VarsFile> {
    let Some(entry) = fields.entry("vars_files").filter(|entry| !entry.value.is_null()) else {
        return Vec::new();
    };
    let node = &entry.value;
    let members = match &node.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    };
    let mut read = Vec::new();
    for member in members {
        let choices = reading.texts("`vars_files`", member);
        let Some(one) = first_of(reading, choices) else {
            continue;
        };
        if let VarsFile::Read(layer) = &one {
            reading.around.layers.push(layer.clone());
        }
        read.push(one);
    }
    read
}

fn first_of(reading: &mut Reading<'_>, choices: Vec<Node>) -> Option<VarsFile> {
    let place = choices.first()?.place.clone();
    let render = |choice: &Node| {
        let early = reading.is_known_early(choice).then_some(choice)?;
        reading.render_early(early, &Variables::default()).ok()
    };
    let names: Option<Vec<String>> = choices.iter().map(render).collect();
    let Some(names) = names else {
        return Some(VarsFile::Later(choices));
    };
    let candidates: Vec<PathBuf> = names.iter().flat_map(|name| candidates(reading, name)).collect();
    let Some(path) = reading.first_file(candidates.iter().cloned()) else {
        let message = match names.as_slice() {
            [name] => format!("there is no file `{name}`; it is left out"),
            _ => "none of these files is there; they are left out".to_owned(),
        };
        reading.fault(Diagnostic::warning("no-such-file", &place, message).help(looked_in(&candidates)));
        return None;
    };
    let variables = reading.variables_of(&path, Some(&place))?;
    let layer = Layer::written(Rank::VarsFiles, path.display().to_string(), &variables);
    Some(VarsFile::Read(Arc::new(layer)))
}

/// Where a file of variables of a play may be, nearest first.
pub(super) fn candidates(reading: &Reading<'_>, name: &str) -> [PathBuf; 2] {
    let folder = &reading.around.folder;
    [files::join(&folder.join("vars"), name), files::join(folder, name)]
}
