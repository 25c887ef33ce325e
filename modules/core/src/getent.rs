//! `getent`: looks a key up in a database of the host's (`passwd`, `hosts`, ...).

use cutover_kit::{
    Applied, Failure, FailureKind, Map, Module, Plan, Platform, Reach, Read, Traits, Value, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::process::quote;
use crate::settled::Never;
use crate::steps::{ask, text};

/// The `getent` module.
#[derive(Clone, Copy, Debug)]
pub struct Getent;

/// Looks a key up in a database of the host's and keeps it as a fact, `getent_` and the database's name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// `passwd`, `group`, `hosts`, `services`, ...
    database: String,
    /// The key; without one all of the database, where it can be listed.
    #[serde(default)]
    key: Option<String>,
    /// Whether a key that is not there fails the task. Default: yes.
    #[serde(default)]
    fail_key: Option<bool>,
    /// Which service of the name switch to ask, such as `files`.
    #[serde(default)]
    service: Option<String>,
    /// What separates the fields. Default: a colon in `passwd`, `shadow`, `group` and `gshadow`, else blanks.
    #[serde(default)]
    split: Option<String>,
}

impl Module for Getent {
    const NAME: &'static str = "getent";
    type Args = Args;
    type Facts = Map;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Map, Failure> {
        let service = args.service.as_ref().map(|it| format!("-s {} ", quote(it)));
        let key = args.key.as_deref().map(quote).unwrap_or_default();
        let line = format!(
            "getent {}{} {key}",
            service.unwrap_or_default(),
            quote(&args.database)
        );
        let executed = ask(&line, reach).await?;
        let failed = |message: &str| Err(Failure::new(FailureKind::Task, message));
        match executed.status {
            Some(0) => Ok(entries(args, &text(&executed.stdout))),
            Some(1) => failed("Missing arguments, or database unknown."),
            Some(2) if args.fail_key.unwrap_or(true) => {
                failed("One or more supplied key could not be found in the database.")
            }
            Some(2) => Ok(args.key.iter().map(|key| (key.clone(), Value::Null)).collect()),
            Some(3) => failed("Enumeration not supported on this database."),
            _ => failed("Unexpected failure!")
                .map_err(|failure| failure.seen_all(text(&executed.stderr).lines())),
        }
    }

    fn plan(&self, args: &Args, facts: &Map) -> Result<Plan<Never>, Failure> {
        let name = format!("getent_{}", args.database);
        let facts = Value::map([(name, Value::Map(facts.clone()))]);
        Ok(Plan::nothing("it only looks").with(crate::fields([("ansible_facts", facts)])))
    }

    async fn apply(&self, _: &Args, _: &Map, change: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *change {}
    }
}

/// Each line by its first field.
fn entries(args: &Args, said: &str) -> Map {
    let colon = ["passwd", "shadow", "group", "gshadow"].contains(&args.database.as_str());
    let split = args.split.as_deref().or(colon.then_some(":"));
    let fields = |line: &str| -> Vec<String> {
        match split {
            Some(split) => line.split(split).map(str::to_owned).collect(),
            None => line.split_whitespace().map(str::to_owned).collect(),
        }
    };
    let lines = said.lines().map(fields).filter(|fields| !fields.is_empty());
    let entry = |mut fields: Vec<String>| {
        let name = fields.remove(0);
        (name, Value::from(fields))
    };
    lines.map(entry).collect()
}
