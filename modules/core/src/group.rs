//! `group`: groups of accounts.

use cutover_kit::{Applied, Failure, Map, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::process::quote;
use crate::steps::{CHANGES, Step, ask, misfit, text};

/// The `group` module.
#[derive(Clone, Copy, Debug)]
pub struct Group;

/// Makes, changes or removes a group of accounts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The group.
    name: String,
    /// Its number.
    #[serde(default)]
    gid: Option<u32>,
    /// `present` (default) or `absent`.
    #[serde(default)]
    state: Presence,
    /// Whether a new group is one of the system's.
    #[serde(default)]
    system: bool,
    /// Whether its number may be another group's, too.
    #[serde(default)]
    non_unique: bool,
    /// Accepted for the sake of existing playbooks: local files are what is changed.
    #[serde(default)]
    #[expect(dead_code, reason = "accepted, and without an effect here")]
    local: Option<bool>,
}

/// Whether something is to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Presence {
    /// It is there.
    #[default]
    Present,
    /// It is not there.
    Absent,
}

impl Presence {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    /// Its number, where it is there.
    gid: Option<u32>,
    /// Whether only busybox's tools are there.
    busybox: bool,
}

impl Module for Group {
    const NAME: &'static str = "group";
    type Args = Args;
    type Facts = Facts;
    type Change = Step;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        account_name(&args.name)?;
        let name = quote(&args.name);
        let script = format!(
            "PATH=$PATH:/usr/sbin:/sbin; command -v groupadd >/dev/null 2>&1 && echo full || echo busybox\n\
             getent group {name} 2>/dev/null || grep ^{name}: /etc/group; exit 0"
        );
        let executed = ask(&script, reach).await?;
        let said = text(&executed.stdout);
        let mut lines = said.lines();
        let busybox = lines.next() == Some("busybox");
        let gid = lines.next().and_then(|line| line.split(':').nth(2)?.parse().ok());
        Ok(Facts { gid, busybox })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Step>, Failure> {
        let step = step(args, facts);
        let mut result = crate::fields([
            ("name", args.name.as_str().into()),
            ("state", args.state.name().into()),
        ]);
        if args.state == Presence::Present {
            result.insert("system".into(), args.system.into());
            let gid = args
                .gid
                .or(facts.gid)
                .map_or(Value::Null, |gid| i64::from(gid).into());
            result.insert("gid".into(), gid);
        }
        Ok(match step {
            None => Plan::nothing("it is as it should be"),
            Some(step) => Plan::of(vec![step], "it is otherwise"),
        }
        .with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        change: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let mut applied = change.make(reach).await?;
        if args.state == Presence::Present && args.gid.is_none() && applied.failed.is_none() {
            let now = self.look(args, &reach.reading()).await?;
            let gid = now.gid.map(|gid| ("gid".to_owned(), Value::from(i64::from(gid))));
            applied.fields.extend(Map::from_iter(gid));
        }
        Ok(applied)
    }
}

fn step(args: &Args, facts: &Facts) -> Option<Step> {
    let name = quote(&args.name);
    let path = "PATH=$PATH:/usr/sbin:/sbin;";
    let number = |flag: &str| args.gid.map(|gid| format!(" {flag} {gid}")).unwrap_or_default();
    let shared = if args.non_unique { " -o" } else { "" };
    let text = |verb: &str| format!("{verb} group {}", args.name);
    match (args.state, facts.gid) {
        (Presence::Absent, None) => None,
        (Presence::Absent, Some(_)) => {
            let tool = if facts.busybox { "delgroup" } else { "groupdel" };
            Some(Step::new(text("remove"), format!("{path} {tool} {name}")))
        }
        (Presence::Present, None) => {
            let line = if facts.busybox {
                let system = if args.system { " -S" } else { "" };
                format!("addgroup{system}{} {name}", number("-g"))
            } else {
                let system = if args.system { " -r" } else { "" };
                format!("groupadd{system}{}{shared} {name}", number("-g"))
            };
            Some(Step::new(text("add"), format!("{path} {line}")))
        }
        (Presence::Present, Some(now)) => args.gid.filter(|gid| *gid != now).map(|gid| {
            let step = Step::new(text("change"), format!("{path} groupmod -g {gid}{shared} {name}"));
            step.showing(&args.name, &format!("gid: {now}\n"), &format!("gid: {gid}\n"))
        }),
    }
}

/// No tool takes these for a name.
pub(crate) fn account_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', '/', ' ']) {
        return Err(misfit(format!(
            "`{name}` cannot be the name of an account or group"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(json: serde_json::Value) -> Args {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let plan = |json: serde_json::Value, gid: Option<u32>| {
            let plan = Group.plan(&args(json), &Facts { gid, busybox: false }).unwrap();
            plan.changes
                .iter()
                .map(|step| step.line().to_owned())
                .collect::<Vec<_>>()
        };
        let web = serde_json::json!({"name": "web", "gid": 900, "system": true});
        assert_eq!(
            plan(web.clone(), None),
            ["PATH=$PATH:/usr/sbin:/sbin; groupadd -r -g 900 web"]
        );
        assert!(plan(web.clone(), Some(900)).is_empty());
        assert_eq!(
            plan(web, Some(901)),
            ["PATH=$PATH:/usr/sbin:/sbin; groupmod -g 900 web"]
        );
        let gone = serde_json::json!({"name": "web", "state": "absent"});
        assert!(plan(gone.clone(), None).is_empty());
        assert_eq!(
            plan(gone, Some(900)),
            ["PATH=$PATH:/usr/sbin:/sbin; groupdel web"]
        );
    }
}
