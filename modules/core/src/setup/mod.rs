//! `setup`: what there is to know about a host, found with nothing but its shell, in one round trip.

mod gather_facts;
mod hardware;
mod identity;
mod local;
mod network;
mod sections;
mod subset;
mod system;

use cutover_kit::{Failure, FailureKind, Module, Plan, Platform, Reach, Read, Traits, Value, Write};
use globset::GlobBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::posix::Posix;
use crate::process::quote;
use crate::settled::Never;
use sections::Sections;
use subset::{Group, Wanted};

pub use gather_facts::GatherFacts;

/// The `setup` module.
#[derive(Clone, Copy, Debug)]
pub struct Setup;

/// Finds out facts about the host and keeps them as `ansible_facts`. The host needs a POSIX shell and no Python.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// Which groups of facts: `all` (default), `min`, `hardware`, `network`, `virtual`, or single ones such as `distribution`; `!` before a word leaves it out.
    gather_subset: Vec<String>,
    /// Only facts whose name matches one of these patterns, with or without `ansible_`.
    filter: Vec<String>,
    /// Accepted for the sake of existing playbooks; the task's `timeout` bounds the whole.
    gather_timeout: Option<u64>,
    /// The folder of the host's own facts, `*.fact`. Default: `/etc/ansible/facts.d`.
    fact_path: Option<String>,
}

const SCRIPT: &str = include_str!("gather.sh");
const FACT_PATH: &str = "/etc/ansible/facts.d";

impl Module for Setup {
    const NAME: &'static str = "setup";
    type Args = Args;
    type Facts = Map<String, Json>;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            usual: "1 s",
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Self::Facts, Failure> {
        let wanted = Wanted::of(&args.gather_subset)?;
        let reader = reach.reader::<Posix>(&reach.host().name).await?;
        let executed = reader.look(&script(args, &wanted), None).await?;
        let said = String::from_utf8_lossy(&executed.stdout);
        let sections = Sections::read(&said);
        if !sections.is_whole() {
            let complaint = String::from_utf8_lossy(&executed.stderr);
            let failure = Failure::new(
                FailureKind::Task,
                "the host's shell did not gather its facts to the end",
            );
            return Err(failure.seen_all(complaint.lines()));
        }
        let mut own = Map::new();
        own.insert("local".into(), local::facts(&sections, args.folder()));
        let found = [
            (Group::Min, system::facts(&sections)),
            (Group::Min, identity::facts(&sections)),
            (Group::Min, own),
            (Group::Network, network::facts(&sections)),
            (Group::Hardware, hardware::facts(&sections)),
            (Group::Virtual, hardware::virtualization(&sections)),
        ];
        let found = found.into_iter().filter(|(group, _)| wanted.has(*group));
        let facts = found
            .flat_map(|(group, facts)| facts.into_iter().map(move |(name, value)| (group, name, value)))
            .filter(|(group, name, _)| wanted.keeps(*group, name))
            .map(|(_, name, value)| (name, value))
            .collect();
        chosen(facts, &args.filter, &wanted)
    }

    fn plan(&self, _args: &Args, facts: &Self::Facts) -> Result<Plan<Never>, Failure> {
        let facts = Value::from(Json::Object(facts.clone()));
        Ok(Plan::nothing("it only looks").with(crate::fields([("ansible_facts", facts)])))
    }

    async fn apply(
        &self,
        _args: &Args,
        _facts: &Self::Facts,
        change: &Never,
        _reach: &Reach<Write>,
    ) -> Result<cutover_kit::Applied, Failure> {
        match *change {}
    }
}

impl Args {
    /// Where the host's own facts are.
    fn folder(&self) -> &str {
        self.fact_path.as_deref().unwrap_or(FACT_PATH)
    }
}

fn script(args: &Args, wanted: &Wanted) -> String {
    let switch = |name: &str, group: Group| {
        let value = if wanted.has(group) { "yes" } else { "" };
        format!("{name}={value}\n")
    };
    [
        "# gather facts\n".to_owned(),
        switch("network", Group::Network),
        switch("hardware", Group::Hardware),
        switch("virtual", Group::Virtual),
        format!("fact_path={}\n", quote(args.folder())),
        SCRIPT.to_owned(),
    ]
    .concat()
}

/// The facts that the patterns name, with the prefix that results have.
fn chosen(
    facts: Map<String, Json>,
    filter: &[String],
    wanted: &Wanted,
) -> Result<Map<String, Json>, Failure> {
    let filter: Vec<_> = filter.iter().filter(|pattern| !pattern.is_empty()).collect();
    let mut matchers = Vec::new();
    for pattern in &filter {
        let glob = GlobBuilder::new(pattern)
            .build()
            .map_err(|error| Failure::new(FailureKind::Arguments, format!("filter: {error}")))?;
        matchers.push(glob.compile_matcher());
    }
    let mut chosen = Map::new();
    for (name, value) in facts {
        let long = format!("ansible_{name}");
        let fits = |matcher: &globset::GlobMatcher| matcher.is_match(&name) || matcher.is_match(&long);
        if matchers.is_empty() || matchers.iter().any(fits) {
            chosen.insert(long, value);
        }
    }
    if matchers.is_empty() {
        chosen.insert("gather_subset".into(), wanted.written().into());
        chosen.insert("module_setup".into(), true.into());
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests;
