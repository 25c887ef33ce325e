//! What is said of the hosts: findings, failures, warnings.

use std::collections::BTreeMap;

use cutover_kit::{Failure, FailureKind, Host, Map, Note, Platform, Proved, Reach, Read, Value};
use cutover_x509::Certificate;
use cutover_x509::preflight::Finding;

use super::look::Asked;

/// What comes together for all hosts.
#[derive(Default)]
pub(super) struct Report {
    certificates: Vec<Value>,
    hosts: BTreeMap<String, Failure>,
    warnings: Vec<String>,
}

impl Report {
    /// Each warning is told once.
    pub(super) fn warn(&mut self, messages: impl IntoIterator<Item = String>) {
        for message in messages {
            if !self.warnings.contains(&message) {
                self.warnings.push(message);
            }
        }
    }

    /// The host fails. What one of its slots waits for counts for less than what another is refused for.
    pub(super) fn fail(&mut self, host: &str, failure: Failure) {
        match self.hosts.get_mut(host) {
            None => drop(self.hosts.insert(host.to_owned(), failure)),
            Some(known) if known.kind == FailureKind::Awaiting && failure.kind != FailureKind::Awaiting => {
                let waits = std::mem::replace(known, failure);
                known.seen.push(waits.message);
            }
            Some(known) => {
                known.seen.push(failure.message);
                known.seen.extend(failure.seen);
            }
        }
    }

    /// What the check of one certificate found.
    pub(super) fn judged(&mut self, asked: &Asked, host: &Host, leaf: &Certificate, findings: &[Finding]) {
        self.certificates.push(row(asked, leaf, findings));
        let slot = &asked.slot;
        let warnings = findings.iter().filter(|finding| !finding.is_error());
        self.warn(warnings.map(|finding| format!("{slot}: {finding}")));
        if let Some(unread) = &asked.device.unread {
            self.warn([format!(
                "{slot} could not be read, so not everything was checked: {unread}"
            )]);
        }
        if host.platform == Platform::Vos && !host.decisions.backup_confirmed {
            self.warn([format!(
            "{slot}: nobody has confirmed a backup (`backup_confirmed: true`); an identity import cannot be undone"
        )]);
        }
        let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
        if !errors.is_empty() {
            let message = format!("the certificate for {slot} must not be installed");
            let failure = Failure::new(FailureKind::Preflight, message);
            self.fail(
                &slot.host,
                failure.seen_all(errors.iter().map(ToString::to_string)),
            );
        }
    }

    /// A check run stops nobody: it says who would stop, and why.
    pub(super) fn turn_to_warnings(&mut self) {
        for (host, failure) in std::mem::take(&mut self.hosts) {
            let seen: String = failure.seen.iter().map(|line| format!("; {line}")).collect();
            let would = match failure.kind {
                FailureKind::Awaiting => "wait",
                _ => "stop",
            };
            self.warn([format!("in a run {host} would {would} here: {failure}{seen}")]);
        }
    }

    pub(super) fn tell(&self, reach: &Reach<Read>) {
        for message in &self.warnings {
            reach.note(Note::Warning {
                message: message.clone(),
            });
        }
    }

    pub(super) fn proved(self) -> Proved {
        Proved {
            fields: Map::from_iter([("certificates".to_owned(), Value::List(self.certificates))]),
            hosts: self.hosts,
        }
    }
}

fn row(asked: &Asked, leaf: &Certificate, findings: &[Finding]) -> Value {
    let certificate = serde_json::to_value(leaf).unwrap_or_default();
    let findings = serde_json::to_value(findings).unwrap_or_default();
    Value::map([
        ("host", Value::from(asked.slot.host.as_str())),
        ("unit", asked.slot.unit.as_str().into()),
        ("certificate", certificate.into()),
        ("findings", findings.into()),
    ])
}
