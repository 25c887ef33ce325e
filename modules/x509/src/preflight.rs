//! Checking what a CA returned before anything touches a device.

mod finding;
mod keys;
mod names;
mod path;
mod store;
mod today;
mod usage;

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::request::Request;

use finding::Findings;
pub use finding::{Finding, Rule, Severity};

/// What kind of system the certificate is for. Rules that only one of them has are asked only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// A VOS node: imports through the platform's certificate management.
    Vos,
    /// Windows: IIS, the Diagnostic Portico.
    Windows,
    /// A keystore of CVP.
    Cvp,
}

/// Deviations that the site has decided to live with, by the names of its variables and arguments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed {
    /// `allow_missing_client_auth`: the certificate cannot authenticate a client.
    pub missing_client_auth: bool,
    /// `accept_lost_names`: names of today's certificate go away.
    pub lost_names: bool,
    /// `accept_smaller_key`: the key is smaller than today's.
    pub smaller_key: bool,
    /// `accept_multi_server`: a multi-server certificate is replaced by one of a single node.
    pub multi_server: bool,
}

/// One certificate that came back, and everything it is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The request that went to the CA.
    pub request: &'a Request,
    /// The certificate that came back for it.
    pub leaf: &'a Certificate,
    /// All other certificates that came back, in any order.
    pub offered: &'a [Certificate],
    /// The chain of the site's CA; empty where the site gave none.
    pub ca: &'a [Certificate],
    /// The certificate in the slot today.
    pub today: Option<&'a Certificate>,
    /// The trust store of the slot as it is today; empty where unknown.
    pub store: &'a [Certificate],
    /// The kind of system.
    pub system: System,
    /// Names of the products on the host (`finesse`, `uccx`).
    pub products: &'a [&'a str],
    /// The slot: a VOS unit (`tomcat`, `tomcat-ECDSA`), a keystore alias, an IIS binding.
    pub slot: &'a str,
    /// The name by which clients call the host.
    pub fqdn: &'a str,
    /// The names of the other members of its cluster.
    pub members: &'a [&'a str],
    /// The host's own clock.
    pub now: Timestamp,
    /// The end of the change window, where one is known.
    pub until: Option<Timestamp>,
    /// What the site allows.
    pub allowed: Allowed,
}

impl Case<'_> {
    fn is_vos(&self) -> bool {
        self.system == System::Vos
    }

    fn runs(&self, product: &str) -> bool {
        self.products.contains(&product)
    }

    fn is_ecdsa_unit(&self) -> bool {
        self.is_vos() && self.slot.ends_with("-ECDSA")
    }
}

/// Everything that is wrong or doubtful, in the order of [`Rule`]; empty where all is well.
/// Without an [`Severity::Error`] among them, the certificate may be installed.
#[must_use]
pub fn preflight(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    names::check(case, &mut findings);
    keys::check(case, &mut findings);
    usage::check(case, &mut findings);
    let chain = path::check(case, &mut findings);
    store::check(case, &chain, &mut findings);
    today::check(case, &mut findings);
    findings.in_order()
}
