//! Commands that change something, typed.

use regex::Regex;

use cutover_kit::Secret;
use cutover_kit::timing::Timing;
use cutover_x509::Certificate;

use super::command::{Answer, Command, Loss};
use super::show::TrustFile;
use crate::unit::Unit;

/// A command that changes something (`vos-cli.md` §3.4, §3.5, §3.7, §4.3, §5.1).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Order {
    /// Make a request, in place of the one that is there.
    MakeRequest {
        /// For this unit.
        unit: Unit,
        /// What to answer where a release asks about the organizational unit.
        include_ou: bool,
    },
    /// Put a certificate into a slot.
    ImportOwn {
        /// The slot.
        unit: Unit,
        /// The answer to its request.
        certificate: Box<Certificate>,
    },
    /// Put a certificate into the trust store of a unit.
    ImportTrust {
        /// A unit that the store serves.
        unit: Unit,
        /// The certificate to trust.
        certificate: Box<Certificate>,
    },
    /// Make a new self-signed certificate.
    Regenerate(Unit),
    /// Take a certificate out of a trust store.
    Delete {
        /// The certificate.
        file: TrustFile,
        /// Name the store by its unit, as the manual does, where the field spells it out.
        by_unit: bool,
    },
    /// Start, stop or restart a service.
    Service(ServiceAction, String),
    /// Restart the node.
    Restart(RestartMethod),
    /// End a dialogue about an upgrade that somebody left open.
    CancelUpgrade,
    /// Fetch a COP file and install it.
    InstallOption(Download),
}

/// A COP file on an SFTP server (`vos-cli.md` §6).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Download {
    /// The file: `ciscouccx.something.cop.sgn`.
    pub(crate) file: String,
    /// The server.
    pub(crate) server: String,
    /// The folder on it.
    pub(crate) directory: String,
    /// The account there.
    pub(crate) user: String,
    /// Its password.
    pub(crate) password: Secret,
}

/// What is done with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceAction {
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Stop and start it.
    Restart,
}

/// How a node is restarted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RestartMethod {
    /// `utils system restart`.
    #[default]
    Restart,
    /// `utils vvb restart graceful`: VVB only; calls end first.
    Graceful,
    /// `utils vvb restart forceful`: VVB only; calls are cut.
    Forceful,
}

impl Order {
    /// The command with everything that may be asked on its way.
    pub(crate) fn command(&self, timing: &Timing) -> Command {
        let command = Command::reading(self.line(), timing.command);
        match self {
            Self::MakeRequest { include_ou, .. } => {
                let ou = if *include_ou { Answer::Yes } else { Answer::No };
                Command {
                    limit: timing.import,
                    ..command
                }
                .announcing(asks(r"(?i)include\s+OU"), ou)
                // Whether there is one to overwrite was looked up before.
                .announcing(asks(r"(?i)overwrite|existing CSR"), Answer::Yes)
            }
            Self::ImportOwn { certificate, .. } | Self::ImportTrust { certificate, .. } => Command {
                limit: timing.import,
                ..command
            }
            .pasting(certificate.to_pem()),
            Self::Regenerate(_) => Command {
                limit: timing.import,
                ..command
            }
            .announcing(asks(r"(?i)regenerat"), Answer::Yes),
            Self::Delete { .. } => command.announcing(
                asks(r"(?i)delet|remov|are you sure|proceed|continue"),
                Answer::Yes,
            ),
            Self::Service(..) => Command {
                limit: timing.service,
                ..command
            },
            Self::Restart(_) => Command {
                limit: timing.service,
                loss: Loss::Expected,
                ..command
            }
            // A switch of versions in progress asks for more than a restart.
            .announcing(asks(r"(?i)switch"), Answer::No)
            .announcing(asks(r"(?i)want to restart|\brestart\b[^\n]*[\[(]y"), Answer::Yes),
            Self::CancelUpgrade => command.announcing(asks(r"(?i)cancel"), Answer::Yes),
            Self::InstallOption(download) => download.command(Command {
                limit: timing.restart,
                ..command
            }),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::MakeRequest { unit, .. } => format!("set csr gen {unit}"),
            Self::ImportOwn { unit, .. } => format!("set cert import own {unit}"),
            Self::ImportTrust { unit, .. } => format!("set cert import trust {}", unit.trusting()),
            Self::Regenerate(unit) => format!("set cert regen {unit}"),
            Self::Delete { file, by_unit } => {
                let store = file.store();
                let store = if *by_unit {
                    store.trim_end_matches("-trust")
                } else {
                    store
                };
                format!("set cert delete {store} {}", file.file())
            }
            Self::Service(action, name) => format!("utils service {} {name}", action.verb()),
            Self::Restart(method) => method.line().to_owned(),
            Self::CancelUpgrade => "utils system upgrade cancel".to_owned(),
            Self::InstallOption(_) => "utils system upgrade initiate".to_owned(),
        }
    }
}

