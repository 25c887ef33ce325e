//! Manuals of modules, made from their schemas and traits: one definition, two
//! faces (the terminal and `docs/modules.md`).

use cutover_kit::AnyModule;
use cutover_kit::args::aliases;
use cutover_kit::module::{Effects, Repeat};
use serde_json::Value as Json;

use crate::run::Modules;

/// What a manual says of one argument.
struct Argument {
    name: String,
    kind: String,
    required: bool,
    default: Option<String>,
    text: String,
}

/// What a manual says of a module.
struct Manual {
    name: &'static str,
    summary: String,
    more: String,
    arguments: Vec<Argument>,
    facts: Vec<(&'static str, String)>,
}

/// One line per module.
pub(super) fn list(modules: &Modules) -> String {
    let manuals: Vec<Manual> = modules.iter().map(Manual::of).collect();
    let width = manuals.iter().map(|manual| manual.name.len()).max().unwrap_or(0);
    manuals
        .iter()
        .map(|manual| format!("{:width$}  {}\n", manual.name, manual.summary))
        .collect()
}

/// The manual of one module for a terminal.
pub(super) fn page(module: &'static dyn AnyModule) -> String {
    let manual = Manual::of(module);
    let mut text = format!("{}: {}\n", manual.name, manual.summary);
    if !manual.more.is_empty() {
        text.push_str(&format!("\n{}\n", manual.more));
    }
    if !manual.arguments.is_empty() {
        text.push_str("\nARGUMENTS\n");
    }
    for argument in &manual.arguments {
        text.push_str(&format!("  {} ({})\n", argument.name, argument.notes()));
        for line in argument.text.lines() {
            text.push_str(&format!("      {line}\n"));
        }
    }
    text.push('\n');
    for (name, fact) in &manual.facts {
        text.push_str(&format!("{name}: {fact}\n"));
    }
    text
}

/// All manuals as one Markdown page; `docs/modules.md` is this text.
pub fn reference(modules: &Modules) -> String {
    let mut text = String::from(
        "# Modules\n\nMade from the modules' own schemas by `cutover modules --markdown > docs/modules.md`.\n",
    );
    for module in modules.iter() {
        let manual = Manual::of(module);
        text.push_str(&format!("\n## {}\n\n{}\n", manual.name, manual.summary));
        if !manual.more.is_empty() {
            text.push_str(&format!("\n{}\n", manual.more));
        }
        if !manual.arguments.is_empty() {
            text.push_str("\n| argument | | meaning |\n|---|---|---|\n");
        }
        for argument in &manual.arguments {
            let meaning = argument.text.replace('\n', " ").replace('|', "\\|");
            let notes = argument.notes().replace('|', "\\|");
            text.push_str(&format!("| `{}` | {notes} | {meaning} |\n", argument.name));
        }
        text.push('\n');
        for (name, fact) in &manual.facts {
            text.push_str(&format!("- {name}: {fact}\n"));
        }
    }
    text
}

impl Manual {
    fn of(module: &'static dyn AnyModule) -> Self {
        let schema = module.schema();
        let description = schema["description"].as_str().unwrap_or_default();
        let (summary, more) = description.split_once("\n\n").unwrap_or((description, ""));
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let arguments = schema["properties"].as_object().into_iter().flatten();
        let mut arguments: Vec<Argument> = arguments
            .map(|(name, schema)| Argument::of(name, schema, required.contains(&name.as_str())))
            .collect();
        arguments.sort_by_key(|argument| !argument.required);
        Self {
            name: module.name(),
            summary: summary.replace('\n', " "),
            more: more.to_owned(),
            arguments,
            facts: facts(module),
        }
    }
}

impl Argument {
    fn of(name: &str, schema: &Json, required: bool) -> Self {
        let default = schema.get("default").filter(|default| !default.is_null());
        Self {
            name: name.to_owned(),
            kind: kind(schema),
            required,
            default: default.map(Json::to_string),
            text: meaning(schema),
        }
    }

    /// `text, required` or `true or false, default false`.
    fn notes(&self) -> String {
        match &self.default {
            _ if self.required => format!("{}, required", self.kind),
            Some(default) => format!("{}, default {default}", self.kind),
            None => self.kind.clone(),
        }
    }
}

/// What an argument means, and what else it is called.
fn meaning(schema: &Json) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    let others: Vec<String> = aliases(schema).map(|name| format!("`{name}`")).collect();
    match others.is_empty() {
        true => text.to_owned(),
        false => format!("{text} Also called {}.", others.join(", ")),
    }
}

/// What may stand there, in words.
fn kind(schema: &Json) -> String {
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let kinds = choices.iter().map(kind).filter(|kind| kind != "nothing");
            return kinds.collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter(|word| !word.is_null()).map(spelt);
        return words.collect::<Vec<_>>().join(" or ");
    }
    if let Some(word) = schema.get("const") {
        return spelt(word);
    }
    match &schema["type"] {
        Json::String(one) => type_name(one, schema),
        Json::Array(many) => {
            let kinds = many.iter().filter_map(Json::as_str).filter(|one| *one != "null");
            kinds
                .map(|one| type_name(one, schema))
                .collect::<Vec<_>>()
                .join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn spelt(word: &Json) -> String {
    word.as_str()
        .map_or_else(|| word.to_string(), |word| format!("`{word}`"))
}

fn type_name(name: &str, schema: &Json) -> String {
    match name {
        "string" => "text".into(),
        "boolean" => "true or false".into(),
        "integer" => "a whole number".into(),
        "number" => "a number".into(),
        "null" => "nothing".into(),
        "array" => format!("a list of {}", kind(&schema["items"])),
        "object" => "a mapping".into(),
        other => other.into(),
    }
}

/// What an engineer wants to know before using it.
fn facts(module: &dyn AnyModule) -> Vec<(&'static str, String)> {
    let traits = module.traits();
    let platforms: Vec<&str> = traits.platforms.iter().map(|platform| platform.name()).collect();
    let platforms = if platforms.is_empty() {
        "any".to_owned()
    } else {
        platforms.join(", ")
    };
    let effects = match traits.effects {
        Effects::Nothing => "nothing: it only looks",
        Effects::Folders => "files of the work folder",
        Effects::Device => "the device it works on",
        Effects::Anything => "anything: it runs what the playbook says",
    };
    let repeat = match traits.repeat {
        Repeat::Safe => "done again",
        Repeat::Probe => "looked at first, and done again only where it has to be",
        Repeat::Never => "never done again: a person decides",
    };
    let mut facts = vec![
        ("Platforms", platforms),
        ("Changes", effects.to_owned()),
        ("Usually takes", traits.usual.to_owned()),
    ];
    if traits.effects != Effects::Nothing {
        facts.push(("After a lost connection", repeat.to_owned()));
    }
    if traits.collective {
        facts.push((
            "Collective",
            "one call stands for all hosts, and answers for each".to_owned(),
        ));
    }
    if let Some(name) = traits.free_form {
        facts.push(("Free form", format!("`{}: TEXT` fills `{name}`", module.name())));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn the_manual_of_a_module() {
        let module = catalog::built_in().find("pause").unwrap();
        insta::assert_snapshot!(page(module));
    }

    #[test]
    fn every_argument_has_a_kind() {
        for module in catalog::built_in().iter() {
            for argument in Manual::of(module).arguments {
                assert!(!argument.kind.is_empty(), "{} {}", module.name(), argument.name);
            }
        }
    }
}
