//! What a trust store holds of what is needed.

use std::collections::HashMap;

use cutover_kit::Failure;
use cutover_x509::Certificate;

use super::needed::Need;
use crate::device::Reader;
use crate::read::{Listed, Shown};

/// What a store says about one needed certificate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// It is there.
    pub(super) held: bool,
    /// Other certificates of the same common name that are there. A store keeps one per name:
    /// a newer one takes the place, an older one is not stored (`vos-cli.md` §3.5).
    pub(super) namesakes: Vec<Certificate>,
}

/// Looks for certificates in a store of a node, reading as few files as their names allow.
pub(super) async fn find(reader: &Reader, store: &str, needs: &[Need]) -> Result<Vec<Found>, Failure> {
    let mut listed = reader.trust_certificates().await?;
    listed.retain(|one| one.store == store);
    let mut seen = HashMap::new();
    let mut found = Vec::with_capacity(needs.len());
    for need in needs {
        found.push(find_one(reader, &listed, &mut seen, &need.certificate).await?);
    }
    Ok(found)
}

async fn find_one(
    reader: &Reader,
    listed: &[Listed],
    seen: &mut HashMap<String, Option<Shown>>,
    wanted: &Certificate,
) -> Result<Found, Failure> {
    let (likely, other): (Vec<&Listed>, Vec<&Listed>) = listed
        .iter()
        .partition(|one| one.may_be_named_as(wanted) || one.serial().is_some() && one.may_be(wanted));
    let mut found = Found {
        held: false,
        namesakes: Vec::new(),
    };
    for one in likely {
        // A file whose name has no serial number may have got another content since.
        look(reader, one, one.serial().is_some(), seen, wanted, &mut found).await?;
    }
    for one in other.into_iter().filter(|one| one.may_be(wanted)) {
        if !found.held {
            look(reader, one, true, seen, wanted, &mut found).await?;
        }
    }
    Ok(found)
}

async fn look(
    reader: &Reader,
    listed: &Listed,
    remembered: bool,
    seen: &mut HashMap<String, Option<Shown>>,
    wanted: &Certificate,
    found: &mut Found,
) -> Result<(), Failure> {
    if !seen.contains_key(&listed.file) {
        let shown = reader.trust_certificate(listed, remembered).await?;
        seen.insert(listed.file.clone(), shown);
    }
    let Some(Some(shown)) = seen.get(&listed.file) else {
        return Ok(());
    };
    if shown.is(wanted) {
        found.held = true;
    } else if let Some(whole) = shown.whole()
        && whole.subject.common_name().is_some()
        && whole.subject.common_name() == wanted.subject.common_name()
    {
        found.namesakes.push(whole.clone());
    }
    Ok(())
}
