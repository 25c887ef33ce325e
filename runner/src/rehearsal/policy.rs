//! The policy that sends a run to its twins. Pure.

use cutover_kit::estate::{Ca, CaKey};
use cutover_kit::session::Endpoint;
use cutover_kit::timing::Timing;

use super::home::Home;
use super::stage::{Address, Pace};
use super::survey::Survey;
use crate::policy::{Effects, Policy};

/// SSH on a device.
const SSH: u16 = 22;

/// What a run against these twins must keep to.
pub fn policy<'a>(
    survey: &Survey,
    home: &Home,
    pace: Pace,
    addresses: impl IntoIterator<Item = &'a Address>,
) -> Policy {
    let mut policy = Policy {
        loopback_only: true,
        own_work: true,
        timing: match pace {
            Pace::Fast => Some(Timing::fast()),
            Pace::Real => None,
        },
        signer: Some(Ca::Local {
            name: home.ca_name(),
            intermediates: 1,
            key: CaKey::Rsa2048,
        }),
        known_hosts: vec![home.known_hosts()],
        ..Policy::default()
    };
    let mut changeable = std::collections::BTreeSet::new();
    for address in addresses {
        let Some(surveyed) = survey.hosts.iter().find(|it| it.host.name == address.host) else {
            continue;
        };
        let ssh = &surveyed.host.ssh;
        let endpoint = match address.port {
            SSH => ssh.clone(),
            port => Endpoint::new(&ssh.host, port),
        };
        policy.addresses.insert(endpoint, address.at);
        changeable.insert(address.host.clone());
    }
    policy.effects = Effects::Only { hosts: changeable };
    policy
}
