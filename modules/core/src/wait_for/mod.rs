//! `wait_for`: waits for a port, a file, or the clock.

mod local;
mod remote;

use std::time::Duration;

use cutover_kit::{
    Applied, Failure, FailureKind, Module, Note, Plan, Platform, Reach, Read, Traits, Value, Write,
};
use fancy_regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;
use crate::steps::{misfit, text_or_null};

/// The `wait_for` module.
#[derive(Clone, Copy, Debug)]
pub struct WaitFor;

/// Waits until a port answers or is closed, a file is there or gone, or a text shows; without `port` and `path` for the time to pass.
///
/// It looks from the host, as Ansible does; delegate the task to look from elsewhere.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// The name or address whose port it is, as the host resolves it.
    host: String,
    /// The TCP port.
    port: Option<u16>,
    /// The file.
    path: Option<String>,
    /// `started` (default) or `present`: it answers, it is there; `stopped` or `absent`: it does not, it is gone; `drained`: nobody is connected to it.
    state: State,
    /// A regular expression that has to match what the port says, or what is in the file.
    search_regex: Option<String>,
    /// At most so many seconds.
    timeout: u64,
    /// So many seconds before the first look.
    delay: u64,
    /// So many seconds between two looks.
    sleep: u64,
    /// At most so many seconds for one connection.
    connect_timeout: u64,
    /// With `drained`: connections from these addresses do not count.
    exclude_hosts: Vec<String>,
    /// With `drained`: states that count. Default: `ESTABLISHED`, `FIN_WAIT1`, `FIN_WAIT2`, `SYN_RECV`, `SYN_SENT`, `TIME_WAIT`.
    active_connection_states: Vec<String>,
    /// What to say when the time is over.
    msg: Option<String>,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: None,
            path: None,
            state: State::Started,
            search_regex: None,
            timeout: 300,
            delay: 0,
            sleep: 1,
            connect_timeout: 5,
            exclude_hosts: Vec::new(),
            active_connection_states: Vec::new(),
            msg: None,
        }
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// It answers, or is there.
    Started,
    /// The same.
    Present,
    /// It does not answer, or is gone.
    Stopped,
    /// The same.
    Absent,
    /// Nobody is connected to it.
    Drained,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Present => "present",
            Self::Stopped => "stopped",
            Self::Absent => "absent",
            Self::Drained => "drained",
        }
    }
}

/// What one look shows.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// The port is closed, the file is not there.
    Nothing,
    /// It is there; what it says or holds, where that was asked for.
    There(Vec<u8>),
    /// So many are connected.
    Connected(usize),
}

/// How the wait ended.
#[derive(Debug)]
pub struct Waited {
    elapsed: u64,
    groups: Vec<Value>,
    named: Vec<(String, Value)>,
    /// It was not waited at all: this is a check run.
    skipped: bool,
}

impl Module for WaitFor {
    const NAME: &'static str = "wait_for";
    type Args = Args;
    type Facts = Waited;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            usual: "as long as it takes",
            ..Traits::LOOKS
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Waited, Failure> {
        let regex = args.check()?;
        let mut waited = Waited {
            elapsed: 0,
            groups: Vec::new(),
            named: Vec::new(),
            skipped: reach.checking(),
        };
        if waited.skipped {
            return Ok(waited);
        }
        let begun = reach.clock().elapsed();
        let limit = Duration::from_secs(args.timeout);
        reach.note(Note::Waiting {
            what: args.what(),
            limit,
        });
        reach.rest(Duration::from_secs(args.delay)).await?;
        loop {
            let passed = reach.clock().elapsed().saturating_sub(begun);
            waited.elapsed = passed.as_secs();
            if args.port.is_none() && args.path.is_none() {
                reach.rest(limit.saturating_sub(passed)).await?;
                waited.elapsed = args.timeout.max(args.delay);
                return Ok(waited);
            }
            let seen = look(args, limit.saturating_sub(passed), reach).await?;
            if args.holds(&seen, regex.as_ref(), &mut waited) {
                waited.elapsed = reach.clock().elapsed().saturating_sub(begun).as_secs();
                return Ok(waited);
            }
            if reach.clock().elapsed().saturating_sub(begun) >= limit {
                return Err(args.late(reach.clock().elapsed().saturating_sub(begun)));
            }
            reach.rest(Duration::from_secs(args.sleep)).await?;
        }
    }

