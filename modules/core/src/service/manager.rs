//! What manages services on a host: how to ask it, and how to tell it.

use cutover_kit::{Failure, FailureKind, Value};

use super::{Order, State};
use crate::process::quote;
use crate::steps::Step;

/// Who manages services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manager {
    Systemd,
    OpenRc,
    SystemV,
}

/// How a service stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(super) exists: bool,
    pub(super) running: bool,
    pub(super) enabled: bool,
    pub(super) masked: bool,
    /// What `systemctl show` says.
    pub(super) properties: Vec<(String, Value)>,
    /// What the manager says of what is not there.
    pub(super) said: Vec<String>,
}

impl Found {
    /// Whether it is on its way up, as far as its manager tells.
    pub(super) fn starts(&self) -> bool {
        let mut properties = self.properties.iter();
        properties.any(|(name, value)| name == "ActiveState" && value.as_str() == Some("activating"))
    }
}

/// The script that finds out who manages services and how this one stands.
pub(super) fn question(order: &Order) -> String {
    let name = quote(order.name.as_deref().unwrap_or_default());
    let options = &order.options;
    let pattern = order.pattern.as_deref().map(|pattern| {
        format!(
            "ps -e -o args= 2>/dev/null | grep -v grep | grep -q {} && echo running",
            quote(pattern)
        )
    });
    let status = pattern.unwrap_or_else(|| {
        "if command -v service >/dev/null 2>&1; then service \"$name\" status; else \"/etc/init.d/$name\" status; fi >/dev/null 2>&1 && echo running".into()
    });
    format!(
        r#"# how service {name} stands
name={name}; PATH=$PATH:/usr/sbin:/sbin
if command -v systemctl >/dev/null 2>&1 && {{ [ -d /run/systemd/system ] || systemctl show -p Version >/dev/null 2>&1; }}; then
  echo systemd; [ -n "$name" ] || exit 0
  printf 'enabled %s\n' "$(systemctl {options} is-enabled -- "$name" 2>&1)"
  systemctl {options} show -- "$name" 2>&1
elif command -v rc-service >/dev/null 2>&1; then
  echo openrc; [ -n "$name" ] || exit 0
  rc-service -e "$name" && echo exists
  rc-service "$name" status >/dev/null 2>&1 && echo running
  rc-update show default 2>/dev/null | awk '{{print $1}}' | grep -qxF "$name" && echo enabled
else
  echo sysv; [ -n "$name" ] || exit 0
  [ -x "/etc/init.d/$name" ] && echo exists
  {status}
  for it in /etc/rc[2345].d/S??"$name" /etc/rc.d/rc[2345].d/S??"$name"; do [ -e "$it" ] && {{ echo enabled; break; }}; done
fi; exit 0"#
    )
}

/// What the script said.
pub(super) fn read(order: &Order, said: &str) -> Result<(Manager, Option<Found>), Failure> {
    let mut lines = said.lines();
    let manager = match lines.next() {
        Some("systemd") => Manager::Systemd,
        Some("openrc") => Manager::OpenRc,
        _ => Manager::SystemV,
    };
    if order.systemd_only && manager != Manager::Systemd {
        let message = "this host is not managed by systemd";
        return Err(
            Failure::new(FailureKind::Preflight, message).hint("use `service`, which takes what is there")
        );
    }
    if order.name.is_none() {
        return Ok((manager, None));
    }
    let found = match manager {
        Manager::Systemd => unit(lines),
        Manager::OpenRc | Manager::SystemV => {
            let words: Vec<&str> = lines.collect();
            Found {
                exists: words.contains(&"exists"),
                running: words.contains(&"running"),
                enabled: words.contains(&"enabled"),
                ..Found::default()
            }
        }
    };
    Ok((manager, Some(found)))
}

