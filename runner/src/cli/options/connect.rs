//! How hosts are logged in to, and as whom tasks run there.

use std::path::PathBuf;

use cutover_kit::becoming::Method;

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
    foreign: ForeignArgs,
}

/// Options for the programs that Ansible starts and cutover does not.
#[derive(clap::Args, Clone, Debug, Default)]
struct ForeignArgs {
    /// Refused: no ssh command is started.
    #[arg(long, value_name = "ARGS", hide = true, allow_hyphen_values = true)]
    ssh_common_args: Option<String>,

    /// Refused: no ssh command is started.
    #[arg(long, value_name = "ARGS", hide = true, allow_hyphen_values = true)]
    ssh_extra_args: Option<String>,

    /// Refused: no sftp command is started.
    #[arg(long, value_name = "ARGS", hide = true, allow_hyphen_values = true)]
    sftp_extra_args: Option<String>,

    /// Refused: no scp command is started.
    #[arg(long, value_name = "ARGS", hide = true, allow_hyphen_values = true)]
    scp_extra_args: Option<String>,
}

impl LoginArgs {
    /// The file with the password, where there is one.
    pub(in super::super) fn password_file(&self, settings: &Settings) -> Option<PathBuf> {
        let set = || settings.path("CONNECTION_PASSWORD_FILE");
        self.connection_password_file.clone().or_else(set)
    }

    /// Refuses what cannot mean anything here.
    pub(in super::super) fn check(&self) -> Result<(), Fault> {
        let given = [
            ("--ssh-common-args", &self.foreign.ssh_common_args),
            ("--ssh-extra-args", &self.foreign.ssh_extra_args),
            ("--sftp-extra-args", &self.foreign.sftp_extra_args),
            ("--scp-extra-args", &self.foreign.scp_extra_args),
        ];
        match given.iter().find(|(_, value)| value.is_some()) {
            None => Ok(()),
            Some((option, _)) => Err(Fault::new(
                Exit::Usage,
                format!("{option} is not for cutover, which speaks SSH itself and starts no other program"),
            )
            .hint(
                "say it in the inventory: `ansible_port`, `ansible_user`, `ansible_ssh_private_key_file`, \
                 `ansible_host_key_checking`, `ssh_legacy`",
            )),
        }
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
