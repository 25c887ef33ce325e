//! The modules that are not tied to a device: what a playbook author reaches for without thinking.
//!
//! Their results have the shapes that Ansible's have, so that conditions written for those hold here.
//! `debug` and `set_fact` pass values through as they are, secrets and what is known later included;
//! `command`, `shell` and `raw` run a process on this machine or, over one kept connection for each
//! host, on a POSIX one.

mod add_host;
mod assert;
mod async_status;
mod cron;
mod debug;
mod disk;
mod fail;
mod files;
mod getent;
mod given;
mod group;
mod group_by;
mod hostname;
mod include_vars;
mod package_facts;
mod packages;
mod pause;
mod ping;
pub mod posix;
mod process;
mod reboot;
mod service;
mod service_facts;
mod set_fact;
mod set_stats;
mod settled;
mod setup;
mod steps;
mod user;
mod wait_for;
mod wait_for_connection;
mod web;

mod validate_argument_spec;

#[cfg(test)]
mod bench;

use cutover_kit::{AnyModule, Map, Value};

pub use add_host::AddHost;
pub use assert::{Assert, Judged};
pub use async_status::AsyncStatus;
pub use cron::Cron;
pub use debug::Debug;
pub use fail::Fail;
pub use files::{
    Assemble, BlockInFile, Copy, Edit, Fetch, File, Find, LineInFile, Replace, Slurp, Stat, TempFile,
    Template, Unarchive,
};
pub use getent::Getent;
pub use group::Group;
pub use group_by::GroupBy;
pub use hostname::Hostname;
pub use include_vars::IncludeVars;
pub use package_facts::PackageFacts;
pub use packages::{Apt, Dnf, Dnf5, Package, Yum};
pub use pause::Pause;
pub use ping::Ping;
pub use posix::{Posix, PosixConnection};
pub use process::{Command, Raw, Script, Shell};
pub use reboot::Reboot;
pub use service::{Service, Systemd, SystemdService};
pub use service_facts::ServiceFacts;
pub use set_fact::SetFact;
pub use set_stats::SetStats;
pub use setup::{GatherFacts, Setup};
pub use user::User;
pub use validate_argument_spec::ValidateArgumentSpec;
pub use wait_for::WaitFor;
pub use wait_for_connection::WaitForConnection;
pub use web::{GetUrl, Uri};

/// Every module of this crate.
pub fn modules() -> Vec<&'static dyn AnyModule> {
    static COMMAND: Command = Command::new();
    static SHELL: Shell = Shell::new();
    static RAW: Raw = Raw::new();
    static APT: Apt = Apt::new();
    static DNF: Dnf = Dnf::new();
    static DNF5: Dnf5 = Dnf5::new();
    static PACKAGE: Package = Package::new();
    static YUM: Yum = Yum::new();
    static SERVICE: Service = Service::new();
    static SYSTEMD: Systemd = Systemd::new();
    static SYSTEMD_SERVICE: SystemdService = SystemdService::new();
    let mut all: Vec<&dyn AnyModule> = vec![
        &AddHost,
        &APT,
        &Assert,
        &AsyncStatus,
        &COMMAND,
        &Cron,
        &Debug,
        &DNF,
        &DNF5,
        &Fail,
        &GatherFacts,
        &Getent,
        &GetUrl,
        &IncludeVars,
        &Group,
        &GroupBy,
        &Hostname,
        &PACKAGE,
        &PackageFacts,
        &Pause,
        &Ping,
        &RAW,
        &Reboot,
        &Script,
        &SERVICE,
        &ServiceFacts,
        &SetFact,
        &SetStats,
        &Setup,
        &SHELL,
        &ValidateArgumentSpec,
        &SYSTEMD,
        &SYSTEMD_SERVICE,
        &Uri,
        &User,
        &WaitFor,
        &WaitForConnection,
        &YUM,
    ];
    all.extend(files::modules());
    all
}

/// The fields of a result.
fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_modules_that_set_variables_say_so() {
        let setting = super::modules()
            .into_iter()
            .filter(|module| module.sets_variables());
        let mut names: Vec<&str> = setting.map(cutover_kit::AnyModule::name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "add_host",
                "gather_facts",
                "getent",
                "group_by",
                "hostname",
                "include_vars",
                "package_facts",
                "service_facts",
                "setup"
            ]
        );
    }
}
