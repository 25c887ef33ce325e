//! How hosts are logged in to, and as whom tasks run there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cutover_engine::estate::check_ssh_args;
use cutover_kit::becoming::Method;
use cutover_language::{Diagnostic, Severity};

use super::super::fault::Fault;
use crate::event::Becoming;
use crate::exit::Exit;
use crate::settings::Settings;

/// How hosts are logged in to, where the inventory says nothing.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in super::super) struct LoginArgs {
    /// Log in as this user where the inventory names none.
    #[arg(short, long, value_name = "NAME")]
    pub(super) user: Option<String>,

    /// Ask for the SSH password that hosts without `ansible_password` get.
    #[arg(short = 'k', long)]
    pub(in super::super) ask_pass: bool,

    /// A file with the SSH password that hosts without `ansible_password` get, or a script that prints it.
    #[arg(
        long,
        visible_alias = "conn-pass-file",
        value_name = "FILE",
        conflicts_with = "ask_pass"
    )]
    connection_password_file: Option<PathBuf>,

    /// How to reach hosts where the inventory says nothing: `ssh` or `local`.
    #[arg(short, long, value_name = "KIND")]
    pub(super) connection: Option<String>,

    /// Seconds until a connection must stand.
    #[arg(short = 'T', long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: Option<u64>,

    /// The private key for hosts whose inventory names none.
    #[arg(long, visible_alias = "key-file", value_name = "FILE")]
    pub(in super::super) private_key: Option<PathBuf>,

    #[command(flatten)]
    ssh: SshArgs,
}

/// Words for the programs that Ansible starts and cutover does not.
#[derive(clap::Args, Clone, Debug, Default)]
struct SshArgs {
    /// Words of an `ssh` command line for hosts whose inventory has no `ansible_ssh_common_args`: port, user, key, host key checking, timeouts, old algorithms.
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    ssh_common_args: Option<String>,

    /// The same for hosts without `ansible_ssh_extra_args`; where both speak of one thing, `--ssh-common-args` counts.
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    ssh_extra_args: Option<String>,

    /// Accepted for habit: no sftp is started.
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    sftp_extra_args: Option<String>,

    /// Accepted for habit: no scp is started.
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    scp_extra_args: Option<String>,
}

impl LoginArgs {
    /// The file with the password, where there is one.
    pub(in super::super) fn password_file(&self, settings: &Settings) -> Option<PathBuf> {
        let set = || settings.path("CONNECTION_PASSWORD_FILE");
        self.connection_password_file.clone().or_else(set)
    }

    /// Words for `ssh`, by the variable of a host that says the same.
    pub(super) fn ssh_args(&self, settings: &Settings) -> BTreeMap<String, String> {
        let given = [
            ("ansible_ssh_args", None, "SSH_ARGS"),
            (
                "ansible_ssh_common_args",
                self.ssh.ssh_common_args.clone(),
                "COMMON_SSH_ARGS",
            ),
            (
                "ansible_ssh_extra_args",
                self.ssh.ssh_extra_args.clone(),
                "EXTRA_SSH_ARGS",
            ),
        ];
        given
            .into_iter()
            .filter_map(|(variable, option, setting)| {
                Some((variable.to_owned(), option.or_else(|| settings.text(setting))?))
            })
            .collect()
    }

    /// Refuses what cannot be done, and warns of what means nothing here.
    pub(in super::super) fn check(&self) -> Result<Vec<Diagnostic>, Fault> {
        let understood = [
            ("--ssh-common-args", &self.ssh.ssh_common_args),
            ("--ssh-extra-args", &self.ssh.ssh_extra_args),
        ];
        for (option, text) in understood {
            let text = text.as_deref().unwrap_or_default();
            check_ssh_args(text).map_err(|refused| {
                Fault::new(Exit::Usage, format!("{option}: {}", refused.message)).hint(refused.hint)
            })?;
        }
        let idle = [
            ("--sftp-extra-args", &self.ssh.sftp_extra_args),
            ("--scp-extra-args", &self.ssh.scp_extra_args),
        ];
        let given = idle.iter().filter(|(_, text)| text.is_some());
        Ok(given.map(|(option, _)| without_effect(option)).collect())
    }
}

fn without_effect(option: &str) -> Diagnostic {
    let message = format!("{option} has no effect: files are sent over the SSH connection that is there");
    Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::nowhere("option", message)
    }
}

/// As whom tasks run on their hosts.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in super::super) struct BecomeArgs {
    /// Work as another user on POSIX hosts where playbook and inventory say nothing.
    #[arg(short = 'b', long = "become")]
    on: bool,

    /// Which user to become (default: root).
    #[arg(long, value_name = "NAME")]
    become_user: Option<String>,

    /// How to become another user: sudo (default), su or doas.
    #[arg(long, value_name = "METHOD", value_parser = Method::NAMES)]
    become_method: Option<String>,

    /// Ask for the password that becoming another user takes; empty means the SSH password.
    #[arg(short = 'K', long)]
    pub(in super::super) ask_become_pass: bool,

    /// A file with the password that becoming another user takes, or a script that prints it.
    #[arg(
        long,
        visible_alias = "become-pass-file",
        value_name = "FILE",
        conflicts_with = "ask_become_pass"
    )]
    become_password_file: Option<PathBuf>,
}

impl BecomeArgs {
    /// The file with the password, where there is one.
    pub(in super::super) fn password_file(&self, settings: &Settings) -> Option<PathBuf> {
        let set = || settings.path("BECOME_PASSWORD_FILE");
        self.become_password_file.clone().or_else(set)
    }

    pub(super) fn understand(&self, settings: &Settings) -> Becoming {
        Becoming {
            on: self.on || settings.truth("DEFAULT_BECOME").unwrap_or_default(),
            user: self
                .become_user
                .clone()
                .or_else(|| settings.text("DEFAULT_BECOME_USER")),
            method: self
                .become_method
                .clone()
                .or_else(|| settings.text("DEFAULT_BECOME_METHOD")),
        }
    }
}