fn unit<'a>(lines: impl Iterator<Item = &'a str>) -> Found {
    let mut found = Found::default();
    for line in lines {
        if let Some(word) = line.strip_prefix("enabled ") {
            found.enabled = [
                "enabled",
                "enabled-runtime",
                "alias",
                "static",
                "indirect",
                "generated",
            ]
            .contains(&word);
            found.masked = word.starts_with("masked");
        } else if let Some((name, value)) = line.split_once('=') {
            found.properties.push((name.to_owned(), value.into()));
        } else if !line.trim().is_empty() {
            found.said.push(line.to_owned());
        }
    }
    let property = |name: &str| {
        let found = found.properties.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (load, active) = (property("LoadState"), property("ActiveState"));
    let exists = !load.is_empty() && load != "not-found";
    let running = ["active", "activating", "reloading"].contains(&active);
    let masked = load == "masked";
    found.exists = exists;
    found.running = running;
    found.masked |= masked;
    found
}

/// What is to be told the manager itself.
pub(super) fn of_manager(order: &Order) -> Vec<Step> {
    let tell = |verb: &str, text: &str| Step::new(text, format!("systemctl {} {verb}", order.options));
    let mut steps = Vec::new();
    if order.restart_manager {
        steps.push(tell("daemon-reexec", "have systemd start itself again"));
    }
    if order.reload_manager {
        steps.push(tell("daemon-reload", "have systemd read its files again"));
    }
    steps
}

/// What is to be done about the service, in this order: mask, enable, start.
pub(super) fn steps(manager: Manager, order: &Order, name: &str, found: &Found) -> Vec<Step> {
    let mut steps = Vec::new();
    let plain = |verb: &str| Step::new(format!("{verb} {name}"), line(manager, order, name, verb));
    let tell = |verb: &str| match opposite(verb) {
        Some(back) => plain(verb).back(plain(back)),
        None => plain(verb),
    };
    match order.masked {
        Some(true) if !found.masked => steps.push(tell("mask")),
        Some(false) if found.masked => steps.push(tell("unmask")),
        _ => {}
    }
    match order.enabled {
        Some(true) if !found.enabled => steps.push(tell("enable").showing(name, "disabled\n", "enabled\n")),
        Some(false) if found.enabled => steps.push(tell("disable").showing(name, "enabled\n", "disabled\n")),
        _ => {}
    }
    match (order.state, found.running) {
        (Some(State::Started | State::Reloaded | State::Restarted), false) => {
            steps.push(tell("start").showing(name, "stopped\n", "started\n"));
        }
        (Some(State::Stopped), true) => steps.push(tell("stop").showing(name, "started\n", "stopped\n")),
        (Some(State::Restarted), true) => steps.push(tell("restart")),
        (Some(State::Reloaded), true) => steps.push(tell("reload")),
        _ => {}
    }
    steps
}

/// What takes a verb back.
fn opposite(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "mask" => "unmask",
        "unmask" => "mask",
        "enable" => "disable",
        "disable" => "enable",
        "start" => "stop",
        "stop" => "start",
        _ => return None,
    })
}

fn line(manager: Manager, order: &Order, name: &str, verb: &str) -> String {
    let name = quote(name);
    let path = "PATH=$PATH:/usr/sbin:/sbin; ";
    let told = match (manager, verb) {
        (Manager::Systemd, _) => format!("systemctl {} {verb} -- {name}", order.options),
        (Manager::OpenRc, "enable") => format!("rc-update add {name} default"),
        (Manager::OpenRc, "disable") => format!("rc-update del {name} default"),
        (Manager::OpenRc, _) => format!("rc-service {name} {verb}"),
        (Manager::SystemV, "enable") => {
            format!(
                "if command -v update-rc.d >/dev/null; then update-rc.d {name} defaults && update-rc.d {name} enable; else chkconfig {name} on; fi"
            )
        }
        (Manager::SystemV, "disable") => {
            format!(
                "if command -v update-rc.d >/dev/null; then update-rc.d {name} disable; else chkconfig {name} off; fi"
            )
        }
        (Manager::SystemV, "restart") if order.sleep.is_some() => {
            let told = |verb: &str| by_script(&name, verb);
            format!(
                "{}; sleep {}; {}",
                told("stop"),
                order.sleep.unwrap_or(0),
                told("start")
            )
        }
        (Manager::SystemV, _) => by_script(&name, verb),
    };
    format!("{path}{told}")
}

fn by_script(name: &str, verb: &str) -> String {
    format!(
        "if command -v service >/dev/null 2>&1; then service {name} {verb}; else /etc/init.d/{name} {verb}; fi"
    )
}