impl Download {
    /// The long dialogue; releases differ in which of these they ask.
    fn command(&self, command: Command) -> Command {
        let text = |text: &String| Answer::Text(text.clone());
        let file = asks(&format!("^{}$", regex::escape(&self.file)));
        let menu = vec![file, asks(r"(?i)SFTP"), asks(r"(?i)^Remote Filesystem$")];
        command
            .announcing(asks(r"(?i)download credentials"), Answer::No)
            .announcing(asks(r"(?i)assume control"), Answer::Yes)
            .announcing(asks(r"(?i)select an option"), Answer::Pick(menu))
            .announcing(asks(r"(?i)^\s*directory\s*:"), text(&self.directory))
            .announcing(asks(r"(?i)^\s*server\s*:"), text(&self.server))
            .announcing(asks(r"(?i)^\s*user name\s*:"), text(&self.user))
            .announcing(
                asks(r"(?i)^\s*password\s*:"),
                Answer::Secret(self.password.clone()),
            )
            .announcing(asks(r"(?i)SMTP host"), Answer::Text(String::new()))
            .announcing(asks(r"(?i)upgrade after download"), Answer::No)
            .announcing(asks(r"(?i)switch"), Answer::No)
            .announcing(asks(r"(?i)start installation"), Answer::Yes)
    }
}

impl ServiceAction {
    /// The word for it in a command.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}

impl RestartMethod {
    /// The command.
    #[must_use]
    pub fn line(self) -> &'static str {
        match self {
            Self::Restart => "utils system restart",
            Self::Graceful => "utils vvb restart graceful",
            Self::Forceful => "utils vvb restart forceful",
        }
    }
}

fn asks(text: &str) -> Regex {
    Regex::new(text).expect("the announced questions are fixed and tested")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(order: &Order, before: &str, question: &str) -> Option<String> {
        let command = order.command(&Timing::real());
        let before = [before.to_owned()];
        let sent = command.answer(question, &before)?.text(question, &before)?;
        Some(sent.expose().to_owned())
    }

    #[test]
    fn a_restart_is_confirmed_and_a_switch_of_versions_is_not() {
        let order = Order::Restart(RestartMethod::Restart);
        let ask = |before, question| answer(&order, before, question);
        assert_eq!(
            ask("Do you really want to restart ?", "Enter (yes/no)?"),
            Some("yes".to_owned())
        );
        assert_eq!(
            ask("", "Services did not stop. Force the restart (yes/no)?"),
            Some("yes".to_owned())
        );
        assert_eq!(
            ask("A switch-version is in progress.", "Enter (yes/no)?"),
            Some("no".to_owned())
        );
        assert_eq!(ask("Something else.", "Continue (y/n)?"), None);
    }

    #[test]
    fn the_organizational_unit_is_the_playbooks_choice() {
        let order = |include_ou| Order::MakeRequest {
            unit: Unit::tomcat(),
            include_ou,
        };
        let question = "Include OU in CSR (yes|no)?";
        assert_eq!(answer(&order(false), "", question), Some("no".to_owned()));
        assert_eq!(answer(&order(true), "", question), Some("yes".to_owned()));
    }

    #[test]
    fn the_lines_are_those_of_the_manual() {
        let file: TrustFile = "tomcat-trust/a.pem".parse().unwrap();
        let ec: Unit = "tomcat-ECDSA".parse().unwrap();
        let lines = [
            Order::MakeRequest {
                unit: ec.clone(),
                include_ou: false,
            },
            Order::Regenerate(ec),
            Order::Delete {
                file: file.clone(),
                by_unit: false,
            },
            Order::Delete { file, by_unit: true },
            Order::Service(ServiceAction::Restart, "Cisco Finesse Tomcat".into()),
            Order::Restart(RestartMethod::Graceful),
        ]
        .map(|order| order.line());
        assert_eq!(
            lines,
            [
                "set csr gen tomcat-ECDSA",
                "set cert regen tomcat-ECDSA",
                "set cert delete tomcat-trust a.pem",
                "set cert delete tomcat a.pem",
                "utils service restart Cisco Finesse Tomcat",
                "utils vvb restart graceful",
            ]
        );
    }
}
