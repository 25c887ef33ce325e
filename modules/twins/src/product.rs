//! Products: their services, certificate units and listeners.
//!
//! Service names are those of Cisco's manuals; for Cloud Connect and SocialMiner, whose lists are not
//! public, they are guesses.

use crate::spec::SpecError;

/// A product that a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Product {
    Finesse,
    Cuic,
    LiveData,
    Ids,
    CloudConnect,
    Vvb,
    Cucm,
    Uccx,
    SocialMiner,
}

/// One service of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Service {
    /// The name on the device, blanks and all.
    pub(crate) name: &'static str,
    /// Where it is shown and when it runs.
    pub(crate) kind: Kind,
    /// The listeners that it holds.
    pub(crate) ports: &'static [u16],
}

/// What sort of service it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A daemon of the platform, in the first block of the list.
    Platform,
    /// The same, but switched off everywhere.
    Unused,
    /// A service that runs on every node.
    Everywhere,
    /// A service that is commanded out of service on secondaries.
    PrimaryOnly,
}

const fn on(name: &'static str, ports: &'static [u16]) -> Service {
    Service {
        name,
        kind: Kind::Everywhere,
        ports,
    }
}

const fn of(kind: Kind, name: &'static str) -> Service {
    Service {
        name,
        kind,
        ports: &[],
    }
}

/// The service behind every listener that no other service holds.
pub(crate) const TOMCAT: &str = "Cisco Tomcat";

const PLATFORM: &[Service] = &[
    of(Kind::Platform, "System SSH"),
    of(Kind::Platform, "Cluster Manager"),
    of(Kind::Unused, "Name Service Cache"),
    of(Kind::Platform, "Entropy Monitoring Daemon"),
    of(Kind::Platform, "Cisco SCSI Watchdog"),
    of(Kind::Platform, "Service Manager"),
];

const COMMON: &[Service] = &[
    on("A Cisco DB", &[]),
    on("A Cisco DB Replicator", &[]),
    on("Cisco AMC Service", &[]),
    on("Cisco Audit Event Service", &[]),
    on("Cisco CDP", &[]),
    on("Cisco CDP Agent", &[]),
    on("Cisco Certificate Change Notification", &[]),
    on("Cisco Certificate Expiry Monitor", &[]),
    on("Cisco DRF Local", &[]),
    of(Kind::PrimaryOnly, "Cisco DRF Master"),
    on("Cisco Database Layer Monitor", &[]),
    on("Cisco Log Partition Monitoring Tool", &[]),
    on("Cisco RIS Data Collector", &[]),
    on("Cisco Syslog Agent", &[]),
    on(TOMCAT, &[443, 8443]),
    on("Host Resources Agent", &[]),
    on("MIB2 Agent", &[]),
    on("Platform Administrative Web Service", &[]),
    on("SNMP Master Agent", &[]),
    on("SOAP -Log Collection APIs", &[]),
    on("SOAP -Performance Monitoring APIs", &[]),
    on("System Application Agent", &[]),
];

const FINESSE: &[Service] = &[
    on("Cisco Finesse Notification Service", &[7443]),
    on("Cisco Finesse Tomcat", &[8445]),
    on("Cisco Web Proxy Service", &[]),
];

const CUIC: &[Service] = &[
    on("Intelligence Center OAMP Service", &[]),
    on("Intelligence Center Reporting Service", &[8444]),
];

const LIVE_DATA: &[Service] = &[
    on("CCE Live Data ActiveMQ Service", &[]),
    on("CCE Live Data Cassandra Service", &[]),
    on("CCE Live Data NGINX Service", &[]),
    on("CCE Live Data Socket.IO Service", &[12008]),
    on("CCE Live Data Storm Services", &[]),
    on("CCE Live Data Web Service", &[12005]),
    on("CCE Live Data Zookeeper Service", &[]),
];

const IDS: &[Service] = &[on("Cisco Identity Service", &[8553])];

const CLOUD_CONNECT: &[Service] = &[
    on("Cloud Connect Container Manager", &[]),
    on("Docker Engine", &[]),
];

const VVB: &[Service] = &[
    on("Cisco Speechserver", &[]),
    on("Cisco Unified VVB Administration", &[]),
    on("Cisco Unified VVB Cluster View Daemon", &[]),
    on("Cisco Unified VVB Configuration API", &[]),
    on("Cisco Unified VVB Database", &[]),
    on("Cisco Unified VVB Engine", &[]),
    on("Cisco Unified VVB Perfmon Counter Service", &[]),
    on("Cisco Unified VVB SNMP Java Adapter", &[]),
    on("Cisco Unified VVB Serviceability", &[]),
    on("Cisco Unified VVB Voice Subagent", &[]),
    on("Cisco Unified VVB WebServices", &[]),
    on("Platform Communication Web Service", &[]),
];

