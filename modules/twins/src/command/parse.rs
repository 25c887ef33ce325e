//! From a line to a command.

use crate::state::services::Action;
use crate::state::unit::Unit;

/// A command line, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Nothing,
    Quit,
    Help,
    Paginate(bool),
    ShowPagination,
    ShowSessionTimeout,
    ListOwn,
    ListTrust,
    /// `show cert own NAME`
    ShowOwn(String),
    /// `show cert trust STORE/FILE`
    ShowTrust(String),
    ListRequests,
    /// `show csr own NAME`
    ShowRequest(String),
    MakeRequest(String),
    /// The unit's name; a CA certificate's name after it is taken and not needed.
    ImportOwn(String),
    ImportTrust(String),
    Regenerate(String),
    Delete {
        store: String,
        file: String,
    },
    ListServices,
    Service(Action, String),
    Restart,
    Shutdown,
    SwitchVersion,
    Status,
    Version {
        active: bool,
    },
    /// `show uccx version`, `show vvb version`
    ProductVersion(String),
    Cluster,
    Network {
        detail: bool,
    },
    Ntp,
    Replication,
    LiveData,
    AccountLocking,
    WebSecurity,
    CertType,
    SetCertType(String),
    View(String),
    Upgrade,
    UpgradeCancel,
    UpgradeStatus,
}

/// A line that is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It has a word that begins with a dash.
    Dash,
    Word,
}

/// Reads a line. Words are case-sensitive and separated by blanks; nothing is quoted.
pub(crate) fn parse(line: &str) -> Result<Command, Unknown> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((verb, rest)) = words.split_first() else {
        return Ok(Command::Nothing);
    };
    let command = match *verb {
        "show" => show(rest),
        "set" => set(rest),
        "utils" => utils(rest),
        "file" => file(rest),
        "help" => Some(Command::Help),
        "quit" | "exit" if rest.is_empty() => Some(Command::Quit),
        _ => None,
    };
    command.ok_or_else(|| {
        if words.iter().any(|w| w.starts_with('-')) {
            Unknown::Dash
        } else {
            Unknown::Word
        }
    })
}

fn show(words: &[&str]) -> Option<Command> {
    let owned = |text: &&str| (*text).to_owned();
    Some(match words {
        ["cert", "list", "own"] => Command::ListOwn,
        ["cert", "list", "trust"] => Command::ListTrust,
        ["cert", "own", name] => Command::ShowOwn(owned(name)),
        ["cert", "trust", name] => Command::ShowTrust(owned(name)),
        ["csr", "list", "own"] => Command::ListRequests,
        ["csr", "own", name] => Command::ShowRequest(owned(name)),
        ["cli", "pagination"] => Command::ShowPagination,
        ["cli", "session", "timeout"] => Command::ShowSessionTimeout,
        ["status"] => Command::Status,
        ["version", "active"] => Command::Version { active: true },
        ["version", "inactive"] => Command::Version { active: false },
        [product @ ("uccx" | "vvb"), "version"] => Command::ProductVersion(owned(product)),
        ["network", "cluster"] => Command::Cluster,
        ["network", "eth0"] => Command::Network { detail: false },
        ["network", "eth0", "detail"] => Command::Network { detail: true },
        ["live-data", "failover"] => Command::LiveData,
        ["accountlocking"] => Command::AccountLocking,
        ["web-security"] => Command::WebSecurity,
        ["tls", "server", "cert_type"] => Command::CertType,
        _ => return None,
    })
}

fn set(words: &[&str]) -> Option<Command> {
    let owned = |text: &&str| (*text).to_owned();
    Some(match words {
        ["cli", "pagination", "on"] => Command::Paginate(true),
        ["cli", "pagination", "off"] => Command::Paginate(false),
        ["csr", "gen", name] => Command::MakeRequest(owned(name)),
        ["cert", "import", "own", name] | ["cert", "import", "own", name, _] => {
            Command::ImportOwn(owned(name))
        }
        ["cert", "import", "trust", name] | ["cert", "import", "trust", name, _] => {
            Command::ImportTrust(owned(name))
        }
        ["cert", "regen", name] => Command::Regenerate(owned(name)),
        ["cert", "delete", store, file] => Command::Delete {
            store: owned(store),
            file: owned(file),
        },
        ["tls", "server", "cert_type", kind] => Command::SetCertType(owned(kind)),
        _ => return None,
    })
}

fn utils(words: &[&str]) -> Option<Command> {
    Some(match words {
        ["service", "list"] | ["service", "list", "page"] => Command::ListServices,
        ["service", action, name @ ..] if !name.is_empty() => {
            let action = match *action {
                "start" => Action::Start,
                "stop" => Action::Stop,
                "restart" => Action::Restart,
                _ => return None,
            };
            Command::Service(action, name.join(" "))
        }
        ["system", "restart"] => Command::Restart,
        ["vvb", "restart", "graceful" | "forceful"] => Command::Restart,
        ["system", "shutdown"] => Command::Shutdown,
        ["system", "switch-version"] => Command::SwitchVersion,
        ["system", "upgrade", "initiate"] => Command::Upgrade,
        ["system", "upgrade", "cancel"] => Command::UpgradeCancel,
        ["system", "upgrade", "status"] => Command::UpgradeStatus,
        ["ntp", "status"] => Command::Ntp,
        ["dbreplication", "runtimestate"] => Command::Replication,
        _ => return None,
    })
}

fn file(words: &[&str]) -> Option<Command> {
    match words {
        ["view", "activelog", path] => Some(Command::View((*path).to_owned())),
        _ => None,
    }
}

/// The unit of a name, which `unit` and `unit/file` both are.
pub(crate) fn unit_of(name: &str, units: impl Iterator<Item = Unit>) -> Option<Unit> {
    let word = name.split('/').next().unwrap_or_default();
    units.into_iter().find(|unit| unit.name() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_may_be_any_blanks_apart() {
        assert_eq!(
            parse("  utils service  restart Cisco Finesse   Tomcat "),
            Ok(Command::Service(
                Action::Restart,
                "Cisco Finesse Tomcat".to_owned()
            ))
        );
        assert_eq!(parse(" \t "), Ok(Command::Nothing));
    }

    #[test]
    fn keywords_are_case_sensitive_and_not_abbreviated() {
        assert_eq!(parse("Show status"), Err(Unknown::Word));
        assert_eq!(parse("show stat"), Err(Unknown::Word));
        assert_eq!(parse("uname -a"), Err(Unknown::Dash));
        assert_eq!(parse("utils service restart"), Err(Unknown::Word));
    }
}
