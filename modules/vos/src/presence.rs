//! Whether a node is in service: services, prompt, replication, product. Never its certificates,
//! or an estate whose certificates have ended could not be mended.

use std::time::Duration;

use cutover_kit::session::Offer;
use cutover_kit::{Failure, FailureKind, Host, Note, Product, Reach, Read};
use regex::Regex;
use serde::Serialize;

use crate::device::{Reader, Vos};
use crate::read::{Service, ServiceState, Services};

/// Whether a node is in service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", content = "reasons", rename_all = "snake_case")]
pub enum Standing {
    /// It is.
    InService,
    /// It is not, for these reasons.
    Out(Vec<String>),
}

/// What belongs to a product: words of its services' names. Releases differ in the rest of them
/// (`vos-cli.md` §4.2).
fn services_of(product: Product) -> &'static [&'static str] {
    match product {
        Product::Finesse => &["Finesse", "Web Proxy"],
        Product::Cuic => &["Intelligence Center"],
        Product::Livedata => &["Live Data"],
        Product::Ids => &["Identity Service"],
        Product::Vvb => &["VVB", "Engine", "Speechserver"],
        Product::Cucm => &["CallManager", "UDS Tomcat", "AXL Tomcat"],
        Product::Uccx => &["CCX", "Finesse", "Web Proxy"],
        Product::Socialminer => &["SocialMiner", "CCP", "Customer Collaboration"],
        _ => &[],
    }
}

/// What every VOS node needs.
const PLATFORM: [&str; 2] = ["Cisco Tomcat", "A Cisco DB"];

/// Reads whether `host` is in service.
///
/// # Errors
/// Where it cannot be read: that is neither in service nor known to be out of it.
pub async fn standing(reach: &Reach<Read>, host: &str) -> Result<Standing, Failure> {
    let host = reach
        .estate()
        .host(host)
        .ok_or_else(|| Failure::new(FailureKind::Arguments, format!("{host} is not in the inventory")))?;
    let reader = reach.reader::<Vos>(&host.name).await?;
    let mut reasons = services(host, &reader.services().await?);
    if !reasons.is_empty() {
        // What rests on the services need not be asked; a node that boots has enough to do.
        return Ok(Standing::Out(reasons));
    }
    reasons.extend(replication(reach, host, &reader).await?);
    if host.runs(Product::Finesse) {
        reasons.extend(finesse(reach, host).await);
    }
    if host.runs(Product::Livedata) {
        reasons.extend(live_data(reach, host, &reader).await?);
    }
    Ok(if reasons.is_empty() {
        Standing::InService
    } else {
        Standing::Out(reasons)
    })
}

/// What is wrong with the services: what belongs to the product does not run, or anything is still
/// on its way. What nobody activated is as it should be; what the role of a node keeps out (`Cisco DRF
/// Master` on a secondary) belongs to no product. What somebody commanded out of service is out.
fn services(host: &Host, list: &Services) -> Vec<String> {
    let mut reasons = Vec::new();
    for name in PLATFORM {
        if list.find(name).is_none() {
            reasons.push(format!("the service {name} is not listed"));
        }
    }
    let belongs = |service: &Service| {
        let words = host.products.iter().flat_map(|product| services_of(*product));
        PLATFORM.contains(&service.name.as_str()) || words.into_iter().any(|word| service.name.contains(word))
    };
    let bad = list.services.iter().filter(|service| match service.state {
        ServiceState::Started => false,
        ServiceState::Starting | ServiceState::Stopping => true,
        ServiceState::Stopped | ServiceState::Other(_) => belongs(service) && !service.is_not_activated(),
    });
    reasons.extend(bad.map(|it| {
        let reason = if it.reason.is_empty() {
            String::new()
        } else {
            format!(" ({})", it.reason)
        };
        format!("{} is {}{reason}", it.name, it.state)
    }));
    reasons
}

