//! Commands that change nothing. There are no others that a reader can send.

use std::fmt;
use std::str::FromStr;

use crate::unit::Unit;

/// A command that changes nothing (`vos-cli.md` §3, §4.1, §5.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Show {
    /// Own certificates of all units.
    OwnCertificates,
    /// Certificates of all trust stores.
    TrustCertificates,
    /// The certificate in a unit.
    OwnCertificate(Unit),
    /// A certificate of a trust store.
    TrustCertificate(TrustFile),
    /// Requests that wait for their answer.
    Requests,
    /// The request of a unit.
    Request(Unit),
    /// All services and their states.
    Services,
    /// Release and installed options.
    Version,
    /// Name, date, release, uptime, load.
    Status,
    /// The nodes of the cluster.
    Cluster,
    /// Address and name service.
    Network,
    /// The state of the database's replication.
    Replication,
    /// The state of the clock.
    Ntp,
    /// Live Data's side and state.
    LiveData,
    /// Which kind of certificate a release 15 shows.
    CertificateType,
    /// Whether and when accounts are locked.
    AccountLocking,
    /// What goes into the subject of requests.
    WebSecurity,
    /// Backups that were made.
    Backups,
}

/// A file of a trust store, as the device's own list spells it, and safe to stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustFile {
    store: String,
    file: String,
}

/// A name that cannot stand in a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a certificate file")]
pub struct NotAFile(pub String);

impl TrustFile {
    /// `file` of `store`.
    ///
    /// # Errors
    /// [`NotAFile`] where a name is empty or could be more than one word.
    pub fn new(store: &str, file: &str) -> Result<Self, NotAFile> {
        let plain = |text: &str| {
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/')
        };
        if plain(store) && plain(file) {
            Ok(Self {
                store: store.to_owned(),
                file: file.to_owned(),
            })
        } else {
            Err(NotAFile(format!("{store}/{file}")))
        }
    }

    /// The store: `tomcat-trust`.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.store
    }

    /// The file's name: `Lab_Root_0a1b.pem`.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }
}

impl fmt::Display for TrustFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.store, self.file)
    }
}

impl FromStr for TrustFile {
    type Err = NotAFile;

    fn from_str(text: &str) -> Result<Self, NotAFile> {
        let (store, file) = text.split_once('/').ok_or_else(|| NotAFile(text.to_owned()))?;
        Self::new(store, file)
    }
}

/// The commands without an argument.
const FIXED: [(Show, &str); 16] = [
    (Show::OwnCertificates, "show cert list own"),
    (Show::TrustCertificates, "show cert list trust"),
    (Show::Requests, "show csr list own"),
    (Show::Services, "utils service list"),
    (Show::Version, "show version active"),
    (Show::Status, "show status"),
    (Show::Cluster, "show network cluster"),
    (Show::Network, "show network eth0"),
    (Show::Replication, "utils dbreplication runtimestate"),
    (Show::Ntp, "utils ntp status"),
    (Show::LiveData, "show live-data failover"),
    (Show::CertificateType, "show tls server cert_type"),
    (Show::AccountLocking, "show accountlocking"),
    (Show::WebSecurity, "show web-security"),
    (Show::Backups, "utils disaster_recovery history backup"),
    // The second spelling of a list that pages of its own accord on some releases.
    (Show::Services, "utils service list page"),
];

const OWN: &str = "show cert own ";
const TRUST: &str = "show cert trust ";
const REQUEST: &str = "show csr own ";

impl Show {
    /// The command's line.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::OwnCertificate(unit) => format!("{OWN}{unit}"),
            Self::TrustCertificate(file) => format!("{TRUST}{file}"),
            Self::Request(unit) => format!("{REQUEST}{unit}"),
            fixed => FIXED
                .iter()
                .find(|(show, _)| show == fixed)
                .map_or_else(String::new, |(_, line)| (*line).to_owned()),
        }
    }

    /// The other spelling of the same command, where releases differ (`vos-cli.md` §3.3, §3.4).
    pub(crate) fn other_line(&self) -> Option<String> {
        match self {
            Self::OwnCertificate(unit) => Some(format!("{OWN}{unit}/{unit}.pem")),
            Self::Request(unit) => Some(format!("{REQUEST}{unit}/{unit}.csr")),
            _ => None,
        }
    }

    /// The command that a line is, where it is one of these.
    #[must_use]
    pub fn from_line(line: &str) -> Option<Self> {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(unit) = line.strip_prefix(OWN) {
            return first_part(unit).map(Self::OwnCertificate);
        }
        if let Some(unit) = line.strip_prefix(REQUEST) {
            return first_part(unit).map(Self::Request);
        }
        if let Some(file) = line.strip_prefix(TRUST) {
            return file.parse().ok().map(Self::TrustCertificate);
        }
        let found = FIXED.iter().find(|(_, fixed)| *fixed == line);
        found.map(|(show, _)| show.clone())
    }
}

/// The unit of `tomcat` and of `tomcat/tomcat.pem`.
fn first_part(text: &str) -> Option<Unit> {
    text.split('/').next().and_then(|unit| unit.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found_again_by_its_line() {
        let file = TrustFile::new("tomcat-trust", "Lab_Root_0a.pem").unwrap();
        let unit = Unit::tomcat;
        let others = [
            Show::OwnCertificate(unit()),
            Show::Request(unit()),
            Show::TrustCertificate(file),
        ];
        for show in FIXED.iter().map(|(show, _)| show).chain(&others) {
            assert_eq!(Show::from_line(&show.line()).as_ref(), Some(show));
        }
        assert_eq!(
            Show::from_line("show  cert own tomcat/tomcat.pem"),
            Some(Show::OwnCertificate(unit()))
        );
    }

    #[test]
    fn a_line_that_could_change_something_is_none_of_them() {
        for line in [
            "set cert regen tomcat",
            "utils service restart Cisco Tomcat",
            "show cert own tomcat; x",
            "",
        ] {
            assert_eq!(Show::from_line(line), None, "{line}");
        }
        assert!("tomcat-trust/a b.pem".parse::<TrustFile>().is_err());
        assert!("tomcat-trust/a\r.pem".parse::<TrustFile>().is_err());
    }
}
