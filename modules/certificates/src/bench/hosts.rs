//! Hosts of test estates.

use cutover_kit::estate::{Ca, CaKey, Decisions, Deployment, Node};
use cutover_kit::session::Endpoint;
use cutover_kit::timing::Timing;
use cutover_kit::{Host, Platform, Product};

/// A host that no reader speaks to: only its name and its CA count.
pub(crate) fn host(name: &str) -> Host {
    Host {
        name: name.to_owned(),
        fqdn: format!("{name}.example.com"),
        platform: Platform::Posix,
        products: Vec::new(),
        version: None,
        cluster: name.to_owned(),
        node: Node::Primary,
        pool: None,
        site: None,
        ssh: Endpoint::new(name, 22),
        tls_ports: vec![8443],
        units: vec!["tomcat".to_owned()],
        talks_to: Vec::new(),
        ca: None,
        ca_command: None,
        renew_before: None,
        work: "/work".into(),
        deployment: Deployment::default(),
        decisions: Decisions::default(),
        timing: Timing::fast(),
    }
}

/// A host whose certificates a CA of ours signs.
pub(crate) fn with_local_ca(name: &str, ca: &str) -> Host {
    Host {
        ca: Some(local_ca(ca)),
        ..host(name)
    }
}

fn local_ca(name: &str) -> Ca {
    Ca::Local {
        name: name.to_owned(),
        intermediates: 1,
        key: CaKey::Ec384,
    }
}

/// A VOS node, which [`Bench::twins`] gives a twin.
pub(crate) fn vos(name: &str, product: Product, cluster: &str, node: Node) -> Host {
    Host {
        platform: Platform::Vos,
        products: vec![product],
        version: Some("12.6.2".to_owned()),
        cluster: cluster.to_owned(),
        node,
        tls_ports: product.tls_ports().to_vec(),
        talks_to: product.talks_to().iter().map(|it| (*it).to_owned()).collect(),
        ca: Some(local_ca("Lab")),
        timing: Timing::real(),
        ..host(name)
    }
}