const CUCM: &[Service] = &[
    on("Cisco AXL Tomcat", &[]),
    on("Cisco CTIManager", &[]),
    on("Cisco CallManager", &[]),
    of(Kind::PrimaryOnly, "Cisco Certificate Authority Proxy Function"),
    on("Cisco Tftp", &[]),
    on("Cisco Trust Verification Service", &[]),
    on("Cisco UDS Tomcat", &[]),
    on("Platform Communication Web Service", &[]),
];

const UCCX: &[Service] = &[
    on("Cisco Finesse Tomcat", &[8445]),
    on("Cisco Identity Service", &[8553]),
    on("Cisco Unified CCX Administration", &[]),
    on("Cisco Unified CCX CVD Dependent Webapp", &[]),
    on("Cisco Unified CCX Cluster View Daemon", &[]),
    on("Cisco Unified CCX Configuration API", &[]),
    on("Cisco Unified CCX DB Perfmon Counter Service", &[]),
    on("Cisco Unified CCX Database", &[]),
    on("Cisco Unified CCX Engine", &[]),
    on("Cisco Unified CCX Notification Service", &[7443]),
    on("Cisco Unified CCX Perfmon Counter Service", &[]),
    on("Cisco Unified CCX SNMP Java Adapter", &[]),
    on("Cisco Unified CCX Serviceability", &[]),
    on("Cisco Unified CCX Socket.IO Service", &[12015]),
    on("Cisco Unified CCX Voice Subagent", &[]),
    on("Cisco Unified CCX WebServices", &[]),
    on("Cisco Unified Intelligence Center Reporting Service", &[8444]),
    on("Cisco Unified Intelligence Center Serviceability Service", &[]),
    on("Cisco Web Proxy Service", &[]),
    on("Platform Communication Web Service", &[]),
];

const SOCIAL_MINER: &[Service] = &[
    on("SocialMiner Indexer", &[]),
    on("SocialMiner Notification Service", &[7443]),
    on("SocialMiner Runtime", &[]),
];

impl Product {
    /// The product of an inventory's word.
    pub(crate) fn of(device: &str, word: &str) -> Result<Product, SpecError> {
        match word {
            "finesse" => Ok(Product::Finesse),
            "cuic" => Ok(Product::Cuic),
            "livedata" => Ok(Product::LiveData),
            "ids" => Ok(Product::Ids),
            "cloudconnect" => Ok(Product::CloudConnect),
            "vvb" => Ok(Product::Vvb),
            "cucm" => Ok(Product::Cucm),
            "uccx" => Ok(Product::Uccx),
            "socialminer" => Ok(Product::SocialMiner),
            _ => Err(SpecError::Product {
                device: device.to_owned(),
                product: word.to_owned(),
            }),
        }
    }

    /// The word in the product column of `show network cluster`. Only CUCM's is known.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Product::Finesse => "finesse",
            Product::Cuic => "cuic",
            Product::LiveData => "livedata",
            Product::Ids => "ids",
            Product::CloudConnect => "cloudconnect",
            Product::Vvb => "vvb",
            Product::Cucm => "callmanager",
            Product::Uccx => "uccx",
            Product::SocialMiner => "socialminer",
        }
    }

    /// Its services beside those that every node has.
    fn services(self) -> &'static [Service] {
        match self {
            Product::Finesse => FINESSE,
            Product::Cuic => CUIC,
            Product::LiveData => LIVE_DATA,
            Product::Ids => IDS,
            Product::CloudConnect => CLOUD_CONNECT,
            Product::Vvb => VVB,
            Product::Cucm => CUCM,
            Product::Uccx => UCCX,
            Product::SocialMiner => SOCIAL_MINER,
        }
    }

    /// The service that restarts by itself when `tomcat-trust` changes.
    pub(crate) fn notification(self) -> Option<&'static str> {
        match self {
            Product::Finesse => Some("Cisco Finesse Notification Service"),
            Product::Uccx => Some("Cisco Unified CCX Notification Service"),
            _ => None,
        }
    }
}

/// The services of a node with these products: the platform's first, then the rest by name.
pub(crate) fn services(products: &[Product]) -> Vec<Service> {
    let mut rest: Vec<Service> = COMMON.to_vec();
    for product in products {
        rest.extend(product.services());
    }
    rest.sort_by_key(|s| s.name);
    rest.dedup_by_key(|s| s.name);
    let mut all = PLATFORM.to_vec();
    all.extend(rest);
    all
}

/// The listeners that these services hold, in order.
pub(crate) fn ports(services: &[Service]) -> Vec<u16> {
    let mut ports: Vec<u16> = services.iter().flat_map(|s| s.ports).copied().collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_with_three_products_has_the_union_of_their_listeners() {
        let products = [Product::Cuic, Product::LiveData, Product::Ids];
        let services = services(&products);
        assert_eq!(ports(&services), [443, 8443, 8444, 8553, 12005, 12008]);
        assert_eq!(services[0].name, "System SSH");
        assert_eq!(services[6].name, "A Cisco DB");
    }

    #[test]
    fn an_unknown_product_is_named() {
        let error = Product::of("x", "mediasense").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x: there is no twin for the product mediasense"
        );
    }
}
