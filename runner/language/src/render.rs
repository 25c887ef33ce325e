//! The one place where a [`Diagnostic`] becomes text.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use cutover_kit::secret::MASK;

use crate::diagnose::{Diagnostic, Note, Severity};
use crate::secrecy;
use crate::source::Place;

/// With or without colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Text only.
    Plain,
    /// ANSI colours.
    Coloured,
}

/// The fault with its source line, carets, notes and help.
pub fn render(diagnostic: &Diagnostic, look: Look) -> String {
    let renderer = match look {
        Look::Plain => Renderer::plain(),
        Look::Coloured => Renderer::styled(),
    };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for snippet in snippets(diagnostic) {
        group = group.element(snippet);
    }
    for note in diagnostic.notes.iter().filter(|note| note.place.is_none()) {
        group = group.element(Level::NOTE.message(&note.message));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// The fault in one line: `path:line:column: error: message; help`.
pub fn line(diagnostic: &Diagnostic) -> String {
    let place = diagnostic
        .place
        .as_ref()
        .map_or(String::new(), |place| format!("{place}: "));
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = diagnostic
        .help
        .as_ref()
        .map_or(String::new(), |help| format!("; {help}"));
    format!(
        "{place}{severity}[{}]: {}{help}",
        diagnostic.code, diagnostic.message
    )
}

/// One snippet for each file that the fault touches, its own first.
fn snippets(diagnostic: &Diagnostic) -> Vec<Snippet<'static, Annotation<'static>>> {
    let Some(main) = &diagnostic.place else {
        return Vec::new();
    };
    let mut files: Vec<Vec<Mark<'_>>> = vec![vec![Mark {
        place: main,
        label: None,
    }]];
    for note in &diagnostic.notes {
        let Note {
            message,
            place: Some(place),
        } = note
        else {
            continue;
        };
        let mark = Mark {
            place,
            label: Some(message),
        };
        match files
            .iter_mut()
            .find(|marks| marks[0].place.source.path() == place.source.path())
        {
            Some(marks) => marks.push(mark),
            None => files.push(vec![mark]),
        }
    }
    files.iter().map(|marks| snippet(marks)).collect()
}

/// A place to underline; the fault's own has no label.
struct Mark<'a> {
    place: &'a Place,
    label: Option<&'a String>,
}

fn snippet(marks: &[Mark<'_>]) -> Snippet<'static, Annotation<'static>> {
    let source = &marks[0].place.source;
    let first = marks.iter().map(|mark| mark.place.line).min().unwrap_or(1);
    let last = marks.iter().map(|mark| mark.place.line).max().unwrap_or(1);
    let start = source.line_range(first).start;
    let text = &source.text()[start..source.line_range(last).end];
    let annotations = marks.iter().map(|mark| {
        let range = underline(mark.place, start);
        match mark.label {
            None => AnnotationKind::Primary.span(range),
            Some(label) => AnnotationKind::Context.span(range).label(label.clone()),
        }
    });
    let shown = match source.is_sealed() {
        true => hide_all(text),
        false => hide_secrets(text),
    };
    Snippet::source(shown)
        .path(source.path().to_owned())
        .line_start(first)
        .annotations(annotations.collect::<Vec<_>>())
}

/// What to underline of a place: its first line, relative to `start`.
fn underline(place: &Place, start: usize) -> Range<usize> {
    let bytes = place.first_line().bytes();
    bytes.start - start..bytes.end - start
}

/// The text with every word blotted out, as wide as it was.
fn hide_all(text: &str) -> String {
    let hidden = |next: char| match next.is_whitespace() {
        true => next.to_string(),
        false => "*".repeat(next.len_utf8()),
    };
    text.chars().map(hidden).collect()
}

/// The text with the values of secret variables blotted out, every other
/// character where it was.
pub fn hide_secrets(text: &str) -> String {
    let hide = |line: &str| {
        secrecy::values_in_line(line)
            .into_iter()
            .rev()
            .fold(line.to_owned(), |mut line, value| {
                let hidden: String = MASK.chars().cycle().take(value.len()).collect();
                line.replace_range(value, &hidden);
                line
            })
    };
    text.split('\n').map(hide).collect::<Vec<_>>().join("\n")
}
