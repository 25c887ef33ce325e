//! What runs on a host, and what follows from it for every part of cutover.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How to talk to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Cisco's Voice Operating System: one interactive command line over SSH.
    Vos,
    /// Windows over SSH.
    Windows,
    /// Anything with a POSIX shell over SSH.
    #[default]
    Posix,
    /// This machine.
    Local,
}

impl Platform {
    /// Every platform, by the name an inventory uses.
    pub const ALL: [(&'static str, Platform); 4] = [
        ("vos", Self::Vos),
        ("windows", Self::Windows),
        ("posix", Self::Posix),
        ("local", Self::Local),
    ];

    /// The name an inventory uses.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No product, platform or the like has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the known names")]
pub struct UnknownName(pub String);

impl FromStr for Platform {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, it)| *it)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// A product of the estate; a co-resident node runs several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Finesse.
    Finesse,
    /// Unified Intelligence Center.
    Cuic,
    /// Live Data.
    Livedata,
    /// Identity Service.
    Ids,
    /// Cloud Connect.
    Cloudconnect,
    /// Virtualized Voice Browser.
    Vvb,
    /// Unified Communications Manager.
    Cucm,
    /// Unified Contact Center Express.
    Uccx,
    /// SocialMiner, later Customer Collaboration Platform.
    Socialminer,
    /// Administration workstation.
    Aw,
    /// Central controller's router.
    Router,
    /// Central controller's logger.
    Logger,
    /// Peripheral gateway.
    Pg,
    /// CVP call server.
    Cvp,
    /// CVP reporting server.
    CvpReporting,
    /// CVP operations console.
    CvpOamp,
}

/// What every part of cutover knows of a product.
struct Page {
    product: Product,
    name: &'static str,
    /// Listeners that show its certificate (`vos-cli.md` §9, `peers.md` on CCUT's table).
    ports: &'static [u16],
    /// Products whose chains it must trust (`procedures.md` A6; the union is the safe reading).
    talks_to: &'static [&'static str],
}

const PAGES: [Page; 16] = [
    Page {
        product: Product::Finesse,
        name: "finesse",
        ports: &[8445, 8443, 7443],
        talks_to: &["cuic", "livedata", "ids"],
    },
    Page {
        product: Product::Cuic,
        name: "cuic",
        ports: &[8444, 8443],
        talks_to: &["finesse", "livedata", "ids"],
    },
    Page {
        product: Product::Livedata,
        name: "livedata",
        ports: &[12005, 12008, 8443],
        talks_to: &["finesse", "cuic"],
    },
    Page {
        product: Product::Ids,
        name: "ids",
        ports: &[8553, 8443],
        talks_to: &[],
    },
    Page {
        product: Product::Cloudconnect,
        name: "cloudconnect",
        ports: &[8443],
        talks_to: &[],
    },
    Page {
        product: Product::Vvb,
        name: "vvb",
        ports: &[8443],
        talks_to: &[],
    },
    Page {
        product: Product::Cucm,
        name: "cucm",
        ports: &[8443],
        talks_to: &[],
    },
    Page {
        product: Product::Uccx,
        name: "uccx",
        ports: &[8443, 8445, 12015],
        talks_to: &["socialminer"],
    },
    Page {
        product: Product::Socialminer,
        name: "socialminer",
        ports: &[8443, 7443],
        talks_to: &["uccx"],
    },
    Page {
        product: Product::Aw,
        name: "aw",
        ports: &[443, 7890],
        talks_to: &[],
    },
    Page {
        product: Product::Router,
        name: "router",
        ports: &[443, 7890],
        talks_to: &[],
    },
    Page {
        product: Product::Logger,
        name: "logger",
        ports: &[443, 7890],
        talks_to: &[],
    },
    Page {
        product: Product::Pg,
        name: "pg",
        ports: &[443, 7890],
        talks_to: &[],
    },
    Page {
        product: Product::Cvp,
        name: "cvp",
        ports: &[8111],
        talks_to: &[],
    },
    Page {
        product: Product::CvpReporting,
        name: "cvp_reporting",
        ports: &[8111],
        talks_to: &[],
    },
    Page {
        product: Product::CvpOamp,
        name: "cvp_oamp",
        ports: &[9443],
        talks_to: &[],
    },
];

impl Product {
    /// Every product, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Product> {
        PAGES.iter().map(|page| page.product)
    }

    fn page(self) -> &'static Page {
        PAGES
            .iter()
            .find(|page| page.product == self)
            .unwrap_or(&PAGES[0])
    }

    /// The name an inventory uses; also the group of its hosts.
    pub fn name(self) -> &'static str {
        self.page().name
    }

    /// Listeners that show its certificate.
    pub fn tls_ports(self) -> &'static [u16] {
        self.page().ports
    }

    /// Names of the products whose chains it must trust.
    pub fn talks_to(self) -> &'static [&'static str] {
        self.page().talks_to
    }

    /// Whether an import into its trust store restarts its notification service,
    /// which agents notice (`vos-cli.md` §4.4).
    pub fn trust_import_interrupts(self) -> bool {
        matches!(self, Self::Finesse | Self::Uccx)
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Product {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = PAGES.iter().find(|page| page.name == text);
        found
            .map(|page| page.product)
            .ok_or_else(|| UnknownName(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_its_own_page_and_speaks_of_known_ones() {
        for product in Product::all() {
            assert_eq!(product.page().product, product);
            assert_eq!(product.name().parse::<Product>().unwrap(), product);
            assert!(!product.tls_ports().is_empty());
            for other in product.talks_to() {
                assert!(other.parse::<Product>().is_ok(), "{product} talks to {other}");
            }
        }
    }
}