    fn plan(&self, args: &Args, waited: &Waited) -> Result<Plan<Never>, Failure> {
        if waited.skipped {
            let skipped = crate::fields([("skipped", true.into())]);
            return Ok(Plan::nothing("nothing is waited for in a check run").with(skipped));
        }
        let result = crate::fields([
            (
                "elapsed",
                i64::try_from(waited.elapsed).unwrap_or(i64::MAX).into(),
            ),
            ("path", text_or_null(args.path.as_deref())),
            (
                "port",
                args.port.map_or(Value::Null, |port| i64::from(port).into()),
            ),
            ("search_regex", text_or_null(args.search_regex.as_deref())),
            ("state", args.state.name().into()),
            ("match_groups", Value::List(waited.groups.clone())),
            ("match_groupdict", Value::map(waited.named.clone())),
        ]);
        Ok(Plan::nothing("it has come").with(result))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Waited,
        change: &Never,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        match *change {}
    }
}

/// Looks once; for no longer than one connection may take, or than what is `left` of the whole.
async fn look(args: &Args, left: Duration, reach: &Reach<Read>) -> Result<Seen, Failure> {
    let connection = Duration::from_secs(args.connect_timeout);
    let limit = connection.min(left).max(Duration::from_secs(1));
    if reach.host().platform == Platform::Local && reach.becoming().is_none() {
        return local::look(args, limit, reach.clock()).await;
    }
    remote::look(args, limit, reach).await
}

impl Args {
    fn check(&self) -> Result<Option<Regex>, Failure> {
        if self.port.is_some() && self.path.is_some() {
            return Err(misfit(
                "port and path parameter can not both be passed to wait_for",
            ));
        }
        if self.path.is_some() && self.state == State::Stopped {
            return Err(misfit(
                "state=stopped should only be used for checking a port in the wait_for module",
            ));
        }
        if self.path.is_some() && self.state == State::Drained {
            return Err(misfit(
                "state=drained should only be used for checking a port in the wait_for module",
            ));
        }
        let regex = self.search_regex.as_ref().map(|text| {
            let many_lines = format!("(?m){text}");
            Regex::new(&many_lines).map_err(|error| misfit(format!("search_regex: {error}")))
        });
        regex.transpose()
    }

    /// Whether it has come.
    fn holds(&self, seen: &Seen, regex: Option<&Regex>, waited: &mut Waited) -> bool {
        let found = match (seen, regex) {
            (Seen::Nothing, _) => false,
            (Seen::Connected(count), _) => *count > 0,
            (Seen::There(_), None) => true,
            (Seen::There(said), Some(regex)) => waited.search(regex, &String::from_utf8_lossy(said)),
        };
        match self.state {
            State::Started | State::Present => found,
            State::Stopped | State::Absent | State::Drained => !found,
        }
    }

    fn what(&self) -> String {
        let text = self.search_regex.as_ref().map(|regex| format!("{regex} in "));
        let place = match (&self.path, self.port) {
            (Some(path), _) => path.clone(),
            (None, Some(port)) => format!("{}:{port}", self.host),
            (None, None) => return "the time to pass".into(),
        };
        format!("{}{place} to be {}", text.unwrap_or_default(), self.state.name())
    }

    /// As Ansible says it.
    fn late(&self, elapsed: Duration) -> Failure {
        let gone = matches!(self.state, State::Stopped | State::Absent);
        let message = match (&self.msg, &self.path, self.port, &self.search_regex) {
            (Some(own), ..) => own.clone(),
            (_, Some(path), _, _) if gone => format!("Timeout when waiting for {path} to be absent."),
            (_, Some(path), _, Some(regex)) => {
                format!("Timeout when waiting for search string {regex} in {path}")
            }
            (_, Some(path), _, None) => format!("Timeout when waiting for file {path}"),
            (_, None, Some(port), _) if gone => {
                format!("Timeout when waiting for {}:{port} to stop.", self.host)
            }
            (_, None, Some(port), _) if self.state == State::Drained => {
                format!("Timeout when waiting for {}:{port} to drain", self.host)
            }
            (_, None, Some(port), Some(regex)) => {
                format!(
                    "Timeout when waiting for search string {regex} in {}:{port}",
                    self.host
                )
            }
            (_, None, port, _) => format!("Timeout when waiting for {}:{}", self.host, port.unwrap_or(0)),
        };
        Failure::new(FailureKind::Late, message).field("elapsed", elapsed.as_secs())
    }
}

impl Waited {
    /// Searches, and keeps what the groups match.
    fn search(&mut self, regex: &Regex, text: &str) -> bool {
        let Ok(Some(found)) = regex.captures(text) else {
            return false;
        };
        let value =
            |group: Option<fancy_regex::Match<'_>>| group.map_or(Value::Null, |it| it.as_str().into());
        self.groups = (1..found.len()).map(|at| value(found.get(at))).collect();
        let names = regex.capture_names().flatten();
        self.named = names
            .map(|name| (name.to_owned(), value(found.name(name))))
            .collect();
        true
    }
}

#[cfg(test)]
mod tests;
