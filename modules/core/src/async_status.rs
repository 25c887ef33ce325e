//! `async_status`: how a job stands that a task with `async` and `poll: 0` left behind.

use cutover_kit::module::Effects;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Module, Plan, Platform, Reach, Read, Traits, Value, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::posix::Posix;
use crate::process::job::{self, Job, Standing};
use crate::process::said;

/// The `async_status` module.
#[derive(Clone, Copy, Debug)]
pub struct AsyncStatus;

/// Tells how a job stands that a task with `async` and `poll: 0` has left behind.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The job: `ansible_job_id` of the task that started it.
    jid: String,
    /// `status` (default), or `cleanup` to delete the job's files.
    #[serde(default)]
    mode: Mode,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Tell how it stands.
    #[default]
    Status,
    /// Delete its files.
    Cleanup,
}

/// Deleting a job's files.
#[derive(Clone, Debug)]
pub struct Clear(String);

impl Change for Clear {
    fn describe(&self) -> String {
        format!("delete the files of job {}", self.0)
    }
}

impl Module for AsyncStatus {
    const NAME: &'static str = "async_status";
    type Args = Args;
    type Facts = Standing;
    type Change = Clear;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            effects: Effects::Device,
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Standing, Failure> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        if args.jid.is_empty() || !args.jid.chars().all(plain) {
            let message = format!("`{}` is no job; ansible_job_id of its task is", args.jid);
            return Err(Failure::new(FailureKind::Arguments, message));
        }
        let reader = reach.reader::<Posix>(&reach.host().name).await?;
        match job::look(&reader, &args.jid).await? {
            Standing::Unknown if args.mode == Mode::Status => Err(job::unknown(&args.jid)),
            Standing::Ended(ended) if args.mode == Mode::Status && ended.executed.status != Some(0) => {
                let reason = if ended.late {
                    "the job was stopped: its time was over"
                } else {
                    "non-zero return code"
                };
                let mut failure = Failure::new(FailureKind::Task, reason);
                let all = Value::Map(said(&ended)).reveal();
                for (name, value) in all.as_object().into_iter().flatten() {
                    failure = failure.field(name, value.clone());
                }
                Err(failure
                    .field("ansible_job_id", args.jid.as_str())
                    .field("started", true)
                    .field("finished", true))
            }
            other => Ok(other),
        }
    }

    fn plan(&self, args: &Args, facts: &Standing) -> Result<Plan<Clear>, Failure> {
        if args.mode == Mode::Cleanup {
            let erased = crate::fields([
                ("ansible_job_id", args.jid.as_str().into()),
                ("erased", format!("~/.ansible_async/{}", args.jid).into()),
            ]);
            return Ok(match facts {
                Standing::Unknown => Plan::nothing("there is no such job").with(erased),
                _ => Plan::of(vec![Clear(args.jid.clone())], "its files are there").with(erased),
            });
        }
        let job = Job {
            id: args.jid.clone(),
            file: format!("~/.ansible_async/{}", args.jid),
        };
        Ok(match facts {
            Standing::Ended(ended) => Plan::nothing("the job has ended")
                .with(said(ended))
                .with(job::fields(&job, true)),
            _ => Plan::nothing("the job goes on").with(job::fields(&job, false)),
        })
    }

    async fn apply(
        &self,
        args: &Args,
        _facts: &Standing,
        _change: &Clear,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        job::clear(&args.jid, reach).await?;
        // Ansible does not count it as a change.
        Ok(Applied {
            unchanged: true,
            ..Applied::default()
        })
    }
}
