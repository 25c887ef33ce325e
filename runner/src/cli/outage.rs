//! `--accept-outage HOST=REASON`.

use std::str::FromStr;

/// A known outage that the engineer lets pass, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outage {
    pub(super) host: String,
    pub(super) reason: String,
}

impl FromStr for Outage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('=')
            .map(|(host, reason)| (host.trim(), reason.trim()));
        match parts {
            Some((host, reason)) if !host.is_empty() && !reason.is_empty() => Ok(Self {
                host: host.to_owned(),
                reason: reason.to_owned(),
            }),
            _ => Err("write HOST=REASON; the reason goes into the record of the change".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_has_a_host_and_a_reason() {
        let outage: Outage = "finesse-2 = disk being replaced, CHG=42".parse().unwrap();
        assert_eq!(outage.host, "finesse-2");
        assert_eq!(outage.reason, "disk being replaced, CHG=42");
        for wrong in ["finesse-2", "finesse-2=", "=why", ""] {
            assert!(wrong.parse::<Outage>().is_err(), "{wrong}");
        }
    }
}
