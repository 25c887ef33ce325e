//! A lever: a module whose changes can be taken back, told how to behave.

use cutover_kit::module::{Repeat, Standing};
use cutover_kit::{Applied, Change, Failure, FailureKind, Host, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

/// A lever that is moved from here to there, and back again. Whether it was moved can be seen where it is
/// `PROBED`: then it stands as it did.
pub(crate) struct Lever<const PROBED: bool>;

/// How the lever behaves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    was: String,
    to: String,
    /// It cannot be moved back.
    #[serde(default)]
    stays: bool,
    /// Moving it interrupts what the host does.
    #[serde(default)]
    interrupts: bool,
    /// Where it breaks on its way.
    breaks_at: Option<String>,
    /// How it breaks.
    kind: Option<String>,
}

pub(crate) struct Move {
    from: String,
    to: String,
}

impl Change for Move {
    fn describe(&self) -> String {
        format!("{} to {}", self.from, self.to)
    }
}

impl<const PROBED: bool> Module for Lever<PROBED> {
    const NAME: &'static str = if PROBED { "probed_lever" } else { "lever" };
    type Args = Args;
    type Facts = ();
    type Change = Move;

    fn traits(&self) -> Traits {
        Traits {
            repeat: if PROBED { Repeat::Probe } else { Repeat::Never },
            effects: cutover_kit::module::Effects::Device,
            ..Traits::LOOKS
        }
    }

    fn disruptive(&self, args: &Args, _: &Host) -> bool {
        args.interrupts
    }

    async fn standing(&self, _: &Args, _: &Host, _: &Reach<Read>) -> Result<Option<Standing>, Failure> {
        Ok(Some(Standing::InService))
    }

    fn detaches(&self) -> bool {
        true
    }

    async fn look(&self, _: &Args, _: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, args: &Args, (): &()) -> Result<Plan<Move>, Failure> {
        let (from, to) = (args.was.clone(), args.to.clone());
        Ok(Plan::of(vec![Move { from, to }], "it is told to"))
    }

    async fn apply(
        &self,
        args: &Args,
        (): &(),
        change: &Move,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        if args.breaks_at.as_ref() == Some(&change.to) {
            let kind = serde_json::from_value(args.kind.clone().into()).unwrap_or(FailureKind::Refused);
            return Err(Failure::new(kind, format!("it breaks at {}", change.to)));
        }
        let detached = ("detached".to_owned(), reach.background().is_some().into());
        Ok(Applied {
            fields: [detached].into_iter().collect(),
            unchanged: change.from == change.to,
            failed: None,
        })
    }

    fn undo(&self, args: &Args, (): &(), change: &Move) -> Option<Move> {
        (!args.stays).then(|| Move {
            from: change.to.clone(),
            to: change.from.clone(),
        })
    }
}
