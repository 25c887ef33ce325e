//! A node's own certificates: made, requested, imported, regenerated.

use super::node::Pending;
use super::unit::Unit;
use super::world::{NodeId, World};
use crate::log::What;
use crate::pki::check::{self, Refusal, Request, View};
use crate::pki::make::{self, Contents, Issuer};
use crate::pki::pair::{Authority, Key, Made, Pair, Pem, Recipe};
use crate::pki::{KeyKind, fingerprint, names};
use crate::product::Product;
use crate::spec::Subject;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const DAY: i64 = 86_400;
/// What the system gives a certificate that it signs itself: five years.
const SELF_SIGNED_DAYS: i64 = 5 * 365;

/// The CA of the twins' own, which signed starting certificates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Authorities {
    pub(crate) root: Authority,
    pub(crate) intermediate: Authority,
    pub(crate) expired: Authority,
}

impl Authorities {
    /// Three EC authorities: a root and two intermediates, one of which ended yesterday.
    pub(crate) fn new(wall: i64) -> Result<Authorities, ErrorStack> {
        let since = wall - 3 * 365 * DAY;
        let until = wall + 3 * 365 * DAY;
        let root = authority("Twin Root CA", 1, (since, until), None)?;
        let intermediate = authority("Twin Issuing CA 2", 2, (since, until), Some(&root))?;
        let ended = (since, wall - DAY);
        let expired = authority("Twin Issuing CA 1", 3, ended, Some(&root))?;
        Ok(Authorities {
            root,
            intermediate,
            expired,
        })
    }

    /// The intermediate that signs for a node.
    pub(crate) fn issuing(&self, expired: bool) -> &Authority {
        if expired {
            &self.expired
        } else {
            &self.intermediate
        }
    }
}

fn authority(
    cn: &str,
    serial: u8,
    (not_before, not_after): (i64, i64),
    issuer: Option<&Authority>,
) -> Result<Authority, ErrorStack> {
    let key = make::ec_key()?;
    let subject = make::subject(cn, &Subject::default(), false)?;
    let contents = Contents {
        subject: &subject,
        names: &[],
        not_before,
        not_after,
        serial: &[serial],
        ca: true,
    };
    let certificate = match issuer {
        None => make::certificate(&contents, &key, None)?,
        Some(issuer) => {
            let certificate = issuer.certificate.open()?;
            let signer = issuer.key.open()?;
            let issuer = Issuer {
                certificate: &certificate,
                key: &signer,
            };
            make::certificate(&contents, &key, Some(&issuer))?
        }
    };
    Ok(Authority {
        certificate: Pem::keep(&certificate)?,
        key: Key::keep(&key)?,
    })
}

impl World {
    /// A unit's own certificate, made now if nobody has seen it yet; none where the node lacks the unit.
    pub(crate) fn own(&mut self, id: NodeId, unit: Unit) -> Result<Option<Made>, ErrorStack> {
        match self.node(id).state.own.get(&unit) {
            Some(pair) => self.pair(id, *pair),
            None => Ok(None),
        }
    }

    /// The same by the pair's number.
    pub(crate) fn pair(&mut self, id: NodeId, pair: u32) -> Result<Option<Made>, ErrorStack> {
        let recipe = match self.node(id).state.pairs.get(&pair) {
            None => return Ok(None),
            Some(Pair::Made(made)) => return Ok(Some(made.clone())),
            Some(Pair::Recipe(recipe)) => recipe.clone(),
        };
        let key = self.new_key(recipe.kind)?;
        let spec = &self.node(id).setup.spec;
        let expired = spec.twin.mischief.expired_intermediate;
        let authorities = self.authorities.as_ref().filter(|_| recipe.signed);
        let authority = authorities.map(|a| a.issuing(expired));
        let made = recipe.make(&key, &spec.twin.subject, authority)?;
        let pairs = &mut self.node_mut(id).state.pairs;
        pairs.insert(pair, Pair::Made(made.clone()));
        Ok(Some(made))
    }

    /// Whether a unit's own certificate is self-signed.
    pub(crate) fn self_signed(&self, id: NodeId, unit: Unit) -> bool {
        let state = &self.node(id).state;
        let pair = state.own.get(&unit).and_then(|p| state.pairs.get(p));
        match pair {
            Some(Pair::Recipe(recipe)) => !recipe.signed,
            Some(Pair::Made(made)) => made.certificate.open().is_ok_and(|c| names::self_issued(&c)),
            None => false,
        }
    }

