//! `vos_command`: any command, with its questions announced.

mod known;

use std::collections::BTreeMap;
use std::time::Duration;

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::{Applied, Change, Failure, FailureKind, Host, Module, Plan, Platform, Reach, Read, Write};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::command::{Announced, Answer, Command, Loss};
use crate::device::{Refusal, Show, Vos};
use crate::fields::fields;
use known::Danger;

/// Sends a command to the node's command line.
///
/// Questions that it may ask must be announced with their answers; any other is answered with no,
/// and the task fails. A command that only shows something runs in check mode, too, and changes
/// nothing. Prefer the modules that know what they do: this one proves nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The command, one line.
    command: String,
    /// Answers by the questions they belong to: a regular expression that is found in the question
    /// or in the lines before it. `yes` and `no` are spelt as the question wants them.
    #[serde(default)]
    answers: BTreeMap<String, String>,
    /// Whether it changes something; by default all but the commands that are known to only show.
    #[serde(default)]
    changed: Option<bool>,
    /// Send it even where it is known to do away with certificates.
    #[serde(default)]
    force: bool,
    /// How long it may take, in seconds; by default as long as the import of a certificate.
    #[serde(default)]
    limit: Option<u32>,
}

/// The module.
pub struct VosCommand;

/// What there is.
pub struct Facts {
    host: String,
    /// The output of a command that only shows something.
    shown: Option<Vec<String>>,
}

/// The command.
pub struct Send(String);

impl Change for Send {
    fn describe(&self) -> String {
        format!("send `{}`", self.0)
    }
}

impl Module for VosCommand {
    const NAME: &'static str = "vos_command";
    type Args = Args;
    type Facts = Facts;
    type Change = Send;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Never,
            effects: Effects::Device,
            free_form: Some("command"),
            usual: "10 s",
        }
    }

    fn disruptive(&self, args: &Args, _: &Host) -> bool {
        known::restarts(&args.command) || known::danger(&args.command).is_some()
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        check(args)?;
        let host = reach.host().name.clone();
        let shown = match Show::from_line(&args.command) {
            Some(show) => Some(reach.reader::<Vos>(&host).await?.show(&show).await?),
            None => None,
        };
        Ok(Facts { host, shown })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Send>, Failure> {
        let Some(lines) = &facts.shown else {
            return Ok(Plan::of(vec![Send(args.command.clone())], "asked for"));
        };
        if let Some(refusal) = Refusal::general(lines) {
            return Err(failed(&facts.host, args, &refusal, lines));
        }
        Ok(Plan::nothing("it only shows").with(output(lines)))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        _: &Send,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let command = command(args, reach.host())?;
        let raw = reach.writer::<Vos>().await?.raw(&command).await?;
        if let Some(refusal) = Refusal::find(&raw.lines) {
            return Err(failed(&facts.host, args, &refusal, &raw.lines));
        }
        let mut fields = output(&raw.lines);
        fields.insert("ended".to_owned(), raw.ended.into());
        Ok(Applied {
            fields,
            unchanged: args.changed == Some(false),
            failed: None,
        })
    }
}

/// What can be said against a command before it is sent.
fn check(args: &Args) -> Result<(), Failure> {
    let wrong = |message: String| Failure::new(FailureKind::Arguments, message);
    if args.command.trim().is_empty() || args.command.contains(|c: char| c.is_control() || c == '?') {
        let message = "a command is one line of text, without `?` and without control characters";
        return Err(wrong(message.to_owned()));
    }
    for question in args.answers.keys() {
        Regex::new(question).map_err(|error| wrong(format!("answers: {error}")))?;
    }
    match known::danger(&args.command) {
        Some(Danger { why }) if !args.force => {
            Err(wrong(format!("`{}` {why}", args.command)).hint("`force: true` sends it all the same"))
        }
        _ => Ok(()),
    }
}

fn command(args: &Args, host: &Host) -> Result<Command, Failure> {
    let limit = args
        .limit
        .map_or(host.timing.import, |it| Duration::from_secs(it.into()));
    let answers = args.answers.iter().map(|(question, answer)| {
        let question = Regex::new(question)
            .map_err(|error| Failure::new(FailureKind::Arguments, format!("answers: {error}")))?;
        let answer = match answer.to_ascii_lowercase().as_str() {
            "yes" | "y" => Answer::Yes,
            "no" | "n" => Answer::No,
            _ => Answer::Text(answer.clone()),
        };
        Ok(Announced { question, answer })
    });
    let loss = if known::restarts(&args.command) {
        Loss::Expected
    } else {
        Loss::Broken
    };
    Ok(Command {
        answers: answers.collect::<Result<_, Failure>>()?,
        loss,
        ..Command::reading(args.command.trim(), limit)
    })
}

fn output(lines: &[String]) -> cutover_kit::Map {
    fields([
        ("stdout", lines.join("\n").into()),
        ("stdout_lines", lines.to_vec().into()),
    ])
}

fn failed(host: &str, args: &Args, refusal: &Refusal, lines: &[String]) -> Failure {
    let message = format!("{host} refused `{}`: {}", args.command, refusal.error);
    Failure::new(FailureKind::Refused, message)
        .seen_all(lines.iter().cloned())
        .field("stdout", lines.join("\n"))
}
