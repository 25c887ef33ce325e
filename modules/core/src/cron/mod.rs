//! `cron`: lines of a crontab, each found again by the remark above it.

mod table;

use cutover_kit::secret::Origin;
use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Reach, Read, Secret, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::group::Presence;
use crate::process::quote;
use crate::steps::{CHANGES, Step, ask, misfit, text};
use table::Table;

/// The `cron` module.
#[derive(Clone, Copy, Debug)]
pub struct Cron;

/// Manages a job or a variable in a crontab. A job stands below the remark `#Ansible: NAME`, by which it is found again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// What the job is called; with `env` the variable.
    name: String,
    /// The command; with `env` the variable's value.
    #[schemars(extend("aliases" = ["value"]))]
    job: Option<String>,
    /// `present` (default) or `absent`.
    state: Presence,
    /// Whose crontab. Default: that of the account the task works as.
    user: Option<String>,
    /// A file for this in place of a crontab, in `/etc/cron.d` where it is no whole path; takes `user`.
    cron_file: Option<String>,
    /// When: the minute (`0` to `59`, `*`, `*/2`, ...).
    minute: String,
    /// When: the hour.
    hour: String,
    /// When: the day of the month.
    #[schemars(extend("aliases" = ["dom"]))]
    day: String,
    /// When: the month.
    month: String,
    /// When: the day of the week, 0 being Sunday.
    #[schemars(extend("aliases" = ["dow"]))]
    weekday: String,
    /// When, in one word: `reboot`, `hourly`, `daily`, `weekly`, `monthly`, `yearly` or `annually`.
    special_time: Option<Special>,
    /// Whether the job stands there as a remark only.
    disabled: bool,
    /// Whether a variable is meant.
    env: bool,
    /// The variable behind which a new one stands.
    insertafter: Option<String>,
    /// The variable before which a new one stands.
    insertbefore: Option<String>,
}

impl Default for Args {
    fn default() -> Self {
        let any = || "*".to_owned();
        Self {
            name: String::new(),
            job: None,
            state: Presence::Present,
            user: None,
            cron_file: None,
            minute: any(),
            hour: any(),
            day: any(),
            month: any(),
            weekday: any(),
            special_time: None,
            disabled: false,
            env: false,
            insertafter: None,
            insertbefore: None,
        }
    }
}

/// A time in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Special {
    /// When the host has booted.
    Reboot,
    /// Once a year.
    Yearly,
    /// Once a year.
    Annually,
    /// Once a month.
    Monthly,
    /// Once a week.
    Weekly,
    /// Once a day.
    Daily,
    /// Once an hour.
    Hourly,
}

impl Special {
    fn name(self) -> &'static str {
        match self {
            Self::Reboot => "reboot",
            Self::Yearly => "yearly",
            Self::Annually => "annually",
            Self::Monthly => "monthly",
            Self::Weekly => "weekly",
            Self::Daily => "daily",
            Self::Hourly => "hourly",
        }
    }
}

/// The host has no `crontab`.
const NO_CRONTAB: i32 = 97;

impl Module for Cron {
    const NAME: &'static str = "cron";
    type Args = Args;
    /// The crontab as it is.
    type Facts = String;
    type Change = Step;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<String, Failure> {
        args.check()?;
        let executed = ask(&args.question(), reach).await?;
        match executed.status {
            Some(0) => Ok(String::from_utf8_lossy(&executed.stdout).into_owned()),
            Some(NO_CRONTAB) => Err(Failure::new(FailureKind::Preflight, "this host has no crontab")
                .hint("install cron there, or use `cron_file`")),
            _ => Err(Failure::new(FailureKind::Preflight, "Unable to read crontab")
                .seen_all(text(&executed.stderr).lines())),
        }
    }

    fn plan(&self, args: &Args, before: &String) -> Result<Plan<Step>, Failure> {
        let before = Table::read(before);
        let after = args.wanted(&before)?;
        let (old, new) = (before.text(), after.text());
        let mut result = crate::fields([
            ("jobs", Value::from(after.jobs())),
            ("envs", Value::from(after.variables())),
        ]);
        if let Some(file) = &args.cron_file {
            result.insert("cron_file".into(), file.as_str().into());
        }
        if old == new && before.ends() {
            return Ok(Plan::nothing("it stands there as it should").with(result));
        }
        let text = match args.state {
            Presence::Present => format!("set {} in {}", args.name, args.title()),
            Presence::Absent => format!("remove {} from {}", args.name, args.title()),
        };
        let step = args
            .writing(text.clone(), &new)
            .showing(&args.title(), &old, &new)
            .back(args.writing(format!("take back: {text}"), &old));
        Ok(Plan::of(vec![step], "it is otherwise").with(result))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &String,
        change: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        change.make(reach).await
    }

    fn undo(&self, _: &Args, _: &String, change: &Step) -> Option<Step> {
        change.undo()
    }
}

