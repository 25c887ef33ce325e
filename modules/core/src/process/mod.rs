//! `command`, `shell` and `raw`: a process on this machine or on a POSIX host.
//!
//! On this machine `command` needs no shell at all. Elsewhere every command is one round trip over
//! the connection that is kept for its host.

mod args;
mod expand;
pub(crate) mod job;
mod outcome;
mod place;
mod quote;
mod restarts;
mod script;

use std::marker::PhantomData;

use cutover_kit::estate::Host;
use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{Applied, Change, Failure, Later, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use args::{CommandArgs, RawArgs, ShellArgs};
pub(crate) use outcome::{moment, said};
pub use script::Script;

pub(crate) use quote::{line, path, pattern, quote};

use crate::steps::CHANGES;
use args::{Line, Order};
use place::Ran;
pub(crate) use place::{Found, find};

/// The `command` module: a program and its arguments, without a shell.
pub type Command = Process<CommandArgs>;
/// The `shell` module: a line for a shell.
pub type Shell = Process<ShellArgs>;
/// The `raw` module: a line for whatever shell the host's account has.
pub type Raw = Process<RawArgs>;

/// What runs is the site's own.
const TRAITS: Traits = Traits {
    repeat: Repeat::Never,
    effects: Effects::Anything,
    free_form: Some("cmd"),
    usual: "as long as the command takes",
    ..CHANGES
};

/// A module that runs what the site wrote.
#[derive(Clone, Copy, Debug)]
pub struct Process<A>(PhantomData<fn() -> A>);

impl<A> Process<A> {
    /// The module.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A> Default for Process<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// Arguments that come down to an order.
pub trait Asks: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The module's name.
    const NAME: &'static str;

    /// What exactly is to be done.
    fn order(&self) -> Result<Order, Failure>;
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    order: Order,
    /// `creates` or `removes` says that it was done before.
    done: Option<Done>,
    /// An earlier step will make the file that `creates` or `removes` asks for.
    later: Option<Later>,
}

impl Facts {
    /// What is to be done, by what is there and what an earlier step makes.
    async fn gathered(order: Order, reach: &Reach<Read>) -> Result<Self, Failure> {
        let (done, later) = done(&order, reach).await?;
        Ok(Self { order, done, later })
    }

    fn plan(&self) -> Plan<Run> {
        if let Some(later) = &self.later {
            return Plan::later(later.clone(), "whether and what is to run shows then");
        }
        match &self.done {
            Some(done) => Plan::nothing(outcome::why(done)).with(outcome::skipped(&self.order, done)),
            None => Plan::of(
                vec![Run(self.order.text())],
                "a command runs whenever it is asked for",
            ),
        }
    }
}

/// Which file says that nothing is left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Done {
    Exists(String),
    Missing(String),
}

/// Running it.
#[derive(Clone, Debug)]
pub struct Run(String);

impl Change for Run {
    fn describe(&self) -> String {
        format!("run {}", self.0)
    }
}

impl<A: Asks> Module for Process<A> {
    const NAME: &'static str = A::NAME;
    type Args = A;
    type Facts = Facts;
    type Change = Run;

    fn traits(&self) -> Traits {
        TRAITS
    }

    fn disruptive(&self, args: &A, _host: &Host) -> bool {
        match args.order().map(|order| order.line) {
            Ok(Line::Words(words) | Line::Filled(words)) => restarts::in_words(&words),
            Ok(Line::Shell { line, .. } | Line::Raw(line) | Line::Script { line, .. }) => {
                restarts::in_line(&line)
            }
            Err(_) => false,
        }
    }

    fn detaches(&self) -> bool {
        true
    }

    async fn look(&self, args: &A, reach: &Reach<Read>) -> Result<Facts, Failure> {
        Facts::gathered(args.order()?, reach).await
    }

    fn plan(&self, _args: &A, facts: &Facts) -> Result<Plan<Run>, Failure> {
        Ok(facts.plan())
    }

    async fn apply(
        &self,
        _args: &A,
        facts: &Facts,
        _change: &Run,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        finished(&facts.order, reach).await
    }
}

/// Runs it, and says what came of it.
async fn finished(order: &Order, reach: &Reach<Write>) -> Result<Applied, Failure> {
    let (started, from) = (reach.clock().now(), reach.clock().elapsed());
    let (executed, job) = match place::run(order, reach).await? {
        Ran::Ended(executed, job) => (executed, job),
        Ran::Left(fields) => {
            return Ok(Applied {
                fields,
                ..Applied::default()
            });
        }
    };
    let took = reach.clock().elapsed().saturating_sub(from);
    let mut applied = outcome::ran(order, &executed, [started, reach.clock().now()], took);
    applied.fields.extend(job.into_iter().flatten());
    Ok(applied)
}

async fn done(order: &Order, reach: &Reach<Read>) -> Result<(Option<Done>, Option<Later>), Failure> {
    let folder = order.chdir.as_deref();
    if let Some(pattern) = &order.creates {
        match find(pattern, folder, reach).await? {
            Found::There => return Ok((Some(Done::Exists(pattern.clone())), None)),
            Found::Later(later) => return Ok((None, Some(later))),
            Found::Missing => {}
        }
    }
    if let Some(pattern) = &order.removes {
        match find(pattern, folder, reach).await? {
            Found::Missing => return Ok((Some(Done::Missing(pattern.clone())), None)),
            Found::Later(later) => return Ok((None, Some(later))),
            Found::There => {}
        }
    }
    Ok((None, None))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod job_tests;

#[cfg(test)]
mod script_tests;
