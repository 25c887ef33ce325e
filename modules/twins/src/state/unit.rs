//! Certificate units and trust stores by name.

use crate::pki::KeyKind;
use crate::product::Product;
use crate::profile::Profile;
use serde::{Deserialize, Serialize};

/// A certificate of the node's own, in the order of `show cert list own`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Unit {
    Tomcat,
    TomcatEcdsa,
    Ipsec,
    ItlRecovery,
    CallManagerEcdsa,
    CallManager,
    Capf,
    Tvs,
}

/// A trust store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Store {
    Tomcat,
    Ipsec,
    CallManager,
    Capf,
    Tvs,
}

const WEB: [Unit; 2] = [Unit::Tomcat, Unit::TomcatEcdsa];

impl Unit {
    /// The units of a node with these products.
    pub(crate) fn all(products: &[Product], profile: &Profile) -> Vec<Unit> {
        let mut units = vec![Unit::Tomcat];
        if profile.ecdsa_unit {
            units.push(Unit::TomcatEcdsa);
        }
        units.push(Unit::Ipsec);
        if products.contains(&Product::Cucm) {
            units.push(Unit::ItlRecovery);
            if profile.ecdsa_unit {
                units.push(Unit::CallManagerEcdsa);
            }
            units.extend([Unit::CallManager, Unit::Capf, Unit::Tvs]);
        }
        units
    }

    /// The name on the device.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Unit::Tomcat => "tomcat",
            Unit::TomcatEcdsa => "tomcat-ECDSA",
            Unit::Ipsec => "ipsec",
            Unit::ItlRecovery => "ITLRecovery",
            Unit::CallManagerEcdsa => "CallManager-ECDSA",
            Unit::CallManager => "CallManager",
            Unit::Capf => "CAPF",
            Unit::Tvs => "TVS",
        }
    }

    /// Whether it is one of the web server's.
    pub(crate) fn is_web(self) -> bool {
        WEB.contains(&self)
    }

    /// The key that the system makes for it.
    pub(crate) fn key(self) -> KeyKind {
        match self {
            Unit::TomcatEcdsa | Unit::CallManagerEcdsa => KeyKind::Ec,
            _ => KeyKind::Rsa,
        }
    }

    /// The store in which its issuers must be.
    pub(crate) fn store(self) -> Store {
        match self {
            Unit::Tomcat | Unit::TomcatEcdsa => Store::Tomcat,
            Unit::Ipsec => Store::Ipsec,
            Unit::ItlRecovery | Unit::CallManagerEcdsa | Unit::CallManager => Store::CallManager,
            Unit::Capf => Store::Capf,
            Unit::Tvs => Store::Tvs,
        }
    }

    /// The common name of its certificates: the FQDN, with `-EC` after the host for EC keys.
    pub(crate) fn common_name(self, fqdn: &str) -> String {
        match (self.key(), fqdn.split_once('.')) {
            (KeyKind::Rsa, _) => fqdn.to_owned(),
            (KeyKind::Ec, Some((host, domain))) => format!("{host}-EC.{domain}"),
            (KeyKind::Ec, None) => format!("{fqdn}-EC"),
        }
    }
}

impl Store {
    /// The stores of a node with these products.
    pub(crate) fn all(products: &[Product]) -> Vec<Store> {
        let mut stores = vec![Store::Tomcat, Store::Ipsec];
        if products.contains(&Product::Cucm) {
            stores.extend([Store::CallManager, Store::Capf, Store::Tvs]);
        }
        stores
    }

    /// The unit's name, without `-trust`.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Store::Tomcat => "tomcat",
            Store::Ipsec => "ipsec",
            Store::CallManager => "CallManager",
            Store::Capf => "CAPF",
            Store::Tvs => "TVS",
        }
    }

    /// The store's name, `tomcat-trust`.
    pub(crate) fn name(self) -> String {
        format!("{}-trust", self.unit())
    }

    /// Whether Cisco Certificate Change Notification carries it to the other nodes.
    pub(crate) fn replicates(self) -> bool {
        matches!(self, Store::Tomcat | Store::CallManager)
    }
}
