//! Slots, and the files that belong to them.

use std::fmt;
use std::path::{Path, PathBuf};

/// The unit whose files carry the bare name of their host.
const PLAIN: &str = "tomcat";

/// One certificate of one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    pub(crate) host: String,
    pub(crate) unit: String,
}

impl Slot {
    pub(crate) fn new(host: &str, unit: &str) -> Self {
        Self {
            host: host.to_owned(),
            unit: unit.to_owned(),
        }
    }

    /// The request: `fin-a.csr`, and `fin-a-tomcat-ECDSA.csr` for any unit but `tomcat`.
    pub(crate) fn request(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.csr", self.stem()))
    }

    /// The certificate with its chain: `fin-a.pem`.
    pub(crate) fn bundle(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.pem", self.stem()))
    }

    /// What its files are called, without their endings.
    pub(crate) fn stem(&self) -> String {
        if self.unit == PLAIN {
            self.host.clone()
        } else {
            format!("{}-{}", self.host, self.unit)
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit == PLAIN {
            f.write_str(&self.host)
        } else {
            write!(f, "{} ({})", self.host, self.unit)
        }
    }
}
