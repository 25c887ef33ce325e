//! From surveyed hosts to the specification of their twins. Pure.

use std::net::{IpAddr, Ipv4Addr};

use cutover_kit::{Node, Product};
use cutover_twins::{Account, DeviceSpec, EstateSpec};

use super::survey::{Survey, Surveyed};

/// The release of a twin whose host names none.
const RELEASE: &str = "12.6.2";

/// The specification of all twins of `survey`.
pub(super) fn spec(survey: &Survey) -> EstateSpec {
    let devices = survey.hosts.iter().enumerate();
    EstateSpec {
        devices: devices.map(|(index, host)| device(index, host)).collect(),
        seed: 0,
    }
}

fn device(index: usize, surveyed: &Surveyed) -> DeviceSpec {
    let host = &surveyed.host;
    DeviceSpec {
        name: host.name.clone(),
        fqdn: host.fqdn.clone(),
        address: address(index, &host.ssh.host),
        products: host
            .products
            .iter()
            .map(|product| Product::name(*product).to_owned())
            .collect(),
        version: host.version.clone().unwrap_or_else(|| RELEASE.to_owned()),
        cluster: host.cluster.clone(),
        primary: host.node == Node::Primary,
        accounts: vec![Account {
            name: surveyed.user.clone(),
            password: surveyed
                .password
                .as_ref()
                .map(|secret| secret.expose().to_owned()),
        }],
        ports: surveyed.ports.clone(),
        twin: surveyed.twin.clone(),
    }
}

/// The address that a twin shows about itself: the inventory's, or one of the
/// range that is kept for benchmarks and routed nowhere (RFC 2544).
fn address(index: usize, dialled: &str) -> String {
    if dialled.parse::<IpAddr>().is_ok() {
        return dialled.to_owned();
    }
    let number = u32::try_from(index).unwrap_or(u32::MAX) % 0x1_fffe + 1;
    Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_inventory_is_shown_and_a_name_gets_one_that_leads_nowhere() {
        assert_eq!(address(0, "10.1.2.3"), "10.1.2.3");
        assert_eq!(address(0, "finesse-1.example.com"), "198.18.0.1");
        assert_eq!(address(300, "finesse-301.example.com"), "198.18.1.45");
    }
}
