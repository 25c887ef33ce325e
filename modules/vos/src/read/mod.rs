//! From the device's lines to values. Pure, and tolerant of blanks and case.

mod certificates;
mod cluster;
mod services;
mod system;

pub use certificates::{Decoded, Listed, Shown};
pub use cluster::{Cluster, LiveData, Member, Replication, ReplicationRow};
pub use services::{Service, ServiceState, Services};
pub use system::{Locking, Ntp, Status, Version};

pub(crate) use certificates::{listed, requests, serial, shown};
pub(crate) use cluster::{cluster, live_data, replication};
pub(crate) use services::services;
pub(crate) use system::{locking, ntp, status, version};

/// What was looked for in the lines and is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(pub String);

impl ReadError {
    fn missing(what: &str) -> Self {
        Self(format!("there is no {what} in it"))
    }
}

/// `Name : value` lines: the value of the first line with this name, blanks and case aside.
fn field<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A fixed pattern.
macro_rules! pattern {
    ($text:expr) => {{
        static PATTERN: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| regex::Regex::new($text).expect("the pattern is fixed and tested"));
        &*PATTERN
    }};
}
use pattern;

#[cfg(test)]
mod tests;
