//! Which certificates a host must trust.

use std::collections::BTreeMap;
use std::path::Path;

use cutover_kit::value::Later;
use cutover_kit::{Failure, FailureKind, Host, Known, Note, Platform, Reach, Read};
use cutover_x509::{Certificate, Chain, Fingerprint};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::bundle;
use crate::ca;
use crate::slot::{Slot, served};
use crate::unit::Unit;

/// Whose chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Its own.
    #[serde(rename = "self")]
    Itself,
    /// Those of its cluster and of everybody that its `talks_to` names.
    TalksTo,
}

impl Of {
    pub(super) fn everybody() -> Vec<Self> {
        vec![Self::Itself, Self::TalksTo]
    }
}

/// A certificate that must be trusted, and for whose sake.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// The certificate.
    pub certificate: Certificate,
    /// The hosts whose chain it is in.
    pub hosts: Vec<String>,
    /// How far below a root it stands.
    depth: usize,
}

impl From<Certificate> for Need {
    fn from(certificate: Certificate) -> Self {
        Self {
            certificate,
            hosts: Vec::new(),
            depth: 0,
        }
    }
}

/// What a host must trust.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// Roots first.
    pub known: Vec<Need>,
    /// An earlier step of a check run would make more of them.
    pub later: Option<Later>,
}

/// The chain of one host.
enum Issuers {
    /// Root first.
    Known(Vec<Certificate>),
    Later(Later),
}

/// What `host` must trust for `unit`: the chains with which those in `of` will be signed in this
/// run, or are signed already.
pub(super) async fn needed(
    reach: &Reach<Read>,
    host: &Host,
    unit: &Unit,
    signed_dir: &Path,
    of: &[Of],
) -> Result<Needs, Failure> {
    let mut others = Vec::new();
    if of.contains(&Of::Itself) {
        others.push(host);
    }
    if of.contains(&Of::TalksTo) {
        others.extend(reach.estate().talks_to(host));
    }
    let mut needs: BTreeMap<Fingerprint, Need> = BTreeMap::new();
    let mut order = Vec::new();
    let mut later = None;
    for other in others {
        match issuers(reach, host, other, unit, signed_dir).await? {
            Issuers::Later(by) => later = later.or(Some(by)),
            Issuers::Known(chain) => {
                for (depth, certificate) in chain.into_iter().enumerate() {
                    let need = needs.entry(certificate.fingerprint).or_insert_with(|| {
                        order.push(certificate.fingerprint);
                        Need {
                            certificate,
                            hosts: Vec::new(),
                            depth,
                        }
                    });
                    need.depth = need.depth.max(depth);
                    need.hosts.push(other.name.clone());
                }
            }
        }
    }
    let mut known: Vec<Need> = order.iter().filter_map(|print| needs.remove(print)).collect();
    known.sort_by_key(|need| need.depth);
    Ok(Needs { known, later })
}

/// The chain above the certificate of `other`: the coming one where it is rotated in this run,
/// else the one it has.
async fn issuers(
    reach: &Reach<Read>,
    host: &Host,
    other: &Host,
    unit: &Unit,
    signed_dir: &Path,
) -> Result<Issuers, Failure> {
    let slot = match read_slot(reach, other, unit).await {
        Ok(slot) => slot,
        Err(failure) if other.name == host.name => return Err(failure),
        Err(failure) => {
            reach.note(Note::Warning {
                message: format!(
                    "{} cannot be read ({failure}); its chain is taken from its listener",
                    other.name
                ),
            });
            None
        }
    };
    let due = slot.as_ref().is_some_and(Slot::is_due);
    let rotates =
        due && reach.play_hosts().contains(&other.name) && other.units.iter().any(|it| it == unit.as_str());
    let installed = slot.and_then(|slot| slot.installed);
    let path = bundle::path(signed_dir, &other.name, unit);
    match bundle::read(reach, &path, None)? {
        Known::Later(later) if rotates => return Ok(Issuers::Later(later)),
        Known::Now(bundle) if rotates || installed.as_ref() == Some(&bundle.leaf) => {
            return Ok(Issuers::Known(above(
                reach,
                other,
                &bundle.leaf,
                &bundle.issuers,
            )?));
        }
        Known::Absent if rotates && other.name == host.name => {
            return Err(Failure::new(
                FailureKind::Preflight,
                format!(
                    "{unit} of {} is due, and {} is not there",
                    other.name,
                    path.display()
                ),
            )
            .hint("the signing step leaves the certificate and its chain there"));
        }
        Known::Absent if rotates => reach.note(Note::Warning {
            message: format!(
                "{unit} of {} is due, and {} is not there: {} goes on trusting what it has",
                other.name,
                path.display(),
                host.name
            ),
        }),
        _ => {}
    }
    let mut chain = served_chain(reach, other, unit).await;
    let leaf = installed.or_else(|| (!chain.is_empty()).then(|| chain.remove(0)));
    match leaf {
        Some(leaf) => Ok(Issuers::Known(above(reach, other, &leaf, &chain)?)),
        None => Ok(Issuers::Known(Vec::new())),
    }
}

/// Only VOS hosts have slots that can be judged from here.
async fn read_slot(reach: &Reach<Read>, other: &Host, unit: &Unit) -> Result<Option<Slot>, Failure> {
    if other.platform == Platform::Vos {
        Slot::read(reach, other, unit).await.map(Some)
    } else {
        Ok(None)
    }
}

/// What the first listener that answers serves.
async fn served_chain(reach: &Reach<Read>, other: &Host, unit: &Unit) -> Vec<Certificate> {
    for port in &other.tls_ports {
        if let Ok(chain) = served(reach, other, *port, unit.key()).await {
            return chain;
        }
    }
    Vec::new()
}

/// The issuers of a leaf, root first: as far up as they are known.
fn above(
    reach: &Reach<Read>,
    other: &Host,
    leaf: &Certificate,
    with: &[Certificate],
) -> Result<Vec<Certificate>, Failure> {
    let mut pool = with.to_vec();
    pool.extend(ca::signer(reach, other)?.into_chain());
    let built = Chain::build(leaf, &pool, &[], reach.clock().now());
    let chain = match &built {
        Ok(chain) => Some(chain),
        Err(error) => error.chain(),
    };
    Ok(match chain {
        Some(chain) => chain.issuers().cloned().collect(),
        None => with.iter().filter(|one| one.is_ca()).rev().cloned().collect(),
    })
}
