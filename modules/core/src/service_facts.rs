//! `service_facts`: how every service of a host stands.

use std::collections::BTreeMap;

use cutover_kit::{Applied, Failure, Module, Plan, Platform, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;
use crate::steps::{ask, text};

/// The `service_facts` module.
#[derive(Clone, Copy, Debug)]
pub struct ServiceFacts;

/// Finds out how every service of the host stands, under systemd or System V's scripts, and keeps it as the fact `services`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {}

/// A service, as the fact tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `running`, `stopped`, or what its manager calls it where it was never started.
    state: String,
    /// `enabled`, `disabled`, ...; System V's scripts cannot tell.
    status: Option<String>,
}

/// Services by their names.
pub(crate) type Services = BTreeMap<String, Service>;

/// States that a unit's file does not change.
const BAD: [&str; 3] = ["not-found", "masked", "failed"];

const QUESTION: &str = r#"# how every service stands
PATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL
if command -v systemctl >/dev/null 2>&1 && { [ -d /run/systemd/system ] || systemctl show -p Version >/dev/null 2>&1; }; then
  echo systemd
  systemctl list-units --no-pager --no-legend --type service --all --plain; echo @@cutover
  f=$(systemctl list-unit-files --no-pager --no-legend --type service --all); printf '%s\n' "$f"; echo @@cutover
  printf '%s\n' "$f" | sed -n 's/^\([^ ]*\.service\) .*/\1/p' | grep -v '@\.service$' | xargs systemctl show -p ActiveState --
elif command -v service >/dev/null 2>&1; then echo sysv; service --status-all 2>/dev/null; fi; exit 0"#;

/// The manager, and the services under it.
fn read(said: &str) -> (&'static str, Services) {
    match said.split_once('\n') {
        Some(("systemd", rest)) => ("systemd", units(rest)),
        Some(("sysv", rest)) => ("sysv", scripts(rest)),
        _ => ("", Services::new()),
    }
}

fn units(said: &str) -> Services {
    let mut parts = said.split("@@cutover\n");
    let mut part = || parts.next().unwrap_or_default();
    let (listed, files, states) = (part(), part(), part());
    let mut services = Services::new();
    for line in listed.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [name, _, active, sub, ..] = fields[..] else {
            continue;
        };
        // The last one is a word of the description.
        let before = &fields[..fields.len() - 1];
        let bad = BAD.into_iter().find(|bad| before.contains(bad));
        let state = if sub == "running" { "running" } else { "stopped" };
        let service = Service {
            state: state.to_owned(),
            status: Some(bad.unwrap_or(active).to_owned()),
        };
        services.insert(name.to_owned(), service);
    }
    let mut states = states
        .lines()
        .filter_map(|line| line.strip_prefix("ActiveState="));
    for line in files.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(status)) = (words.next(), words.next()) else {
            continue;
        };
        let is_pattern = name.ends_with("@.service");
        let state = match is_pattern {
            true => None,
            false => states.next(),
        };
        let known = services.entry(name.to_owned()).or_insert_with(|| Service {
            state: state.unwrap_or("unknown").to_owned(),
            status: None,
        });
        if !known
            .status
            .as_deref()
            .is_some_and(|status| BAD.contains(&status))
        {
            known.status = Some(status.to_owned());
        }
    }
    services
}

/// Lines such as ` [ + ]  ssh`.
fn scripts(said: &str) -> Services {
    let service = |line: &str| {
        let (sign, name) = line.trim_start().strip_prefix("[ ")?.split_once(" ]")?;
        let state = match sign {
            "+" => "running",
            "-" => "stopped",
            _ => return None,
        };
        let service = Service {
            state: state.to_owned(),
            status: None,
        };
        Some((name.trim().to_owned(), service))
    };
    said.lines().filter_map(service).collect()
}

