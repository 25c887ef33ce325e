//! Judging what was served.

use cutover_kit::session::KeyKind;
use cutover_kit::{Failure, FailureKind, Plan, Value};
use cutover_x509::{AltName, Certificate, Chain, ChainError};
use serde_json::{Value as Json, json};

use super::look::{Facts, Listener, Shown};
use crate::never::Never;

pub(super) fn plan(facts: &Facts) -> Result<Plan<Never>, Failure> {
    if let Some(later) = &facts.later {
        return Ok(Plan::later(
            later.clone(),
            "what is served shows when it is installed",
        ));
    }
    if facts.listeners.is_empty() {
        let message = format!(
            "no port of {} is known to look at: set `tls_ports`",
            facts.slot.host
        );
        return Err(Failure::new(FailureKind::Arguments, message));
    }
    let mut problems: Vec<String> = about_installed(facts).into_iter().collect();
    let mut reported = Vec::new();
    for listener in &facts.listeners {
        if listener.kind == facts.kind {
            problems.extend(against(facts, listener));
        } else {
            reported.extend(beside(facts, listener));
        }
    }
    problems.extend(nowhere(facts));
    let rows: Json = facts.listeners.iter().map(row).collect();
    if problems.is_empty() {
        let result = crate::fields([("ports", Value::from(rows)), ("reported", reported.into())]);
        return Ok(Plan::nothing(proved(facts)).with(result));
    }
    let silent =
        |listener: &Listener| matches!(listener.shown, Shown::Silent(_)) && listener.kind == facts.kind;
    let kind = match facts.listeners.iter().any(silent) {
        true => FailureKind::Late,
        false => FailureKind::NotProved,
    };
    let message = format!("{} does not serve its certificate as it should", facts.slot);
    Err(Failure::new(kind, message)
        .seen_all(problems)
        .field("ports", rows)
        .field("reported", reported))
}

fn proved(facts: &Facts) -> String {
    let ports = facts
        .listeners
        .iter()
        .filter(|listener| listener.kind == facts.kind);
    let ports: Vec<_> = ports.map(|listener| listener.port.to_string()).collect();
    let what = match (&facts.new, &facts.installed) {
        (Some(_), _) => "the new certificate",
        (None, Some(_)) => "the installed certificate",
        (None, None) => "a good certificate",
    };
    format!("{what} is served on {}", ports.join(", "))
}

/// The device's own word against the file.
fn about_installed(facts: &Facts) -> Option<String> {
    let installed = facts.installed.as_ref()?;
    match (installed, &facts.new) {
        (None, _) => Some(format!("{} is empty", facts.slot.unit)),
        (Some(installed), Some(new)) if installed != new => Some(format!(
            "this run installed {}, and the device holds {}",
            spelt(new),
            spelt(installed)
        )),
        _ => None,
    }
}

/// What is wrong with a listener that is to serve the unit's certificate.
fn against(facts: &Facts, listener: &Listener) -> Vec<String> {
    let port = listener.port;
    match &listener.shown {
        Shown::Silent(why) => vec![format!("port {port}: {why}")],
        // Not every listener of a node with both kinds shows ECDSA (`vos-cli.md` §10.4).
        Shown::Nothing if facts.kind == KeyKind::Ecdsa => Vec::new(),
        Shown::Nothing => vec![format!("port {port} has no RSA certificate")],
        Shown::Chain { chain, .. } => {
            let wrong = |what: String| format!("port {port} {what}");
            judge(facts, chain).into_iter().map(wrong).collect()
        }
    }
}

/// At least one listener must show an ECDSA unit's certificate.
fn nowhere(facts: &Facts) -> Option<String> {
    let mut ours = facts
        .listeners
        .iter()
        .filter(|listener| listener.kind == facts.kind);
    let none = ours.all(|listener| matches!(listener.shown, Shown::Nothing));
    (none && facts.kind == KeyKind::Ecdsa).then(|| "no listener shows an ECDSA certificate".to_owned())
}