impl Args {
    fn check(&self) -> Result<(), Failure> {
        let times = [&self.minute, &self.hour, &self.day, &self.month, &self.weekday];
        let timed = times.iter().any(|time| *time != "*");
        let present = self.state == Presence::Present;
        let breaks = |text: &str| text.contains(['\n', '\r']);
        let wrong = if self.name.is_empty() {
            "missing required arguments: name"
        } else if breaks(&self.name) || self.env && self.name.contains([' ', '=', '"']) {
            "name: this cannot be the name of a job or variable"
        } else if times
            .iter()
            .any(|time| time.is_empty() || time.contains(char::is_whitespace))
        {
            "a time is one word, such as `*/5` or `1,15`"
        } else if self.special_time.is_some() && timed {
            "You cannot combine special_time with any of the time or day/date parameters."
        } else if present && self.job.is_none() {
            "You must specify 'job' to install a new cron job or variable"
        } else if present && breaks(self.job().as_str()) {
            "job: this has more than one line"
        } else if present && self.cron_file.is_some() && self.user.is_none() {
            "To use cron_file=... parameter you must specify user=... as well"
        } else if self.cron_file.as_deref() == Some("/etc/crontab") {
            "Will not manage /etc/crontab via cron_file, see documentation."
        } else if self.insertafter.is_some() && self.insertbefore.is_some() {
            "parameters are mutually exclusive: insertafter|insertbefore"
        } else if !self.env && (self.insertafter.is_some() || self.insertbefore.is_some()) {
            "Insertafter and insertbefore parameters are valid only with env=yes"
        } else {
            return Ok(());
        };
        Err(misfit(wrong))
    }

    fn job(&self) -> String {
        let job = self.job.as_deref().unwrap_or_default();
        job.trim_matches(['\r', '\n']).to_owned()
    }

    /// The file, by its whole path.
    fn file(&self) -> Option<String> {
        let file = self.cron_file.as_deref()?;
        Some(match file.starts_with('/') {
            true => file.to_owned(),
            false => format!("/etc/cron.d/{file}"),
        })
    }

    fn title(&self) -> String {
        match (self.file(), &self.user) {
            (Some(file), _) => file,
            (None, Some(user)) => format!("the crontab of {user}"),
            (None, None) => "the crontab".into(),
        }
    }

    /// The job's line.
    fn line(&self) -> String {
        let remark = if self.disabled { "#" } else { "" };
        let when = match self.special_time {
            Some(special) => format!("@{}", special.name()),
            None => [&self.minute, &self.hour, &self.day, &self.month, &self.weekday]
                .map(String::as_str)
                .join(" "),
        };
        let user = match (&self.cron_file, &self.user) {
            (Some(_), Some(user)) => format!(" {user}"),
            _ => String::new(),
        };
        format!("{remark}{when}{user} {}", self.job())
    }

    /// The crontab as it should be.
    fn wanted(&self, before: &Table) -> Result<Table, Failure> {
        let mut table = before.clone();
        match (self.env, self.state) {
            (false, Presence::Present) => table.set_job(&self.name, &self.line()),
            (false, Presence::Absent) => table.remove_job(&self.name),
            (true, Presence::Absent) => table.remove_variable(&self.name),
            (true, Presence::Present) => {
                let line = format!("{}=\"{}\"", self.name, self.job());
                let beside = self.insertafter.as_ref().map(|name| (name.as_str(), true));
                let beside = beside.or(self.insertbefore.as_ref().map(|name| (name.as_str(), false)));
                if !table.set_variable(&self.name, &line, beside) {
                    let name = beside.map_or("", |(name, _)| name);
                    return Err(misfit(format!("Variable named '{name}' not found.")));
                }
            }
        }
        Ok(table)
    }

    /// `crontab` for whose it is: only another's is named, for not everybody may.
    fn crontab(&self) -> String {
        let user = self.user.as_deref().map(|user| {
            let user = quote(user);
            format!("; [ \"$(id -un)\" = {user} ] || set -- -u {user}")
        });
        format!("set --{}", user.unwrap_or_default())
    }

    fn question(&self) -> String {
        let read = match self.file() {
            Some(file) => format!("f={}; [ ! -e \"$f\" ] || cat \"$f\"", quote(&file)),
            None => format!(
                "command -v crontab >/dev/null 2>&1 || exit {NO_CRONTAB}\n{}\n\
                 crontab \"$@\" -l; c=$?; [ $c = 1 ] || exit $c; exit 0",
                self.crontab()
            ),
        };
        format!("# what is in the crontab\n{read}")
    }

    /// Writes all of it; what is in it travels through standard input. A file with nothing in it goes.
    fn writing(&self, what: String, text: &str) -> Step {
        let line = match self.file() {
            None => format!("{}; crontab \"$@\" -", self.crontab()),
            Some(file) if text.trim().is_empty() => format!("rm -f {}", quote(&file)),
            Some(file) => format!(
                "umask 022; f={}; t=$(mktemp \"$f.XXXXXX\") && cat >\"$t\" && chmod 0644 \"$t\" && mv -f \"$t\" \"$f\"",
                quote(&file)
            ),
        };
        Step::new(what, line).reading(Secret::new(text, Origin::Argument))
    }
}

#[cfg(test)]
mod tests;
