//! What a caller says to get an estate: devices, their accounts, and how each one starts.

use crate::mischief::Mischief;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;

/// Everything needed to start an [`Estate`](crate::Estate).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstateSpec {
    /// The nodes, in any order.
    pub devices: Vec<DeviceSpec>,
    /// Seed of everything random that can be seen (serial numbers). Keys are never predictable.
    #[serde(default)]
    pub seed: u64,
}

/// One node of a VOS cluster.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSpec {
    /// The caller's name for it; every other call names the node so.
    pub name: String,
    /// The name its certificates carry, `host.domain`.
    pub fqdn: String,
    /// The IP address that it shows about itself (`show network cluster`); nothing listens there.
    pub address: String,
    /// `finesse cuic livedata ids cloudconnect vvb cucm uccx socialminer`; a node with several
    /// products runs the union of their services and listeners.
    pub products: Vec<String>,
    /// Release such as `12.6.2`; decides how it talks.
    pub version: String,
    /// Nodes with the same word are one cluster.
    pub cluster: String,
    /// Whether this is the cluster's publisher.
    pub primary: bool,
    /// Who may log in.
    pub accounts: Vec<Account>,
    /// Device ports of its TLS listeners; by default those of its products. One that none of them
    /// holds belongs to Cisco Tomcat.
    #[serde(default)]
    pub ports: Option<Vec<u16>>,
    /// Starting state and mischief.
    #[serde(default)]
    pub twin: TwinOptions,
}

/// A login of the platform's command line.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// User name.
    pub name: String,
    /// Its password; without one, any password is accepted.
    #[serde(default)]
    pub password: Option<String>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("password", &password)
            .finish()
    }
}

/// What the inventory's `twin:` may say of a node. The default is a healthy node whose tomcat
/// certificate is self-signed and ends in twenty days.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TwinOptions {
    /// The web certificates that it starts with.
    pub certificate: Certificate,
    /// Services that are stopped from the start, by their names on the device.
    pub services_down: Vec<String>,
    /// Database replication as `utils dbreplication runtimestate` numbers it; 2 is good. Anything
    /// else also keeps trust certificates from arriving.
    pub replication: u8,
    /// The state that `show live-data failover` shows, whatever happens (`OUT-OF-SERVICE`).
    pub live_data: Option<String>,
    /// Seconds by which the node's clock is ahead of the world's (negative: behind).
    pub clock_offset: i64,
    /// Whether its clock follows an NTP server.
    pub ntp: bool,
    /// The zone that its dates are printed in.
    pub time_zone: TimeZone,
    /// Concurrent sessions that it allows (`set session maxlimit`).
    pub session_limit: u32,
    /// Sessions that somebody else holds open.
    pub sessions_taken: u32,
    /// Minutes without input after which a session is closed (`set cli session timeout`).
    pub idle_minutes: u64,
    /// Wrong passwords after which an account is locked (`set accountlocking count`).
    pub retry_count: u32,
    /// Seconds that a locked account stays so (`set accountlocking unlocktime`).
    pub unlock_seconds: u64,
    /// Accounts that are locked from the start.
    pub locked: Vec<String>,
    /// COP files that are installed, as `show version active` names them.
    pub options: Vec<String>,
    /// Release 14: offer the `password` method beside keyboard-interactive.
    pub password_method: bool,
    /// Requests also carry the parent domain in their SAN, as the web pages would pre-fill it.
    pub parent_domain: bool,
    /// Subject fields that requests and self-signed certificates carry.
    pub subject: Subject,
    /// COP files that lie on the SFTP server of the upgrade dialogue.
    pub cop_files: Vec<String>,
    /// Documented ways to misbehave, all off by default.
    pub mischief: Mischief,
}

