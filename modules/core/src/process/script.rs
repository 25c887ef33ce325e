//! `script`: a script of this machine, run on the host.

use cutover_kit::secret::Origin;
use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Secret, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::args::{Line, Order};
use super::{Facts, Run, TRAITS, finished, quote};
use crate::files::{Source, Taking, source};
use crate::steps::misfit;

/// The `script` module.
#[derive(Clone, Copy, Debug)]
pub struct Script;

/// Sends a script of this machine to the host and runs it there with its arguments.
///
/// The script is looked for beside the role, the task's file or the playbook, in `files` first. It
/// travels in the same round trip, lies on the host for as long as it runs, and is deleted again.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The script and its arguments. `script: setup.sh --all` is short for it.
    #[schemars(extend("aliases" = ["free_form"]))]
    cmd: Option<String>,
    /// The folder to run it in.
    chdir: Option<String>,
    /// A program to run it with; without one the script says itself (`#!`).
    executable: Option<String>,
    /// A file, or a pattern of files; where there is one already the script does not run.
    creates: Option<String>,
    /// A file, or a pattern of files; where there is none the script does not run.
    removes: Option<String>,
}

impl Module for Script {
    const NAME: &'static str = "script";
    type Args = Args;
    type Facts = Facts;
    type Change = Run;

    fn traits(&self) -> Traits {
        Traits {
            usual: "as long as the script takes",
            ..TRAITS
        }
    }

    fn detaches(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let words = shell_words::split(args.cmd.as_deref().unwrap_or_default())
            .map_err(|_| misfit("a quote is never closed in the script's arguments"))?;
        let [src, arguments @ ..] = &words[..] else {
            return Err(misfit("no script given"));
        };
        let content = match source::read(reach, src, "files", Taking::CLEAR)? {
            Source::File(sent) => sent.content,
            Source::Folder(_) => return Err(misfit(format!("{src} is a folder, and no script"))),
            Source::Later(later) => {
                let order = order(args, src, arguments, String::new());
                return Ok(Facts {
                    order,
                    done: None,
                    later: Some(later),
                });
            }
        };
        let content = String::from_utf8(content)
            .ok()
            .filter(|text| !text.contains('\0'))
            .ok_or_else(|| misfit(format!("{src} is a program, and no script")))?;
        let order = order(args, src, arguments, content);
        Facts::gathered(order, reach).await
    }

    fn plan(&self, _args: &Args, facts: &Facts) -> Result<Plan<Run>, Failure> {
        Ok(facts.plan())
    }

    async fn apply(
        &self,
        _args: &Args,
        facts: &Facts,
        _change: &Run,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        finished(&facts.order, reach).await
    }
}

/// The script is what the host's shell reads; its arguments keep their words.
fn order(args: &Args, src: &str, arguments: &[String], content: String) -> Order {
    let arguments: Vec<String> = arguments.iter().map(|word| quote(word)).collect();
    let program = args.executable.as_ref().map(|program| format!("{program} "));
    let line = format!(
        "f=$(mktemp) || exit 1; trap 'rm -f \"$f\"' EXIT; trap 'exit 1' HUP INT PIPE TERM; cat >\"$f\" && chmod 700 \"$f\" || exit 1; {}\"$f\" {}",
        program.unwrap_or_default(),
        arguments.join(" ")
    );
    Order {
        line: Line::Script {
            line,
            shown: std::iter::once(src.to_owned())
                .chain(arguments)
                .collect::<Vec<_>>()
                .join(" "),
        },
        chdir: args.chdir.clone(),
        creates: args.creates.clone(),
        removes: args.removes.clone(),
        stdin: Some(Secret::new(content, Origin::Argument)),
        strip: false,
    }
}
