//! A module: typed arguments and four verbs.
//!
//! *Look* may only read. *Plan* is pure: arguments and facts in, changes out; an
//! empty plan means "ok". *Apply* makes one change. *Prove* reads back what was
//! changed. Check mode is look and plan. *Undo* is pure as well: a change in, the
//! change that takes it back out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::estate::Host;
use crate::failure::Failure;
use crate::product::Platform;
use crate::reach::{Made, Reach, Read, Write};
use crate::value::{Later, Map};

/// What the engine must know of a module before it runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Hosts it works on; empty means any.
    pub platforms: &'static [Platform],
    /// Whether one call stands for several hosts and answers for each.
    pub collective: bool,
    /// Whether a change may be made again where its outcome is unknown.
    pub repeat: Repeat,
    /// What it can change.
    pub effects: Effects,
    /// Whether its arguments may be one free string (`command: uptime`); the name of the argument it fills.
    pub free_form: Option<&'static str>,
    /// How long it usually takes, in words (`20 s`, `15 min`).
    pub usual: &'static str,
}

impl Traits {
    /// A module that only looks.
    pub const LOOKS: Self = Self {
        platforms: &[],
        collective: false,
        repeat: Repeat::Safe,
        effects: Effects::Nothing,
        free_form: None,
        usual: "at once",
    };
}

/// Whether a change may be made again where its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Doing it twice is as good as once.
    Safe,
    /// Look first: `look` and `plan` say whether it still has to be done.
    Probe,
    /// Nothing that can be read tells: only a person can decide.
    Never,
}

/// What a module can change. A rehearsal carries out the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// Nothing outside the run.
    Nothing,
    /// Files of the granted folders.
    Folders,
    /// The device it works on.
    Device,
    /// Anything: it runs what the site wrote.
    Anything,
}

/// One change that a plan holds.
pub trait Change: Send + Sync + 'static {
    /// In one line, as the plan shows it (`import root "Lab Root" into tomcat-trust`).
    fn describe(&self) -> String;

    /// Before and after, where that says more.
    fn diff(&self) -> Option<Diff> {
        None
    }

    /// Why this cannot be undone, where it cannot.
    fn no_return(&self) -> Option<String> {
        None
    }
}

/// Before and after of a change.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Diff {
    /// What it is (`fin-a tomcat`); empty where both sides say so themselves.
    pub title: String,
    /// Before; `None` where there was nothing, so that the title is of what comes after alone.
    pub before: Option<String>,
    /// After.
    pub after: String,
}

/// What a module means to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<C> {
    /// In this order.
    pub changes: Vec<C>,
    /// Why these, or why none, in one sentence.
    pub why: String,
    /// The module's own fields of the result.
    pub result: Map,
    /// What the changes will make.
    pub makes: Vec<Made>,
    /// The plan rests on something an earlier step will make: what exactly
    /// changes shows only then. Check mode passes it on; a run fails on it.
    pub later: Option<Later>,
}

impl<C> Plan<C> {
    /// Nothing to do, and why.
    pub fn nothing(why: impl Into<String>) -> Self {
        Self {
            changes: Vec::new(),
            why: why.into(),
            result: Map::new(),
            makes: Vec::new(),
            later: None,
        }
    }

    /// These changes, and why.
    pub fn of(changes: Vec<C>, why: impl Into<String>) -> Self {
        Self {
            changes,
            ..Self::nothing(why)
        }
    }

    /// What will change shows after an earlier step.
    pub fn later(later: Later, why: impl Into<String>) -> Self {
        Self {
            later: Some(later),
            ..Self::nothing(why)
        }
    }

    /// With fields of the result.
    #[must_use]
    pub fn with(mut self, result: Map) -> Self {
        self.result.extend(result);
        self
    }

    /// With what the changes will make.
    #[must_use]
    pub fn making(mut self, made: impl IntoIterator<Item = Made>) -> Self {
        self.makes.extend(made);
        self
    }

