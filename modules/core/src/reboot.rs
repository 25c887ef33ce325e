//! `reboot`: a restart of the host, and the wait for its return.

use std::time::Duration;

use cutover_kit::clock::within;
use cutover_kit::module::Repeat;
use cutover_kit::session::Executed;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Host, Module, Note, Plan, Platform, Reach, Read, Traits, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::posix::Posix;
use crate::process::quote;
use crate::steps::{CHANGES, ask, misfit, text};

/// The `reboot` module.
#[derive(Clone, Copy, Debug)]
pub struct Reboot;

/// Restarts the host and waits until it has booted anew, can be logged in to and runs a command.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// What users of the host are told.
    msg: String,
    /// Seconds until the host goes down; whole minutes count.
    #[schemars(extend("aliases" = ["pre_reboot_delay_sec"]))]
    pre_reboot_delay: u64,
    /// Seconds before the first try to reach it again.
    #[schemars(extend("aliases" = ["post_reboot_delay_sec"]))]
    post_reboot_delay: u64,
    /// At most so many seconds for it to come back, and so many again for `test_command` to succeed.
    #[schemars(extend("aliases" = ["reboot_timeout_sec"]))]
    reboot_timeout: u64,
    /// At most so many seconds for one try to reach it.
    #[schemars(extend("aliases" = ["connect_timeout_sec"]))]
    connect_timeout: u64,
    /// What has to succeed on the host that came back. Default: `whoami`.
    test_command: String,
    /// What restarts it. Default: `shutdown`, or `reboot` where there is none.
    reboot_command: Option<String>,
    /// What tells one boot from another. Default: the kernel's number of the boot, or when it was.
    boot_time_command: Option<String>,
    /// Folders in which `shutdown` is looked for. Default: the usual ones.
    search_paths: Vec<String>,
}

impl Default for Args {
    fn default() -> Self {
        let paths = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"];
        Self {
            msg: "Reboot initiated by cutover".into(),
            pre_reboot_delay: 0,
            post_reboot_delay: 0,
            reboot_timeout: 600,
            connect_timeout: 10,
            test_command: "whoami".into(),
            reboot_command: None,
            boot_time_command: None,
            search_paths: paths.map(str::to_owned).into(),
        }
    }
}

/// A restart.
#[derive(Clone, Debug)]
pub struct Restart {
    host: String,
}

impl Change for Restart {
    fn describe(&self) -> String {
        format!("restart {} and wait for its return", self.host)
    }
}

/// What tells this boot from the next, and whose host it is.
#[derive(Clone, Debug)]
pub struct Facts {
    host: String,
    boot: String,
}

impl Module for Reboot {
    const NAME: &'static str = "reboot";
    type Args = Args;
    type Facts = Facts;
    type Change = Restart;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Posix],
            // Another boot since may be anybody's.
            repeat: Repeat::Never,
            usual: "a few minutes",
            ..CHANGES
        }
    }

    fn disruptive(&self, _: &Args, _: &Host) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        if reach.host().platform == Platform::Local {
            let message = "Running reboot with local connection would reboot the control node.";
            return Err(misfit(message));
        }
        Ok(Facts {
            host: reach.host().name.clone(),
            boot: args.boot(reach).await?,
        })
    }

    fn plan(&self, _: &Args, facts: &Facts) -> Result<Plan<Restart>, Failure> {
        let restart = Restart {
            host: facts.host.clone(),
        };
        let result = crate::fields([("rebooted", true.into()), ("elapsed", 0_i64.into())]);
        Ok(Plan::of(vec![restart], "a restart is asked for").with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        _: &Restart,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let mut writer = reach.writer::<Posix>().await?;
        let begun = reach.clock().elapsed();
        match writer.script(&args.order(), None).await {
            Ok(executed) => {
                if let Some(reason) = refusal(&executed) {
                    return Ok(refused(reason));
                }
            }
            // It may well have gone down before it could say so: the next boot tells.
            Err(failure) if failure.kind == FailureKind::Unknown => {}
            Err(failure) => return Err(failure),
        }
        writer.restarts().await;
        let reading = reach.reading();
        reading.note(Note::Waiting {
            what: format!("{} to come back", facts.host),
            limit: args.limit(),
        });
        reach.wait(Duration::from_secs(args.post_reboot_delay)).await;
        let wait = Wait {
            args,
            reach: &reading,
            begun,
        };
        wait.until(&Sign::Boot(&facts.boot)).await?;
        wait.until(&Sign::Test).await?;
        let took = reach.clock().elapsed().saturating_sub(begun).as_secs();
        let elapsed = i64::try_from(took).unwrap_or(i64::MAX);
        Ok(Applied {
            fields: crate::fields([("rebooted", true.into()), ("elapsed", elapsed.into())]),
            ..Applied::default()
        })
    }
}