/// What is wrong with the replication, where there is anybody to replicate with.
async fn replication(reach: &Reach<Read>, host: &Host, reader: &Reader) -> Result<Option<String>, Failure> {
    if reach.estate().cluster(&host.cluster).len() < 2 {
        return Ok(None);
    }
    let state = reader.replication().await?;
    if let Some(why) = state.unavailable {
        return Ok(Some(format!("replication: {why}")));
    }
    let short = host.fqdn.split('.').next().unwrap_or(&host.fqdn);
    Ok(match state.own(short) {
        Some(row) if row.state == 2 => None,
        Some(row) => Some(format!("replication is at ({}) {}", row.state, row.text)),
        None => Some("the node does not list itself in its replication state".to_owned()),
    })
}

/// The port and the question that Finesse's own desktop asks before it chooses a side.
const FINESSE_PORT: u16 = 8445;
const SYSTEM_INFO: &str = "/finesse/api/SystemInfo";

async fn finesse(reach: &Reach<Read>, host: &Host) -> Option<String> {
    let request = format!(
        "GET {SYSTEM_INFO} HTTP/1.1\r\nHost: {}\r\nAccept: application/xml\r\nConnection: close\r\n\r\n",
        host.fqdn
    );
    let offer = Offer {
        server_name: Some(host.fqdn.clone()),
        key: None,
        request: Some(request.into_bytes()),
        limit: host.timing.tls,
    };
    let reply = match reach.handshake(&host.name, FINESSE_PORT, &offer).await {
        Ok(shaken) => shaken.reply.unwrap_or_default(),
        Err(error) => return Some(format!("Finesse: {error}")),
    };
    let reply = String::from_utf8_lossy(&reply).into_owned();
    match finesse_status(&reply) {
        Some(status) if status == "IN_SERVICE" => None,
        Some(status) => Some(format!("Finesse says it is {status}")),
        None => {
            let first = reply.lines().next().unwrap_or("nothing").to_owned();
            Some(format!("Finesse answers {SYSTEM_INFO} with: {first}"))
        }
    }
}

/// The word in `<status>...</status>`.
fn finesse_status(reply: &str) -> Option<String> {
    let status = Regex::new(r"<status>\s*([A-Z_]+)\s*</status>").ok()?;
    status.captures(reply).map(|found| found[1].to_owned())
}

/// Both sides must know each other, where there are two.
async fn live_data(reach: &Reach<Read>, host: &Host, reader: &Reader) -> Result<Option<String>, Failure> {
    let paired = reach
        .estate()
        .partners(host)
        .iter()
        .any(|other| other.runs(Product::Livedata));
    let state = reader.live_data().await?;
    let fine = state.is_paired() || (!paired && state.serves_alone());
    Ok((!fine).then(|| format!("Live Data is {}", state.state)))
}

/// Waits until `host` has been in service twice in a row; `limit` counts from `since`.
///
/// # Errors
/// What was still wrong when the time was up.
pub(crate) async fn settle(
    reach: &Reach<Read>,
    host: &Host,
    since: Duration,
    limit: Duration,
) -> Result<(), Failure> {
    let deadline = since + limit;
    let mut in_a_row = 0;
    let mut told = false;
    loop {
        let reasons = match standing(reach, &host.name).await {
            Ok(Standing::InService) => Vec::new(),
            Ok(Standing::Out(reasons)) => reasons,
            Err(failure) => vec![failure.message],
        };
        in_a_row = if reasons.is_empty() { in_a_row + 1 } else { 0 };
        if in_a_row == 2 {
            return Ok(());
        }
        if reach.clock().elapsed() + host.timing.poll > deadline {
            let message = format!("{} is not back in service within {limit:?}", host.name);
            return Err(Failure::new(FailureKind::Late, message).seen_all(reasons));
        }
        if !reasons.is_empty() && !std::mem::replace(&mut told, true) {
            reach.note(Note::Waiting {
                what: format!("{} to be in service", host.name),
                limit,
            });
        }
        reach.wait(host.timing.poll).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_found_in_whatever_surrounds_it() {
        let reply = "HTTP/1.1 200 OK\r\n\r\n<SystemInfo><primaryNode><host>a</host></primaryNode>\
                     <status>IN_SERVICE</status></SystemInfo>";
        assert_eq!(finesse_status(reply).as_deref(), Some("IN_SERVICE"));
        assert_eq!(finesse_status("HTTP/1.1 404 Not Found\r\n\r\n"), None);
    }
}