    /// With its changes turned into something else.
    pub fn map<D>(self, turn: impl FnMut(C) -> D) -> Plan<D> {
        Plan {
            changes: self.changes.into_iter().map(turn).collect(),
            why: self.why,
            result: self.result,
            makes: self.makes,
            later: self.later,
        }
    }
}

/// How a change went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Fields for the result.
    pub fields: Map,
    /// Set where it turned out that nothing was changed after all.
    pub unchanged: bool,
    /// Set where the task is to fail with its result kept (a return code other than 0).
    pub failed: Option<String>,
}

/// What the proof showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proved {
    /// Fields for the result.
    pub fields: Map,
    /// Of a collective module: the hosts that fail or have to wait, each for its own reason.
    pub hosts: BTreeMap<String, Failure>,
}

/// How a host stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In service, as far as can be told.
    InService,
    /// Not in service, and why.
    Out(Vec<String>),
}

/// A module. One value of the type serves every call.
pub trait Module: Send + Sync + 'static {
    /// Its name in playbooks.
    const NAME: &'static str;

    /// Its arguments; the doc comments are the manual.
    type Args: DeserializeOwned + JsonSchema + Send + Sync + 'static;

    /// What look found.
    type Facts: Send + Sync + 'static;

    /// One change.
    type Change: Change;

    /// What the engine must know beforehand.
    fn traits(&self) -> Traits;

    /// Whether a change by these arguments takes `host`, or a part of it, out of service.
    fn disruptive(&self, args: &Self::Args, host: &Host) -> bool {
        let _ = (args, host);
        false
    }

    /// How another member of the cluster or pool stands, by what these arguments interrupt; read
    /// before a disruptive change, and without writing. `None` leaves it to the member's product.
    fn standing(
        &self,
        args: &Self::Args,
        member: &Host,
        reach: &Reach<Read>,
    ) -> impl Future<Output = Result<Option<Standing>, Failure>> + Send {
        let _ = (args, member, reach);
        async { Ok(None) }
    }

    /// Whether its result may set variables that nobody can know beforehand (`ansible_facts`).
    fn sets_variables(&self) -> bool {
        false
    }

    /// Whether what it does is one command, which can go on by itself on the host (`async`).
    fn detaches(&self) -> bool {
        false
    }

    /// Reads what the plan needs.
    fn look(
        &self,
        args: &Self::Args,
        reach: &Reach<Read>,
    ) -> impl Future<Output = Result<Self::Facts, Failure>> + Send;

    /// Decides. Pure.
    fn plan(&self, args: &Self::Args, facts: &Self::Facts) -> Result<Plan<Self::Change>, Failure>;

    /// Makes one change.
    fn apply(
        &self,
        args: &Self::Args,
        facts: &Self::Facts,
        change: &Self::Change,
        reach: &Reach<Write>,
    ) -> impl Future<Output = Result<Applied, Failure>> + Send;

    /// The change that takes `change` back, by what was found before it was made: the file's old
    /// content, the service as it ran. `apply` makes it like any other, also where it is not known
    /// whether `change` was made. `None` where nothing takes it back. Pure.
    fn undo(&self, args: &Self::Args, facts: &Self::Facts, change: &Self::Change) -> Option<Self::Change> {
        let _ = (args, facts, change);
        None
    }

    /// Whether taking back a change by these arguments takes `host`, or a part of it, out of service.
    fn undo_disrupts(&self, args: &Self::Args, host: &Host) -> bool {
        self.disruptive(args, host)
    }

    /// Reads back what this call changed; runs after the last change, and for a
    /// collective module always.
    fn prove(
        &self,
        args: &Self::Args,
        facts: &Self::Facts,
        reach: &Reach<Read>,
    ) -> impl Future<Output = Result<Proved, Failure>> + Send {
        let _ = (args, facts, reach);
        async { Ok(Proved::default()) }
    }
}