impl Args {
    fn limit(&self) -> Duration {
        Duration::from_secs(self.reboot_timeout)
    }

    /// The line that restarts the host.
    fn order(&self) -> String {
        let path = quote(&self.search_paths.join(":"));
        let line = self.reboot_command.clone().unwrap_or_else(|| {
            format!(
                "if command -v shutdown >/dev/null 2>&1; then shutdown -r +{} {}; else reboot; fi",
                self.pre_reboot_delay / 60,
                quote(&self.msg)
            )
        });
        format!("# restart\nPATH={path}:$PATH; {line}")
    }

    /// What the host says of its boot.
    async fn boot(&self, reach: &Reach<Read>) -> Result<String, Failure> {
        let usual = "cat /proc/sys/kernel/random/boot_id 2>/dev/null || /sbin/sysctl -n kern.boottime 2>/dev/null || who -b";
        let executed = ask(self.boot_time_command.as_deref().unwrap_or(usual), reach).await?;
        let boot = text(&executed.stdout);
        if executed.status == Some(0) && !boot.is_empty() {
            return Ok(boot);
        }
        let message = "the host does not tell when it was booted";
        let failure = Failure::new(FailureKind::Preflight, message);
        Err(failure
            .seen_all(text(&executed.stderr).lines())
            .hint("`boot_time_command` is a command whose output is another one after each boot"))
    }

    /// Whether the host does what is asked of it.
    async fn test(&self, reach: &Reach<Read>) -> Result<(), String> {
        match ask(&self.test_command, reach).await {
            Ok(executed) if executed.status == Some(0) => Ok(()),
            Ok(executed) => Err(format!(
                "Test command failed: {} {}",
                text(&executed.stderr),
                text(&executed.stdout)
            )),
            Err(failure) => Err(failure.message),
        }
    }
}

/// What shows that a host is back.
enum Sign<'a> {
    /// Another boot than this one.
    Boot(&'a str),
    /// The test command succeeds.
    Test,
}

impl Sign<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Boot(_) => "last boot time check",
            Self::Test => "post-reboot test command",
        }
    }
}

/// The wait for a host.
struct Wait<'a> {
    args: &'a Args,
    reach: &'a Reach<Read>,
    begun: Duration,
}

impl Wait<'_> {
    /// Looks again, ever more patiently, until there is the sign or the time is over.
    async fn until(&self, sign: &Sign<'_>) -> Result<(), Failure> {
        let clock = self.reach.clock();
        let (begun, limit) = (clock.elapsed(), self.args.limit());
        let once = Duration::from_secs(self.args.connect_timeout.max(1));
        let mut pause = Duration::from_secs(1);
        loop {
            let why = match within(clock, once, self.shows(sign)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(why)) => why,
                Err(_) => format!("no answer within {} s", once.as_secs()),
            };
            if clock.elapsed().saturating_sub(begun) >= limit {
                let (what, limit) = (sign.name(), self.args.reboot_timeout);
                let message = format!("Timed out waiting for {what} (timeout={limit})");
                let took = clock.elapsed().saturating_sub(self.begun).as_secs();
                return Err(Failure::new(FailureKind::Late, message)
                    .seen(why)
                    .field("rebooted", true)
                    .field("elapsed", took));
            }
            self.reach.wait(pause).await;
            pause = (pause * 2).min(Duration::from_secs(12));
        }
    }

    /// Whether there is the sign; else why not.
    async fn shows(&self, sign: &Sign<'_>) -> Result<(), String> {
        match sign {
            Sign::Boot(before) => match self.args.boot(self.reach).await {
                Ok(boot) if boot != *before => Ok(()),
                Ok(_) => Err("boot time has not changed".to_owned()),
                Err(failure) => Err(failure.message),
            },
            Sign::Test => self.args.test(self.reach).await,
        }
    }
}

/// Why the host does not restart; none where it does, or goes down before it can say so.
fn refusal(executed: &Executed) -> Option<String> {
    match executed.status {
        Some(0) | None => None,
        Some(_) => Some(format!(
            "Reboot command failed. Error was: '{}, {}'",
            text(&executed.stdout),
            text(&executed.stderr)
        )),
    }
}

fn refused(reason: String) -> Applied {
    Applied {
        fields: crate::fields([
            ("rebooted", false.into()),
            ("elapsed", 0_i64.into()),
            ("msg", reason.as_str().into()),
        ]),
        unchanged: true,
        failed: Some(reason),
    }
}

#[cfg(test)]
mod tests;
