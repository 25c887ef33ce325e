//! How to log in to a host: Ansible's connection variables, typed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cutover_kit::session::{Credential, HostKeyPolicy, SshSettings};
use cutover_kit::timing::Timing;
use cutover_kit::{Failure, FailureKind, Host, Platform, Secret};
use cutover_language::Diagnostic;

use super::openssh::{self, Said};
use super::read::{Found, Variables};
use crate::home;

/// What the command line and the user's account give where the inventory is silent.
#[derive(Clone, Debug, Default)]
pub struct LoginDefaults {
    /// `--user`.
    pub user: Option<String>,
    /// The account that runs cutover.
    pub account: String,
    /// `--ask-pass`.
    pub password: Option<Secret>,
    /// `--private-key`.
    pub key_file: Option<PathBuf>,
    /// `--connection`.
    pub connection: Option<String>,
    /// `--timeout`: how long connecting may take.
    pub timeout: Option<Duration>,
    /// `--ssh-common-args` and its kin, by the variables that say the same.
    pub ssh_args: BTreeMap<String, String>,
    /// The setting `host_key_checking`.
    pub host_keys: Option<HostKeyPolicy>,
    /// The folder that relative paths of the inventory start from.
    pub base: PathBuf,
}

/// How to log in to `host`. A host that cannot be logged in to for want of a
/// secret fails when it is first dialled, not before: it may never be.
pub fn settings(
    host: &Host,
    variables: &Variables<'_>,
    defaults: &LoginDefaults,
    faults: &mut Vec<Diagnostic>,
) -> Result<SshSettings, Failure> {
    let user = variables
        .text("ansible_user", faults)
        .or_else(|| variables.text("ansible_ssh_user", faults));
    // Nobody logs in to this machine.
    let said = match host.platform {
        Platform::Local => Said::default(),
        _ => asked_of_ssh(variables)?,
    };
    let host_keys = host_keys(variables, faults)
        .or(said.host_keys)
        .or(defaults.host_keys);
    let legacy = variables.truth("ssh_legacy", faults).unwrap_or(said.legacy);
    let credential = credential(host, variables, defaults, &said, faults)?;
    Ok(SshSettings {
        name: host.name.clone(),
        endpoint: host.ssh.clone(),
        user: user
            .or_else(|| defaults.user.clone())
            .or_else(|| said.user.clone())
            .unwrap_or_else(|| defaults.account.clone()),
        credential,
        host_keys: host_keys.unwrap_or_default(),
        legacy,
        timing: timing(host, variables, defaults, &said, faults),
    })
}

/// What words for `ssh` say. A host that cannot be reached as they say fails when it is dialled, too:
/// it may come into the run late.
fn asked_of_ssh(variables: &Variables<'_>) -> Result<Said, Failure> {
    let mut faults = Vec::new();
    let said = openssh::said(variables, &mut faults);
    match faults.into_iter().next() {
        None => Ok(said),
        Some(fault) => {
            let failure = Failure::new(FailureKind::Unreachable, fault.message);
            Err(match fault.help {
                Some(help) => failure.hint(help),
                None => failure,
            })
        }
    }
}

/// The host's waits, with the time that connecting may take.
fn timing(
    host: &Host,
    variables: &Variables<'_>,
    defaults: &LoginDefaults,
    said: &Said,
    faults: &mut Vec<Diagnostic>,
) -> Timing {
    let connect = ["ansible_timeout", "ansible_ssh_timeout"]
        .into_iter()
        .find_map(|name| variables.seconds(name, faults))
        .or(defaults.timeout)
        .or(said.connect);
    Timing {
        connect: connect.unwrap_or(host.timing.connect),
        keepalive: said.keepalive.unwrap_or(host.timing.keepalive),
        ..host.timing.clone()
    }
}

/// What yes and no mean where host keys are checked.
pub fn checking(check: bool) -> HostKeyPolicy {
    match check {
        true => HostKeyPolicy::Strict,
        false => HostKeyPolicy::Off,
    }
}

fn host_keys(variables: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Option<HostKeyPolicy> {
    let word = match variables.get("ansible_host_key_checking", faults) {
        Some(Found {
            value: cutover_kit::Value::Bool(check),
            ..
        }) => {
            return Some(checking(check));
        }
        other => other,
    };
    word?;
    let words = [
        ("true", HostKeyPolicy::Strict),
        ("strict", HostKeyPolicy::Strict),
        ("accept-new", HostKeyPolicy::AcceptNew),
        ("false", HostKeyPolicy::Off),
        ("off", HostKeyPolicy::Off),
    ];
    variables.one_of("ansible_host_key_checking", &words, faults)
}

fn credential(
    host: &Host,
    variables: &Variables<'_>,
    defaults: &LoginDefaults,
    said: &Said,
    faults: &mut Vec<Diagnostic>,
) -> Result<Credential, Failure> {
    let key = variables
        .text("ansible_ssh_private_key_file", faults)
        .or_else(|| variables.text("ansible_private_key_file", faults));
    let file = |file: String| {
        let file = home::expand(Path::new(&file), home::of_user().as_deref());
        defaults.base.join(file)
    };
    let key = key
        .map(file)
        .or_else(|| defaults.key_file.clone())
        .or_else(|| said.key.clone().map(file));
    if let (Some(file), false) = (key, host.platform == Platform::Vos) {
        let passphrase = variables.secret("ansible_ssh_private_key_passphrase", faults);
        return Ok(Credential::Key { file, passphrase });
    }
    let password = variables.secret("ansible_password", faults);
    let password = password.or_else(|| variables.secret("ansible_ssh_pass", faults));
    let password = password.or_else(|| variables.secret("ansible_ssh_password", faults));
    match password.or_else(|| defaults.password.clone()) {
        Some(password) => Ok(Credential::Password(password)),
        None if host.platform == Platform::Vos => {
            let message = format!(
                "{} has no ansible_password, and VOS takes nothing else",
                host.name
            );
            Err(Failure::new(FailureKind::Unreachable, message)
                .hint("set ansible_password in group_vars, best from the environment or a vault, or give --ask-pass"))
        }
        None => Ok(Credential::OwnKeys),
    }
}
