//! What lies in the folder and is not what it seems.

use cutover_kit::{Reach, Read};
use cutover_x509::matching::Sorted;
use cutover_x509::{AltName, Certificate};

use super::look::{Asked, Facts};

/// Certificates with the names of a request and another key: answers to an older one.
pub(super) fn older(asked: &Asked, sorted: &Sorted) -> Vec<String> {
    let names = asked.request.names();
    let same = sorted.strangers.iter().filter(|stranger| {
        let theirs = stranger.certificate.names();
        !names.is_empty() && theirs == names
    });
    same.map(|stranger| {
        format!(
            "{} is for the same names, but its key is not the request's: it answers an older request",
            stranger.file
        )
    })
    .collect()
}

/// What lies in the folder and is not what its name says, or belongs to nobody.
pub(super) fn oddities(facts: &Facts, sorted: &Sorted, settled: &[AltName]) -> Vec<String> {
    let mut said = Vec::new();
    for answer in &sorted.answers {
        let file = &answer.found.file;
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let other = facts.asked.iter().find(|asked| asked.slot.stem() == stem);
        if other.is_some() && stem != answer.name {
            said.push(format!(
                "{file} holds the certificate of {}: taken by its key",
                answer.name
            ));
        }
    }
    for (file, error) in &sorted.unreadable {
        said.push(format!("{file} is passed over: {error}"));
    }
    for stranger in &sorted.strangers {
        if !is_explained(&stranger.certificate, facts, settled) {
            let subject = stranger.certificate.subject.short();
            said.push(format!(
                "{} holds a certificate of {subject} that answers no request",
                stranger.file
            ));
        }
    }
    said
}

/// The names of hosts for which nothing is to be signed.
pub(super) fn settled_names(facts: &Facts, reach: &Reach<Read>) -> Vec<AltName> {
    let hosts = facts
        .settled
        .iter()
        .filter_map(|(slot, _)| reach.estate().host(&slot.host));
    hosts.map(|host| AltName::dns(&host.fqdn)).collect()
}

/// What is installed may lie there, a settled host's certificate may stay, and what answers an
/// older request is told of where the new one waits.
fn is_explained(certificate: &Certificate, facts: &Facts, settled: &[AltName]) -> bool {
    let names = certificate.names();
    let known = |asked: &Asked| {
        asked.device.installed.as_ref() == Some(certificate) || asked.request.names() == names
    };
    facts.asked.iter().any(known) || settled.iter().any(|name| names.contains(name))
}
