//! `user`: accounts of a host.

mod difference;

use cutover_kit::{
    Applied, Failure, FailureKind, Map, Module, Plan, Reach, Read, Secret, Traits, Value, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::group::{Presence, account_name};
use crate::process::quote;
use crate::steps::{CHANGES, Step, ask, text};

/// The `user` module.
#[derive(Clone, Copy, Debug)]
pub struct User;

/// Makes, changes or removes an account, with `useradd`, `usermod` and `userdel`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The account.
    #[schemars(extend("aliases" = ["user"]))]
    name: String,
    /// `present` (default) or `absent`.
    #[serde(default)]
    state: Presence,
    /// Its number.
    #[serde(default)]
    uid: Option<u32>,
    /// Whether its number may be another account's, too.
    #[serde(default)]
    non_unique: bool,
    /// Its first group, by name or number.
    #[serde(default)]
    group: Option<String>,
    /// Its other groups; an empty list takes it out of all.
    #[serde(default)]
    groups: Option<Vec<String>>,
    /// Whether it stays in other groups than these.
    #[serde(default)]
    append: bool,
    /// Its description.
    #[serde(default)]
    comment: Option<String>,
    /// Its home folder.
    #[serde(default)]
    home: Option<String>,
    /// Whether a new account gets its home folder. Default: yes.
    #[serde(default)]
    #[schemars(extend("aliases" = ["createhome"]))]
    create_home: Option<bool>,
    /// Whether what is in the old home folder moves to a new one.
    #[serde(default)]
    move_home: bool,
    /// The folder whose files a new home folder gets.
    #[serde(default)]
    skeleton: Option<String>,
    /// Its shell.
    #[serde(default)]
    shell: Option<String>,
    /// The hash of its password, as `password_hash` makes it. It reaches the host through standard input.
    #[serde(default)]
    password: Option<Secret>,
    /// `always` (default), or `on_create` for new accounts only.
    #[serde(default)]
    update_password: Update,
    /// Whether its password is locked.
    #[serde(default)]
    password_lock: Option<bool>,
    /// Whether a new account is one of the system's.
    #[serde(default)]
    system: bool,
    /// When it ends, in seconds since 1970; below 0 for never.
    #[serde(default)]
    expires: Option<f64>,
    /// With `absent`: whether its home folder goes, too.
    #[serde(default)]
    remove: bool,
    /// With `absent`: whether it goes although it is logged in.
    #[serde(default)]
    force: bool,
    /// Accepted for the sake of existing playbooks: local files are what is changed.
    #[serde(default)]
    #[expect(dead_code, reason = "accepted, and without an effect here")]
    local: Option<bool>,
}

/// When a password is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Update {
    /// Whenever it differs.
    #[default]
    Always,
    /// For new accounts only.
    OnCreate,
}

/// An account that is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
    /// The name of its first group.
    group: String,
    comment: String,
    home: String,
    shell: String,
    /// Its other groups.
    groups: Vec<String>,
    /// The hash of its password, where that may be read.
    password: Option<Secret>,
    /// The day it ends, since 1970.
    expires: Option<i64>,
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    account: Option<Account>,
}

impl Module for User {
    const NAME: &'static str = "user";
    type Args = Args;
    type Facts = Facts;
    type Change = Step;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        account_name(&args.name)?;
        let executed = ask(&question(&args.name), reach).await?;
        let said = text(&executed.stdout);
        if said.lines().next() == Some("@none") {
            let message = "this host has no useradd and usermod";
            return Err(Failure::new(FailureKind::Preflight, message)
                .hint("install the `shadow` package there, or add the account with `command`"));
        }
        Ok(Facts {
            account: account(&reach.host().name, &said),
        })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Step>, Failure> {
        let steps = difference::steps(args, facts.account.as_ref());
        let why = if steps.is_empty() {
            "it is as it should be"
        } else {
            "it is otherwise"
        };
        let mut result = crate::fields([
            ("name", args.name.as_str().into()),
            ("state", args.state.name().into()),
        ]);
        match args.state {
            Presence::Absent => {
                result.insert("force".into(), args.force.into());
                result.insert("remove".into(), args.remove.into());
            }
            Presence::Present => {
                result.insert("append".into(), args.append.into());
                result.insert("move_home".into(), args.move_home.into());
                result.extend(facts.account.as_ref().map(shown).unwrap_or_default());
                result.extend(wanted(args));
            }
        }
        Ok(Plan::of(steps, why).with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        change: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let mut applied = change.make(reach).await?;
        if args.state == Presence::Present && applied.failed.is_none() {
            let now = self.look(args, &reach.reading()).await?;
            applied
                .fields
                .extend(now.account.as_ref().map(shown).unwrap_or_default());
        }
        Ok(applied)
    }
}

/// The account's lines of the databases, and the names of its groups.
fn question(name: &str) -> String {
    let name = quote(name);
    format!(
        r#"# account {name}
PATH=$PATH:/usr/sbin:/sbin
command -v usermod >/dev/null 2>&1 || {{ echo @none; exit 0; }}
getent passwd {name} || grep ^{name}: /etc/passwd || exit 0
id -gn {name}
id -Gn {name}
getent shadow {name} 2>/dev/null; exit 0"#
    )
}

/// What the host of this name said of an account.
fn account(host: &str, said: &str) -> Option<Account> {
    let mut lines = said.lines();
    let passwd: Vec<&str> = lines.next()?.split(':').collect();
    let [_, _, uid, gid, comment, home, shell] = passwd[..] else {
        return None;
    };
    let group = lines.next().unwrap_or_default().to_owned();
    let all = lines.next().unwrap_or_default().split_whitespace();
    let shadow: Vec<&str> = lines.next().unwrap_or_default().split(':').collect();
    let password = shadow.get(1).map(|hash| {
        let origin = cutover_kit::secret::Origin::Host {
            host: host.to_owned(),
            what: "shadow".into(),
        };
        Secret::new(*hash, origin)
    });
    Some(Account {
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        groups: all.filter(|it| *it != group).map(str::to_owned).collect(),
        group,
        comment: comment.to_owned(),
        home: home.to_owned(),
        shell: shell.to_owned(),
        password,
        expires: shadow.get(7).and_then(|day| day.parse().ok()),
    })
}

/// An account as results tell it.
fn shown(account: &Account) -> Map {
    crate::fields([
        ("uid", i64::from(account.uid).into()),
        ("group", i64::from(account.gid).into()),
        ("comment", account.comment.as_str().into()),
        ("home", account.home.as_str().into()),
        ("shell", account.shell.as_str().into()),
    ])
}

/// What is asked for, as results tell it.
fn wanted(args: &Args) -> Map {
    let mut fields = Map::new();
    let texts = [
        ("comment", &args.comment),
        ("home", &args.home),
        ("shell", &args.shell),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            fields.insert(name.into(), value.as_str().into());
        }
    }
    if let Some(groups) = &args.groups {
        fields.insert("groups".into(), groups.join(",").into());
    }
    if args.password.is_some() {
        fields.insert("password".into(), "NOT_LOGGING_PASSWORD".into());
    }
    if let Some(uid) = args.uid {
        fields.insert("uid".into(), Value::from(i64::from(uid)));
    }
    fields
}

#[cfg(test)]
mod tests;