impl Default for TwinOptions {
    fn default() -> Self {
        TwinOptions {
            certificate: Certificate::default(),
            services_down: Vec::new(),
            replication: 2,
            live_data: None,
            clock_offset: 0,
            ntp: true,
            time_zone: TimeZone::default(),
            session_limit: 10,
            sessions_taken: 0,
            idle_minutes: 30,
            retry_count: 3,
            unlock_seconds: 300,
            locked: Vec::new(),
            options: Vec::new(),
            password_method: false,
            parent_domain: false,
            subject: Subject::default(),
            cop_files: Vec::new(),
            mischief: Mischief::default(),
        }
    }
}

/// The certificates of the web units (`tomcat`, `tomcat-ECDSA`) at the start.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Certificate {
    /// Signed by a CA of the twins' own (root and intermediate, both in `tomcat-trust`) instead of
    /// by itself.
    pub signed: bool,
    /// Days until it ends; negative when it has ended already.
    pub expires_in: i64,
}

impl Default for Certificate {
    fn default() -> Self {
        Certificate {
            signed: false,
            expires_in: 20,
        }
    }
}

/// How a node prints its local time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeZone {
    /// The abbreviation that dates show (`PST`).
    pub abbreviation: String,
    /// Minutes east of UTC.
    pub minutes: i32,
}

impl Default for TimeZone {
    fn default() -> Self {
        TimeZone {
            abbreviation: "UTC".to_owned(),
            minutes: 0,
        }
    }
}

/// Subject fields beside the common name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subject {
    /// O
    pub organization: String,
    /// OU
    pub unit: String,
    /// L
    pub locality: String,
    /// ST
    pub state: String,
    /// C, two letters
    pub country: String,
}

impl Default for Subject {
    fn default() -> Self {
        Subject {
            organization: "Example".to_owned(),
            unit: "Contact Centre".to_owned(),
            locality: "San Jose".to_owned(),
            state: "CA".to_owned(),
            country: "US".to_owned(),
        }
    }
}

/// Why an estate cannot be made from its specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// Two devices have the same name.
    #[error("two devices are called {0}")]
    Twice(String),
    /// A product that no twin plays.
    #[error("{device}: there is no twin for the product {product}")]
    Product {
        /// The device's name.
        device: String,
        /// The word that is not a product.
        product: String,
    },
    /// A service that no node with these products has.
    #[error("{device}: its products have no service called {service:?}")]
    Service {
        /// The device's name.
        device: String,
        /// What was given.
        service: String,
    },
    /// A version that does not begin with a number.
    #[error("{device}: {version:?} is not a version such as 12.6.2")]
    Version {
        /// The device's name.
        device: String,
        /// What was given.
        version: String,
    },
    /// A country that is not two letters.
    #[error("{device}: {country:?} is not a country of two letters")]
    Country {
        /// The device's name.
        device: String,
        /// What was given.
        country: String,
    },
    /// A cluster with no primary or with several.
    #[error("cluster {cluster} has {primaries} primaries instead of one")]
    Primaries {
        /// The cluster's word.
        cluster: String,
        /// How many of its nodes say they are the primary.
        primaries: usize,
    },
    /// Kept state that cannot be read.
    #[error("the kept state cannot be read: {0}")]
    Kept(String),
    /// The cryptographic library refused to make a key or certificate.
    #[error("cannot make a key or certificate: {0}")]
    Crypto(String),
}

impl EstateSpec {
    /// What is wrong between the devices (each device is checked on its own elsewhere).
    pub(crate) fn check(&self) -> Result<(), SpecError> {
        let mut names = BTreeSet::new();
        for device in &self.devices {
            if !names.insert(&device.name) {
                return Err(SpecError::Twice(device.name.clone()));
            }
        }
        let clusters: BTreeSet<&str> = self.devices.iter().map(|d| d.cluster.as_str()).collect();
        for cluster in clusters {
            let members = self.devices.iter().filter(|d| d.cluster == cluster);
            let primaries = members.filter(|d| d.primary).count();
            if primaries != 1 {
                return Err(SpecError::Primaries {
                    cluster: cluster.to_owned(),
                    primaries,
                });
            }
        }
        Ok(())
    }
}
