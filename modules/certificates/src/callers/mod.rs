//! Who calls a host, and whether they trust its chain.

mod gate;
mod outside;

use std::time::Duration;

use cutover_kit::{Estate, Host, Node, Platform, Reach, Read};
use cutover_x509::Certificate;

pub use gate::TrustedByCallers;
pub(crate) use outside::outside;

use crate::device;

/// A host that calls another.
#[derive(Clone, Debug, PartialEq)]
struct Caller {
    name: String,
    platform: Platform,
    /// It, or the primary whose trust it gets by replication, takes part in the play.
    within: bool,
    poll: Duration,
    replication: Duration,
}

/// Everybody that must trust the chain of `host`.
fn callers(reach: &Reach<Read>, host: &Host) -> Vec<Caller> {
    let caller = |caller: &Host| Caller {
        name: caller.name.clone(),
        platform: caller.platform,
        within: gets_trust(reach, caller),
        poll: caller.timing.poll,
        replication: caller.timing.replication,
    };
    reach.estate().callers(host).into_iter().map(caller).collect()
}

/// Trust is imported on the primary of a cluster and replicates from there.
fn gets_trust(reach: &Reach<Read>, caller: &Host) -> bool {
    match primary(reach.estate(), caller) {
        Some(primary) => reach.play_hosts().contains(&primary.name),
        None => reach.play_hosts().contains(&caller.name),
    }
}

fn primary<'a>(estate: &'a Estate, member: &Host) -> Option<&'a Host> {
    let members = estate.cluster(&member.cluster);
    members.into_iter().find(|member| member.node == Node::Primary)
}

/// What a caller's trust store says.
#[derive(Clone, Debug, PartialEq)]
enum Trust {
    /// It holds the whole chain.
    Held,
    /// It lacks these.
    Lacks(Vec<Certificate>),
    /// It could not be read, for this reason.
    Unread(String),
    /// No reader speaks to its platform.
    Unknown,
}

async fn ask(reach: &Reach<Read>, caller: &Caller, unit: &str, chain: &[Certificate]) -> Trust {
    if caller.platform != Platform::Vos {
        return Trust::Unknown;
    }
    match device::lacking(reach, &caller.name, unit, chain).await {
        Ok(lacking) if lacking.is_empty() => Trust::Held,
        Ok(lacking) => Trust::Lacks(lacking),
        Err(failure) => Trust::Unread(failure.to_string()),
    }
}

impl Trust {
    /// What keeps the caller from trusting the callee, if anything does.
    fn complaint(&self, caller: &str) -> Option<String> {
        match self {
            Self::Held | Self::Unknown => None,
            Self::Lacks(lacking) => Some(format!("{caller} lacks {}", called(lacking))),
            Self::Unread(why) => Some(format!("{caller} cannot be read: {why}")),
        }
    }
}

/// Certificates as a person calls them.
fn called(certificates: &[Certificate]) -> String {
    let names = certificates.iter().map(|one| match one.is_self_signed() {
        true => format!("root \"{}\"", one.subject.short()),
        false => format!("intermediate \"{}\"", one.subject.short()),
    });
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
