//! `cutover explain`.

use cutover_kit::{Secrets, Value};
use cutover_language::Variable;
use cutover_language::diagnose::nearest;
use cutover_language::scope::{Layer, Scope};

use super::fault::Fault;
use super::options::RunArgs;
use super::start::Session;
use super::ui;
use crate::exit::Exit;
use crate::reference;
use crate::report::json;
use crate::report::words::harmless;
use crate::run::{Chosen, Run, Terms};

/// Show a variable's value for a host, where it comes from, and what it overrides
///
/// With a playbook, as its plays see it; without one, as every play would begin. Without a variable, all of the
/// host's are shown. Nothing is dialled: facts and registered results are not there yet. Secrets are masked.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The variable, and playbooks to see it from. A name with a dot or a slash in it is a playbook.
    #[arg(value_name = "VARIABLE] [PLAYBOOK")]
    words: Vec<String>,

    /// The host.
    #[arg(long, value_name = "NAME")]
    host: String,

    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let is_playbook = |word: &&String| word.contains(['.', '/']);
    let (playbooks, names): (Vec<&String>, Vec<&String>) = args.words.iter().partition(is_playbook);
    if names.len() > 1 {
        let message = format!("`{}` is one variable too many", names[1]);
        return Err(Fault::new(Exit::Usage, message).hint("one at a time; without any, all are shown"));
    }
    let playbooks = playbooks.into_iter().cloned().collect();
    let run = Session::of_run(&args.run, "explain", playbooks)?.look()?;
    let hosts = run.variables().inventory();
    if hosts.host(&args.host).is_none() && args.host != "localhost" {
        let fault = Fault::error(format!("`{}` is not a host of the inventory", args.host));
        return Err(match nearest(&args.host, hosts.hosts()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("`cutover inventory --graph` shows them all"),
        });
    }
    let mut text = String::new();
    for (title, terms) in views(&run, &args.host)? {
        text.push_str(&title);
        text.push_str(&match names.first() {
            Some(name) => explained(name, &args.host, &terms)?,
            None => all(&terms),
        });
    }
    ui::print(&text);
    Ok(Exit::Done)
}

/// What the host sees in each play it takes part in, under a title where there are several.
fn views(run: &Run, host: &str) -> Result<Vec<(String, Terms)>, Fault> {
    if run.plays().is_empty() {
        return Ok(vec![(String::new(), run.terms(None, host))]);
    }
    let with_host = |chosen: &&Chosen| chosen.hosts.iter().any(|name| name == host);
    let plays: Vec<&Chosen> = run.plays().iter().filter(with_host).collect();
    if plays.is_empty() {
        return Err(Fault::error(format!("no play of the playbook is for `{host}`"))
            .hint("without a playbook its variables are shown as the inventory has them"));
    }
    let several = plays.len() > 1;
    Ok(plays
        .into_iter()
        .enumerate()
        .map(|(index, chosen)| {
            let gap = if index > 0 { "\n" } else { "" };
            let title = format!("{gap}in the play `{}`:\n", harmless(&chosen.play.title()));
            let title = if several { title } else { String::new() };
            (title, run.terms(Some(chosen), host))
        })
        .collect())
}

/// The value, and everything that sets it, the winner first and then what is merged with it.
fn explained(name: &str, host: &str, terms: &Terms) -> Result<String, Fault> {
    let scope = terms.scope();
    let settings: Vec<Row> = scope
        .every(name)
        .map(|(it, layer)| Row::of(name, it, layer))
        .collect();
    if settings.is_empty() {
        let fault = Fault::error(format!("nothing sets `{name}` for {host}"));
        return Err(match nearest(name, scope.names()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint(format!(
                "`cutover explain --host {host}` shows all of its variables"
            )),
        });
    }
    let value = match value(name, terms) {
        Ok(value) => format!("{name} of {host} is {value}\n"),
        Err(why) => format!("{name} of {host} cannot be rendered: {why}\n"),
    };
    let width = |of: fn(&Row) -> &str| settings.iter().map(|row| of(row).len()).max().unwrap_or(0);
    let makers = terms.makers(name);
    let roles = if makers > 1 {
        "merged with".len()
    } else {
        "overrides".len()
    };
    let (ranks, places) = (width(|row| &row.rank), width(|row| &row.place));
    let lines = settings.iter().enumerate().map(|(index, row)| {
        let role = match index {
            0 => "set by",
            _ if index < makers => "merged with",
            _ => "overrides",
        };
        let Row { rank, place, written } = row;
        format!("  {role:<roles$}  {rank:<ranks$}  {place:<places$}  {written}\n")
    });
    Ok(value + &lines.collect::<String>())
}

/// One line for each variable.
fn all(terms: &Terms) -> String {
    let scope: &Scope = terms.scope();
    let line = |name: &str| {
        let (variable, layer) = scope.get(name)?;
        let row = Row::of(name, variable, layer);
        let value = value(name, terms).unwrap_or(row.written);
        Some(format!("{name} = {value}  ({}, {})\n", row.rank, row.place))
    };
    scope.names().into_iter().filter_map(line).collect()
}

fn value(name: &str, terms: &Terms) -> Result<String, String> {
    match terms.variable(name) {
        Ok(value) => Ok(spelt(&value.map_or(Value::Null, |(value, _)| value))),
        Err(fault) => Err(harmless(&fault.message)),
    }
}

/// One setting of a variable.
struct Row {
    rank: String,
    place: String,
    written: String,
}

impl Row {
    fn of(name: &str, variable: &Variable, layer: &Layer) -> Self {
        let written = json::one_line(&super::written::variable(name, variable));
        let place = variable
            .place()
            .map_or_else(|| layer.origin.clone(), ToString::to_string);
        Self {
            rank: layer.rank.to_string(),
            place,
            written,
        }
    }
}

/// A value on one line, secrets masked.
fn spelt(value: &Value) -> String {
    json::one_line(&reference::reference(value, &Secrets::default()))
}