    /// Makes a request, in place of the one that may be there. Whether it was an operator's command
    /// is the caller's to say.
    pub(crate) fn make_request(&mut self, id: NodeId, unit: Unit, with_unit: bool) -> Result<(), ErrorStack> {
        let key = self.new_key(unit.key())?;
        let setup = &self.node(id).setup;
        let twin = &setup.spec.twin;
        let mut names = vec![setup.spec.fqdn.clone()];
        if twin.parent_domain && !setup.domain().is_empty() {
            names.push(setup.domain().to_owned());
        }
        names.extend(twin.mischief.extra_san.clone());
        let cn = unit.common_name(&setup.spec.fqdn);
        let subject = make::subject(&cn, &twin.subject, with_unit)?;
        let request = make::request(&subject, &names, &key, unit.key())?;
        let pending = Pending {
            key: Key::keep(&key)?,
            names,
            pem: String::from_utf8_lossy(&request.to_pem()?).into_owned(),
        };
        self.node_mut(id).state.requests.insert(unit, pending);
        Ok(())
    }

    /// Imports a certificate that answers the unit's request. The listeners go on presenting the old
    /// one until their service restarts.
    pub(crate) fn import_own(&mut self, id: NodeId, unit: Unit, certificate: &X509) -> Result<(), Refusal> {
        let trust = self.trust(id, unit.store());
        let node = self.node(id);
        let pending = node.state.requests.get(&unit);
        let key = pending.and_then(|p| p.key.open().ok());
        let request = match (&pending, &key) {
            (Some(pending), Some(key)) => Some(Request {
                key,
                names: &pending.names,
            }),
            _ => None,
        };
        let uccx = node.setup.runs(Product::Uccx);
        let view = View {
            trust: &trust,
            wall: self.wall(id),
            largest_key: if uccx { 2048 } else { 4096 },
        };
        check::own(certificate, unit.name(), request.as_ref(), &view)?;
        let kept = Pem::keep(certificate).map_err(|_| Refusal::Unreadable)?;
        let Some(pending) = self.node_mut(id).state.requests.remove(&unit) else {
            return Err(Refusal::NoRequest(unit.name()));
        };
        let made = Made {
            certificate: kept,
            key: pending.key,
        };
        self.set_own(id, unit, Pair::Made(made));
        let what = What::Imported {
            store: unit.name().to_owned(),
            fingerprint: fingerprint(certificate),
        };
        self.write(id, what);
        Ok(())
    }

    /// Puts a fresh self-signed certificate in the place of a unit's own.
    pub(crate) fn regenerate(&mut self, id: NodeId, unit: Unit) -> Result<(), ErrorStack> {
        let wall = self.wall(id);
        let fqdn = &self.node(id).setup.spec.fqdn;
        let recipe = Recipe {
            common_name: unit.common_name(fqdn),
            names: vec![fqdn.clone()],
            kind: unit.key(),
            not_before: wall,
            not_after: wall + SELF_SIGNED_DAYS * DAY,
            serial: self.serial(),
            signed: false,
        };
        self.set_own(id, unit, Pair::Recipe(recipe));
        if let Some(made) = self.own(id, unit)? {
            let what = What::Regenerated {
                unit: unit.name().to_owned(),
                fingerprint: made.fingerprint(),
            };
            self.write(id, what);
        }
        Ok(())
    }

    fn set_own(&mut self, id: NodeId, unit: Unit, pair: Pair) {
        let state = &mut self.node_mut(id).state;
        let number = state.pairs.keys().last().map_or(0, |last| last + 1);
        state.pairs.insert(number, pair);
        state.own.insert(unit, number);
        self.forget_unused(id);
    }

    /// Drops certificates that are neither installed nor presented any more.
    pub(crate) fn forget_unused(&mut self, id: NodeId) {
        let state = &mut self.node_mut(id).state;
        let presented = state.active.values().flatten().map(|a| a.pair);
        let used: BTreeSet<u32> = state.own.values().copied().chain(presented).collect();
        state.pairs.retain(|number, _| used.contains(number));
    }

    fn new_key(&mut self, kind: KeyKind) -> Result<PKey<Private>, ErrorStack> {
        match kind {
            KeyKind::Rsa => self.rsa_keys.make(),
            KeyKind::Ec => make::ec_key(),
        }
    }
}