fn judge(facts: &Facts, chain: &[Certificate]) -> Vec<String> {
    let mut wrong = Vec::new();
    let leaf = &chain[0];
    let wanted = facts
        .new
        .as_ref()
        .or(facts.installed.as_ref().and_then(Option::as_ref));
    match wanted {
        Some(wanted) if wanted != leaf => {
            wrong.push(format!("serves {} instead of {}", spelt(leaf), spelt(wanted)));
        }
        _ => {}
    }
    if !names(leaf, &facts.fqdn) {
        wrong.push(format!("serves a certificate that does not name {}", facts.fqdn));
    }
    if !leaf.is_valid_at(facts.now) {
        let (from, to) = (leaf.not_before, leaf.not_after);
        wrong.push(format!(
            "serves a certificate that is valid from {from} to {to} only"
        ));
    }
    match Chain::build(leaf, &chain[1..], &facts.roots, facts.now) {
        Ok(_) => {}
        Err(ChainError::OutOfDate { chain, at }) if chain.out_of_date(at).all(|one| one == leaf) => {}
        // Without a CA to measure by, a chain that goes some way is all that can be asked for.
        Err(ChainError::MissingIssuer { .. }) if facts.roots.is_empty() && chain.len() > 1 => {}
        Err(error) => wrong.push(format!("serves no whole chain: {error}")),
    }
    wrong
}

/// Whether a client that calls the host by this name takes the certificate for its own. ECDSA
/// units may carry the name with `-EC` (`vos-cli.md` §3.1).
fn names(leaf: &Certificate, fqdn: &str) -> bool {
    let marked = fqdn
        .split_once('.')
        .map(|(host, domain)| format!("{host}-EC.{domain}"));
    let star = fqdn.split_once('.').map(|(_, domain)| format!("*.{domain}"));
    let mut taken = [Some(fqdn.to_owned()), marked, star].into_iter().flatten();
    if leaf.names().is_empty() {
        let name = leaf.subject.common_name().unwrap_or_default();
        return taken.any(|one| one.eq_ignore_ascii_case(name));
    }
    taken.any(|one| leaf.names().contains(&AltName::dns(&one)))
}

/// What the other kind of certificate looks like; never a failure of this unit.
fn beside(facts: &Facts, listener: &Listener) -> Option<String> {
    let Shown::Chain { chain, .. } = &listener.shown else {
        return None;
    };
    let leaf = &chain[0];
    let kind = word(listener.kind);
    let what = if leaf.is_self_signed() {
        format!("a self-signed {kind} certificate")
    } else if !leaf.is_valid_at(facts.now) {
        format!("an {kind} certificate that ended at {}", leaf.not_after)
    } else {
        return None;
    };
    let whose = match facts.other_is_ours {
        true => "proved by a task of its own",
        false => "not among the host's `units`",
    };
    Some(format!("port {} also serves {what}: {whose}", listener.port))
}

fn row(listener: &Listener) -> Json {
    let (port, kind) = (listener.port, word(listener.kind));
    match &listener.shown {
        Shown::Nothing => json!({"port": port, "key": kind, "serves": null}),
        Shown::Silent(why) => json!({"port": port, "key": kind, "error": why}),
        Shown::Chain { protocol, chain } => json!({
            "port": port,
            "key": kind,
            "protocol": protocol,
            "subject": chain[0].subject,
            "issuer": chain[0].issuer,
            "serial": chain[0].serial,
            "fingerprint": chain[0].fingerprint,
            "not_after": chain[0].not_after,
            "chain": chain.len(),
        }),
    }
}

fn word(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Rsa => "RSA",
        KeyKind::Ecdsa => "ECDSA",
    }
}

fn spelt(certificate: &Certificate) -> String {
    format!("{} (serial {})", certificate.subject.short(), certificate.serial)
}