impl Module for ServiceFacts {
    const NAME: &'static str = "service_facts";
    type Args = Args;
    type Facts = (&'static str, Services);
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            usual: "1 s",
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, _: &Args, reach: &Reach<Read>) -> Result<Self::Facts, Failure> {
        let executed = ask(QUESTION, reach).await?;
        Ok(read(&text(&executed.stdout)))
    }

    fn plan(&self, _: &Args, (source, services): &Self::Facts) -> Result<Plan<Never>, Failure> {
        let of = |(name, service): (&String, &Service)| {
            let mut told = vec![
                ("name", Value::from(name.as_str())),
                ("state", service.state.as_str().into()),
                ("source", (*source).into()),
            ];
            told.extend(service.status.as_deref().map(|status| ("status", status.into())));
            (name.clone(), Value::map(told))
        };
        let services = Value::map(services.iter().map(of));
        let facts = Value::map([("services", services)]);
        Ok(Plan::nothing("it only looks").with(crate::fields([("ansible_facts", facts)])))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Self::Facts,
        change: &Never,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        match *change {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(said: &str) -> String {
        let (source, services) = read(said);
        let line = |(name, service): (&String, &Service)| {
            let status = service.status.as_deref().unwrap_or("-");
            format!("{name} {} {status} {source}\n", service.state)
        };
        services.iter().map(line).collect()
    }

    #[test]
    fn units_are_told_with_what_their_files_say() {
        let said = "systemd
cron.service      loaded    active   running Regular background program processing daemon
getty@tty1.service loaded   active   running Getty on tty1
nginx.service     loaded    failed   failed  A web server
networking.service loaded   active   exited  Raise network interfaces
plymouth.service  not-found inactive dead    plymouth.service
@@cutover
cron.service      enabled  enabled
getty@.service    enabled  enabled
nginx.service     enabled  enabled
rsync.service     disabled enabled
alias.service     alias    -
@@cutover
ActiveState=active

ActiveState=failed

ActiveState=inactive

ActiveState=active
";
        insta::assert_snapshot!(told(said), @"
        alias.service active alias systemd
        cron.service running enabled systemd
        getty@.service unknown enabled systemd
        getty@tty1.service running active systemd
        networking.service stopped active systemd
        nginx.service stopped failed systemd
        plymouth.service stopped not-found systemd
        rsync.service inactive disabled systemd
        ");
    }

    static SERVICE_FACTS: ServiceFacts = ServiceFacts;

    #[tokio::test]
    async fn systemctl_is_asked_for_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("systemctl");
        let script = "#!/bin/sh
case \" $* \" in
*' show -p Version '*) echo Version=252 ;;
*' list-units '*) echo 'cron.service loaded active running Jobs' ;;
*' list-unit-files '*) printf '%s\\n' 'cron.service enabled enabled' 'x@.service static -' 'rsync.service disabled enabled' ;;
*' show -p ActiveState -- cron.service rsync.service '*) printf 'ActiveState=active\\n\\nActiveState=inactive\\n' ;;
*) exit 1 ;;
esac
";
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let bench = crate::bench::Bench::local().environment("PATH", &search);
        let plan = bench
            .plan(&SERVICE_FACTS, Value::map::<&str, Value>([]))
            .await
            .unwrap();
        let services = plan.result["ansible_facts"].reveal()["services"].clone();
        let line =
            |(name, it): (&String, &serde_json::Value)| format!("{name} {} {}\n", it["state"], it["status"]);
        let told: String = services.as_object().unwrap().iter().map(line).collect();
        assert_eq!(
            told,
            "cron.service \"running\" \"enabled\"\nrsync.service \"inactive\" \"disabled\"\nx@.service \"unknown\" \"static\"\n"
        );
    }

    #[test]
    fn scripts_are_told_by_their_signs() {
        let said = "sysv\n [ + ]  cron\n [ - ]  hwclock.sh\n [ ? ]  networking\n";
        insta::assert_snapshot!(told(said), @"
        cron running - sysv
        hwclock.sh stopped - sysv
        ");
        assert_eq!(told(""), "");
    }
}
