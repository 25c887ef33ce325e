//! `pause`: waits for a time or for a person.

use std::time::Duration;

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{Applied, Change, Failure, Module, Note, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::process::moment;
use crate::steps::misfit;

/// The `pause` module.
#[derive(Clone, Copy, Debug)]
pub struct Pause;

/// Waits for a time, or for somebody to press Enter.
///
/// Where nobody sits at a terminal, a prompt is said as a warning and the run goes on. Check mode does not wait.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// How many seconds to wait.
    #[serde(default)]
    seconds: Option<f64>,
    /// How many minutes to wait.
    #[serde(default)]
    minutes: Option<f64>,
    /// What to ask. With a time it is shown while waiting; without one an answer is waited for.
    #[serde(default)]
    prompt: Option<String>,
    /// Whether what is typed shows.
    #[serde(default = "yes")]
    echo: bool,
}

fn yes() -> bool {
    true
}

const CONTINUE: &str = "Press enter to continue, Ctrl+C to interrupt";

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// A time, and how a person would say it (`2 minutes`).
    Time(Duration, String),
    /// A person.
    Person,
}

impl Change for Wait {
    fn describe(&self) -> String {
        match self {
            Self::Time(_, said) => format!("wait {said}"),
            Self::Person => "wait for somebody to go on".to_owned(),
        }
    }
}

impl Module for Pause {
    const NAME: &'static str = "pause";
    type Args = Args;
    type Facts = ();
    type Change = Wait;

    fn traits(&self) -> Traits {
        Traits {
            repeat: Repeat::Safe,
            effects: Effects::Nothing,
            usual: "as long as it says",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, _args: &Args, _reach: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, args: &Args, (): &()) -> Result<Plan<Wait>, Failure> {
        let wait = match (args.seconds, args.minutes) {
            (Some(_), Some(_)) => return Err(misfit("either seconds or minutes, not both")),
            (Some(seconds), None) => time(seconds, 1.0, "seconds")?,
            (None, Some(minutes)) => time(minutes, 60.0, "minutes")?,
            (None, None) => Wait::Person,
        };
        Ok(Plan::of(vec![wait], "the playbook asks for a pause"))
    }

    async fn apply(
        &self,
        args: &Args,
        (): &(),
        wait: &Wait,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let (from, started) = (reach.clock().now(), reach.clock().elapsed());
        let mut typed = None;
        match wait {
            Wait::Time(duration, _) => {
                reach.note(Note::Pausing { duration: *duration });
                if let Some(prompt) = &args.prompt {
                    reach.note(Note::Waiting {
                        what: prompt.clone(),
                        limit: *duration,
                    });
                }
                reach.rest(*duration).await?;
            }
            Wait::Person => {
                let prompt = args.prompt.as_deref().unwrap_or(CONTINUE);
                typed = reach.ask(prompt, args.echo).await?;
                if typed.is_none() {
                    let message = format!("nobody is at a terminal to answer \"{prompt}\": going on");
                    reach.note(Note::Warning { message });
                }
            }
        }
        let took = reach.clock().elapsed().saturating_sub(started);
        let answer = typed.map(|typed| match args.echo {
            true => Value::from(typed.expose()),
            false => Value::Secret(typed),
        });
        let fields = crate::fields([
            ("start", moment(from).into()),
            ("stop", moment(reach.clock().now()).into()),
            ("delta", took.as_secs_f64().round().into()),
            ("echo", args.echo.into()),
            ("user_input", answer.unwrap_or_else(|| "".into())),
            ("rc", 0_i64.into()),
            ("stdout", said(wait, took).into()),
            ("stderr", "".into()),
        ]);
        Ok(Applied {
            fields,
            unchanged: true,
            failed: None,
        })
    }
}

fn time(amount: f64, seconds: f64, unit: &str) -> Result<Wait, Failure> {
    // A pause of nothing or less is one of a second, as in Ansible.
    let wanted = (amount * seconds).max(1.0);
    let duration = Duration::try_from_secs_f64(wanted).map_err(|error| misfit(error.to_string()))?;
    Ok(Wait::Time(duration, format!("{amount} {unit}")))
}

fn said(wait: &Wait, took: Duration) -> String {
    match wait {
        Wait::Time(_, said) if said.ends_with("minutes") => {
            format!("Paused for {:?} minutes", hundredths(took.as_secs_f64() / 60.0))
        }
        _ => format!("Paused for {:?} seconds", hundredths(took.as_secs_f64())),
    }
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use cutover_kit::FailureKind;

    use super::*;
    use crate::bench::Bench;

    #[tokio::test(start_paused = true)]
    async fn it_waits_on_the_clock_and_says_how_long() {
        let bench = Bench::local();
        let done = bench.run(&Pause, Value::map([("minutes", 2_i64)])).await.unwrap();
        assert_eq!(
            Value::Map(done.fields),
            Value::map([
                ("start", Value::from("2026-11-21 12:00:00.000000")),
                ("stop", "2026-11-21 12:02:00.000000".into()),
                ("delta", 120.0.into()),
                ("echo", true.into()),
                ("user_input", "".into()),
                ("rc", 0_i64.into()),
                ("stdout", "Paused for 2.0 minutes".into()),
                ("stderr", "".into()),
            ])
        );
        assert!(done.unchanged);
        assert_eq!(
            bench.notes(Some),
            [Note::Pausing {
                duration: Duration::from_secs(120)
            }]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_terminal_a_prompt_warns_and_goes_on() {
        let bench = Bench::local();
        let done = bench
            .run(&Pause, Value::map([("prompt", "Are the agents out?")]))
            .await
            .unwrap();
        assert_eq!(done.fields["stdout"], Value::from("Paused for 0.0 seconds"));
        let warning = "nobody is at a terminal to answer \"Are the agents out?\": going on";
        assert_eq!(bench.warnings(), [warning]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_typed_without_echo_is_a_secret() {
        let args = Value::map([("prompt", Value::from("Password?")), ("echo", false.into())]);
        let done = Bench::local().typing("hunter22").run(&Pause, args).await.unwrap();
        assert_eq!(format!("{:?}", done.fields["user_input"]), "********");
    }

    #[tokio::test]
    async fn seconds_and_minutes_together_are_refused() {
        let args = Value::map([("seconds", 2_i64), ("minutes", 1_i64)]);
        let failure = Bench::local().plan(&Pause, args).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Arguments);
    }
}
