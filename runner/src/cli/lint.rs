//! `cutover lint`.

use cutover_language::diagnose::any_error;
use cutover_language::lint::{self, Knowing, RULES};
use cutover_language::playbook::Task;
use cutover_language::render;
use cutover_language::{Diagnostic, Node, Severity};
use serde::Serialize;

use super::fault::Fault;
use super::options::PlayArgs;
use super::start::Session;
use super::ui;
use crate::exit::Exit;
use crate::run::{Chosen, Run};

/// Say what is wrong or will surprise somebody, without running anything
///
/// Files are read and checked as a run would read and check them, so that an inventory is needed; then come
/// the rules of style and safety. Nothing is dialled. docs/lint.md lists every kind of finding.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    play: PlayArgs,

    /// How findings are shown: with their source lines, or as a line of JSON each.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// With source lines, hints and a count.
    #[default]
    Text,
    /// A line of JSON for each finding.
    Json,
}

/// Exit codes: 0 where nothing stops a run, 1 where warnings do not pass (`--strict`), 4 where something is wrong.
pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let strict = args.play.run.strict;
    let mut session = Session::of(&args.play, "lint")?;
    session.strict = false;
    let found = match session.look() {
        Ok(run) => of_run(&run),
        Err(fault) => fault.findings()?,
    };
    ui::print(&match args.format {
        Format::Text => text(&found),
        Format::Json => found.iter().map(json).collect(),
    });
    Ok(match () {
        () if any_error(&found) => Exit::INVALID,
        () if strict && !found.is_empty() => Exit::Error,
        () => Exit::Done,
    })
}

/// What the check warns of, and what the rules say.
fn of_run(run: &Run) -> Vec<Diagnostic> {
    let mut found = run.warnings().to_vec();
    for chosen in run.plays() {
        found.extend(lint::lint(&chosen.play, &Known { run, chosen }));
    }
    found.sort_by_key(|fault| {
        let place = fault.place.as_ref();
        place.map(|place| (place.source.path().to_owned(), place.line, place.column))
    });
    found.dedup();
    found
}

/// What a run knows of one of its plays.
struct Known<'a> {
    run: &'a Run,
    chosen: &'a Chosen,
}

impl Knowing for Known<'_> {
    fn is_disruptive(&self, task: &Task) -> bool {
        self.run.is_disruptive(self.chosen, task)
    }

    fn tags(&self, tags: &[Node]) -> Vec<String> {
        self.run.tags(self.chosen, tags)
    }
}

fn text(found: &[Diagnostic]) -> String {
    let look = if console::colors_enabled() {
        render::Look::Coloured
    } else {
        render::Look::Plain
    };
    let mut text: String = found
        .iter()
        .map(|fault| format!("{}\n\n", render::render(fault, look)))
        .collect();
    let count = |severity| found.iter().filter(|fault| fault.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    text.push_str(&match (errors, warnings) {
        (0, 0) => "nothing found\n".to_owned(),
        _ => format!(
            "{}, {}\n",
            crate::report::words::count(errors, "error"),
            crate::report::words::count(warnings, "warning")
        ),
    });
    text
}

/// A finding as others read it; `docs/lint.md` describes the members.
#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<&'a str>,
}

fn json(fault: &Diagnostic) -> String {
    let place = fault.place.as_ref();
    let finding = Finding {
        code: fault.code,
        severity: match fault.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &fault.message,
        path: place.map(|place| place.source.path()),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        help: fault.help.as_deref(),
    };
    serde_json::to_string(&finding).unwrap_or_default() + "\n"
}

/// The list of all rules; `docs/lint.md` is this text.
pub(super) fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    for rule in RULES {
        text.push_str(&format!("| `{}` | {} |\n", rule.code, rule.finds));
    }
    text
}

const INTRODUCTION: &str = "\
# Lint

Made from the rules themselves by `cutover manual lint > docs/lint.md`.

`cutover lint PLAYBOOK... -i INVENTORY` reads and checks files as a run would, dials nobody, and applies the rules
below. It ends with 0 where nothing stops a run, with 1 where there are warnings and `--strict` was given, and with
4 where something is wrong.

`--format json` writes one JSON object a line, in the order of the files:

| member | meaning |
|---|---|
| `code` | the kind of finding, from the list below; it stays the same from release to release |
| `severity` | `error`: nothing would run; `warning`: it works, and is probably not what was meant |
| `message` | what is wrong, in one sentence; secrets are masked |
| `path`, `line`, `column` | where, from 1, columns in characters; `null` where it stands in no text |
| `help` | what would have been right, or `null` |

| code | finds |
|---|---|
";
