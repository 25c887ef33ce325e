//! As whom a task works: `become` and its kin, the host's `ansible_become*`, the command line.

use cutover_kit::becoming::{Become, Method};
use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Host, Platform, Secret, Value};
use cutover_language::Diagnostic;
use cutover_language::playbook::{Action, Directives, Literal, Play, Setting, Task};

use super::modules::Modules;
use super::request::Chosen;
use super::scope::Terms;
use super::variables::Variables;
use crate::event::Becoming;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// `--become` and what goes with it.
    pub options: Becoming,
    /// `--ask-become-pass`.
    pub password: Option<Secret>,
}

/// Where it is looked up: what a task says is rendered in its own terms, and the host that does the
/// work has the `ansible_become*` variables, which win.
pub(super) struct Sources<'a> {
    /// The task's keywords.
    pub keywords: &'a Directives,
    /// What the task sees.
    pub task: &'a Terms,
    /// What the host sees that does the work.
    pub host: &'a Terms,
    /// The command line.
    pub asked: &'a Asked,
}

impl Sources<'_> {
    /// As whom the task works on `host`; `None` where as the account logged in.
    pub(super) fn becoming(&self, host: &Host) -> Result<Option<Become>, Failure> {
        let it = self.keywords;
        let on = match self.variable("ansible_become")? {
            Some(value) => truth(&value)?,
            None => self
                .task
                .setting(it.r#become.as_ref())?
                .unwrap_or(self.asked.options.on),
        };
        if !on {
            return Ok(None);
        }
        if !speaks_posix(host.platform) {
            return Err(Failure::new(FailureKind::Arguments, refusal(host)));
        }
        let asked = &self.asked.options;
        let method = self.text(
            "ansible_become_method",
            it.become_method.as_ref(),
            asked.method.as_ref(),
        )?;
        let method = match method {
            Some(name) => Method::named(&name).ok_or_else(|| unknown_method(&name))?,
            None => Method::default(),
        };
        let name = method.name();
        let own = |what: &str| format!("ansible_{name}_{what}");
        let user = match self.variable(&own("user"))? {
            Some(Value::String(user)) => Some(user),
            _ => self.text(
                "ansible_become_user",
                it.become_user.as_ref(),
                asked.user.as_ref(),
            )?,
        };
        let password = [own("pass"), own("password")];
        let password = ["ansible_become_password", "ansible_become_pass"]
            .into_iter()
            .chain(password.iter().map(String::as_str));
        Ok(Some(Become {
            user: user.unwrap_or_else(|| "root".into()),
            method,
            flags: self.text("ansible_become_flags", it.become_flags.as_ref(), None)?,
            exe: self.text("ansible_become_exe", it.become_exe.as_ref(), None)?,
            password: self.password(password)?.or_else(|| self.asked.password.clone()),
        }))
    }

    fn variable(&self, name: &str) -> Result<Option<Value>, Failure> {
        let found = self
            .host
            .variable(name)
            .map_err(|fault| Failure::new(FailureKind::Arguments, fault.message))?;
        Ok(found
            .map(|(value, _)| value)
            .filter(|value| *value != Value::Null))
    }

    fn text(
        &self,
        variable: &str,
        keyword: Option<&Setting<String>>,
        asked: Option<&String>,
    ) -> Result<Option<String>, Failure> {
        let text = match self.variable(variable)? {
            Some(value) => Some(plain(variable, &value)?),
            None => self.task.setting(keyword)?,
        };
        Ok(text.filter(|text| !text.is_empty()).or_else(|| asked.cloned()))
    }

    fn password<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Option<Secret>, Failure> {
        for name in names {
            match self.variable(name)? {
                None => {}
                Some(Value::Secret(secret)) => return Ok(Some(secret)),
                Some(other) => return Ok(Some(Secret::new(plain(name, &other)?, Origin::Argument))),
            }
        }
        Ok(None)
    }
}

fn plain(name: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Int(number) => Ok(number.to_string()),
        other => {
            let message = format!("{name} must be text, and is {}", other.kind());
            Err(Failure::new(FailureKind::Arguments, message))
        }
    }
}

fn truth(value: &Value) -> Result<bool, Failure> {
    let truth = match value {
        Value::Bool(truth) => Some(*truth),
        Value::Int(number) => bool::from_text(&number.to_string()),
        Value::String(text) => bool::from_text(text),
        _ => None,
    };
    truth.ok_or_else(|| {
        let message = format!("ansible_become must be {}, and is {}", bool::WANTED, value.kind());
        Failure::new(FailureKind::Arguments, message)
    })
}

fn unknown_method(name: &str) -> Failure {
    let known: Vec<&str> = Method::ALL.iter().map(|(name, _)| *name).collect();
    let message = format!(
        "`{name}` is no become_method here; there are {}",
        known.join(", ")
    );
    Failure::new(FailureKind::Arguments, message)
}

fn speaks_posix(platform: Platform) -> bool {
    matches!(platform, Platform::Posix | Platform::Local)
}

fn refusal(host: &Host) -> String {
    format!(
        "{} is a {} host, where nobody can become another user",
        host.name, host.platform
    )
}

/// What would be refused on the way, found before anything runs: tasks that become somebody on
/// devices that know no such thing, and methods that there are not.
pub(super) fn check(
    plays: &[Chosen],
    variables: &Variables,
    hosts: &[Host],
    modules: &Modules,
) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for chosen in plays {
        let device = hosts
            .iter()
            .find(|host| chosen.hosts.contains(&host.name) && !speaks_posix(host.platform));
        for task in chosen.play.tasks() {
            faults.extend(method_of(task));
            faults.extend(device.and_then(|device| becomes_on(task, &chosen.play, device, modules)));
        }
    }
    for host in hosts.iter().filter(|host| !speaks_posix(host.platform)) {
        let found = variables.terms(&host.name, &[], None).variable("ansible_become");
        if let Ok(Some((value, place))) = found
            && truth(&value).is_ok_and(|on| on)
        {
            let fault = match &place {
                Some(place) => Diagnostic::error("become", place, refusal(host)),
                None => Diagnostic::nowhere("become", refusal(host)),
            };
            faults.push(fault.help("set ansible_become in a group of POSIX hosts only"));
        }
    }
    faults.dedup();
    faults
}

fn method_of(task: &Task) -> Option<Diagnostic> {
    let setting = task.directives.become_method.as_ref()?;
    let name = setting.literal()?;
    Method::named(name)
        .is_none()
        .then(|| Diagnostic::error("become", setting.place(), unknown_method(name).message))
}

/// A module without a platform of its own changes nothing on the device; who it works as does not matter.
fn becomes_on(task: &Task, play: &Play, device: &Host, modules: &Modules) -> Option<Diagnostic> {
    let setting = task.directives.r#become.as_ref()?;
    let Action::Module(call) = &task.action else {
        return None;
    };
    let tied = modules
        .meant(&call.module, task, play)
        .is_some_and(|module| !module.traits().platforms.is_empty());
    let here = task.directives.delegate_to.is_none();
    (tied && here && setting.literal() == Some(&true)).then(|| {
        Diagnostic::error("become", setting.place(), refusal(device))
            .note(&task.place, "this task works on it")
            .help("set `become` on the tasks for POSIX hosts only")
    })
}
