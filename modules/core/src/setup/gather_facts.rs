//! `gather_facts`: another name of `setup`, by which plays call it themselves.

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::Setup;
use crate::settled::Never;

/// The `gather_facts` module.
#[derive(Clone, Copy, Debug)]
pub struct GatherFacts;

/// Finds out facts about the host and keeps them as `ansible_facts`, as the play itself does at its beginning.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// Which groups of facts: `all` (default), `min`, `hardware`, `network`, `virtual`, or single ones; `!` before a word leaves it out.
    gather_subset: Vec<String>,
    /// Only facts whose name matches one of these patterns, with or without `ansible_`.
    filter: Vec<String>,
    /// Accepted for the sake of existing playbooks; the task's `timeout` bounds the whole.
    gather_timeout: Option<u64>,
    /// The folder of the host's own facts, `*.fact`. Default: `/etc/ansible/facts.d`.
    fact_path: Option<String>,
    /// Accepted for the sake of existing playbooks: one module gathers all there is.
    parallel: Option<bool>,
}

impl Args {
    fn of_setup(&self) -> super::Args {
        super::Args {
            gather_subset: self.gather_subset.clone(),
            filter: self.filter.clone(),
            gather_timeout: self.gather_timeout,
            fact_path: self.fact_path.clone(),
        }
    }
}

impl Module for GatherFacts {
    const NAME: &'static str = "gather_facts";
    type Args = Args;
    type Facts = Map<String, Json>;
    type Change = Never;

    fn traits(&self) -> Traits {
        Setup.traits()
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Self::Facts, Failure> {
        Setup.look(&args.of_setup(), reach).await
    }

    fn plan(&self, args: &Args, facts: &Self::Facts) -> Result<Plan<Never>, Failure> {
        Setup.plan(&args.of_setup(), facts)
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Self::Facts,
        change: &Never,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        match *change {}
    }
}
