//! The manual of the command line: `docs/commands.md` is this text.

use clap::{Arg, Command, CommandFactory};

use super::Cli;

/// Every verb with its arguments and options, as one Markdown page.
pub(super) fn reference() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut text = String::from(
        "# Commands\n\nMade from the command line itself by `cutover manual commands > docs/commands.md`.\n",
    );
    text.push_str(&format!("\n{}\n", about(&cli)));
    if let Some(after) = cli.get_after_help() {
        text.push_str(&format!("\n{after}\n"));
    }
    for verb in cli.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        text.push_str(&section(verb, "cutover", 2));
    }
    text
}

fn section(command: &Command, above: &str, depth: usize) -> String {
    let name = format!("{above} {}", command.get_name());
    let mut text = format!("\n{} {name}\n\n{}\n", "#".repeat(depth), about(command));
    let usage = command.clone().render_usage().to_string();
    text.push_str(&format!(
        "\n```text\n{}\n```\n",
        usage.trim_start_matches("Usage: ").trim()
    ));
    let shown: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    let (words, options): (Vec<&Arg>, Vec<&Arg>) = shown.into_iter().partition(|arg| arg.is_positional());
    let rows: String = words.iter().chain(&options).map(|arg| row(arg)).collect();
    if !rows.is_empty() {
        text.push_str(&format!("\n| option | meaning |\n|---|---|\n{rows}"));
    }
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        text.push_str(&section(verb, &name, depth + 1));
    }
    text
}

fn about(command: &Command) -> String {
    let about = command.get_long_about().or(command.get_about());
    about.map(ToString::to_string).unwrap_or_default()
}

/// `-l`, `--limit PATTERN` and what it means.
fn row(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default().join(" ");
    let takes = arg.get_action().takes_values();
    let mut names: Vec<String> = arg
        .get_short()
        .map(|short| format!("`-{short}`"))
        .into_iter()
        .collect();
    let long = arg.get_long().map(|long| match takes {
        true => format!("`--{long} {values}`"),
        false => format!("`--{long}`"),
    });
    names.extend(long);
    let aliases = arg.get_visible_aliases().unwrap_or_default();
    names.extend(aliases.iter().map(|alias| format!("`--{alias}`")));
    if names.is_empty() {
        names.push(format!("`{values}`"));
    }
    let mut meaning = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|choice| format!("`{}`", choice.get_name()))
        .collect();
    if takes && !choices.is_empty() {
        meaning.push_str(&format!(". One of {}", choices.join(", ")));
    }
    let defaults: Vec<_> = arg
        .get_default_values()
        .iter()
        .map(|it| it.to_string_lossy())
        .collect();
    if takes && !defaults.is_empty() {
        meaning.push_str(&format!(". Default: `{}`", defaults.join(", ")));
    }
    format!("| {} | {} |\n", names.join(", "), meaning.replace('|', "\\|"))
}
