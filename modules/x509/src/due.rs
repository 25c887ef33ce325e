//! Judging whether the certificate of a slot must be rotated.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::certificate::Certificate;
use crate::chain::{Chain, ChainError};
use crate::key::Key;
use crate::san::{Names, list};

/// What a slot holds, and what it is measured by.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// The certificate that is installed; `None` where the slot is empty.
    pub installed: Option<&'a Certificate>,
    /// Names it must have. Others do no harm.
    pub names: &'a Names,
    /// The kind of key it must have, at least of this size; `None` where any will do.
    pub key: Option<&'a Key>,
    /// The chain of the site's CA; empty where the site gave none, and any issuer will do.
    pub ca: &'a [Certificate],
    /// Other certificates that may stand between the installed one and the root of the `ca`.
    pub pool: &'a [Certificate],
    /// How long before its end it is due; `None` for 30 days, or a third of its lifetime where
    /// that is shorter.
    pub renew_before: Option<SignedDuration>,
    /// The moment of judging.
    pub now: Timestamp,
    /// `-e rotate=always`: due whatever it is.
    pub forced: bool,
}

/// Why a slot is due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is no certificate.
    #[error("there is no certificate")]
    Empty,
    /// Its own key signed it.
    #[error("self-signed")]
    SelfSigned,
    /// It lacks names.
    #[error("does not have the names {}", list(.lacking))]
    Names {
        /// The names it lacks.
        lacking: Names,
    },
    /// Its key is of the wrong kind or too small.
    #[error("has the key {has} where {needs} is needed")]
    Key {
        /// The key it has.
        has: Key,
        /// The key it needs at least.
        needs: Key,
    },
    /// Its end has passed.
    #[error("ended at {0}")]
    Ended(Timestamp),
    /// Its end is near.
    #[error("ends at {at}, in {}", days(*.left))]
    EndsSoon {
        /// Its end.
        at: Timestamp,
        /// How long that still is.
        left: SignedDuration,
    },
    /// It does not chain to the given CA.
    #[error("does not chain to the ca: {0}")]
    Chain(#[source] ChainError),
    /// The site asks for a rotation.
    #[error("rotation is asked for")]
    Forced,
}

/// Whether a slot must be rotated in this run; shown as the reasons, one way or the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// It must be, for all of these reasons.
    Yes(Vec<Reason>),
    /// It need not be.
    No {
        /// The end of the installed certificate.
        until: Timestamp,
        /// From then on it will be due.
        due_from: Timestamp,
        /// Who vouches for it.
        under: Under,
    },
}

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Under {
    /// It chains to this root of the given CA.
    Root(String),
    /// No CA was given; this is the issuer it names.
    Issuer(String),
}

/// How long before its end a certificate is due, where its lifetime is at least three times that.
pub const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Judges a slot by the certificate that is installed in it.
#[must_use]
pub fn judge(slot: &Slot<'_>) -> Due {
    let Some(installed) = slot.installed else {
        return Due::Yes(vec![Reason::Empty]);
    };
    let due_from = due_from(installed, slot.renew_before);
    let chain = chain(slot, installed);
    let mut reasons = Vec::new();
    if installed.is_self_signed() {
        reasons.push(Reason::SelfSigned);
    }
    reasons.extend(names(slot, installed));
    reasons.extend(key(slot, installed));
    reasons.extend(end(slot, installed, due_from));
    if let Err(error) = &chain {
        reasons.push(Reason::Chain(error.clone()));
    }
    if slot.forced {
        reasons.push(Reason::Forced);
    }
    match chain {
        Ok(under) if reasons.is_empty() => Due::No {
            until: installed.not_after,
            due_from,
            under,
        },
        _ => Due::Yes(reasons),
    }
}

/// The moment from which a certificate is due because of its end.
#[must_use]
pub fn due_from(certificate: &Certificate, renew_before: Option<SignedDuration>) -> Timestamp {
    let lifetime = certificate.not_after.duration_since(certificate.not_before);
    let before = renew_before.unwrap_or_else(|| RENEW_BEFORE.min(lifetime / 3));
    certificate
        .not_after
        .checked_sub(before)
        .unwrap_or(Timestamp::MIN)
}

fn names(slot: &Slot<'_>, installed: &Certificate) -> Option<Reason> {
    let lacking: Names = slot.names.difference(installed.names()).cloned().collect();
    (!lacking.is_empty()).then_some(Reason::Names { lacking })
}

fn key(slot: &Slot<'_>, installed: &Certificate) -> Option<Reason> {
    let has = &installed.public_key.key;
    let needs = slot.key?;
    let same_kind = match (has, needs) {
        (Key::Rsa { .. }, Key::Rsa { .. }) | (Key::Ec { .. }, Key::Ec { .. }) => has.bits() >= needs.bits(),
        _ => has == needs,
    };
    (!same_kind).then(|| Reason::Key {
        has: has.clone(),
        needs: needs.clone(),
    })
}

fn end(slot: &Slot<'_>, installed: &Certificate, due_from: Timestamp) -> Option<Reason> {
    let at = installed.not_after;
    if slot.now > at {
        Some(Reason::Ended(at))
    } else if slot.now >= due_from {
        Some(Reason::EndsSoon {
            at,
            left: at.duration_since(slot.now),
        })
    } else {
        None
    }
}

/// What it chains to. A self-signed certificate and one that has ended are told of as that only.
fn chain(slot: &Slot<'_>, installed: &Certificate) -> Result<Under, ChainError> {
    let issuer = || Ok(Under::Issuer(installed.issuer.short().to_owned()));
    if slot.ca.is_empty() || installed.is_self_signed() {
        return issuer();
    }
    match Chain::build(installed, slot.pool, slot.ca, slot.now) {
        Ok(chain) => Ok(Under::Root(chain.root().subject.short().to_owned())),
        Err(ChainError::OutOfDate { chain, at }) if chain.out_of_date(at).all(|one| one == installed) => {
            issuer()
        }
        Err(error) => Err(error),
    }
}

impl Due {
    /// True if the slot must be rotated.
    #[must_use]
    pub fn is_due(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes(reasons) => {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                f.write_str(&reasons.join("; "))
            }
            Self::No {
                until,
                due_from,
                under,
            } => {
                write!(f, "valid until {until}, {under}, due from {due_from}")
            }
        }
    }
}

impl fmt::Display for Under {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => write!(f, "chains to {name}"),
            Self::Issuer(name) => write!(f, "issued by {name}"),
        }
    }
}

impl Serialize for Due {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_struct("Due", 2)?;
        all.serialize_field("due", &self.is_due())?;
        all.serialize_field("why", &self.to_string())?;
        all.end()
    }
}

fn days(left: SignedDuration) -> String {
    match left.as_hours() / 24 {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        more => format!("{more} days"),
    }
}
