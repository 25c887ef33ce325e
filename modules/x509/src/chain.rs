//! Building the chain from a leaf to its root.

mod search;
mod verify;

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::name::Name;

/// A leaf, its intermediates and its root: every signature verified, every certificate in date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain(Vec<Certificate>);

/// Why there is no chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The pool holds no certificate of the issuer's name.
    #[error("the issuer of {of} is missing: {issuer}{}", with_key_id(.key_id))]
    MissingIssuer {
        /// The certificate above which the chain ends.
        of: Name,
        /// The name of the certificate that is missing.
        issuer: Name,
        /// Its subject key identifier in lower-case hex, where that is known.
        key_id: Option<String>,
    },
    /// Certificates of the issuer's name are there, but none of their keys signed it.
    #[error("{of} was not signed by the key of {issuer} that is here, but by another of that name{}", with_key_id(.key_id))]
    BrokenLink {
        /// The certificate that is not signed by what is there.
        of: Name,
        /// The issuer it names.
        issuer: Name,
        /// The subject key identifier of the right issuer in lower-case hex, where known.
        key_id: Option<String>,
    },
    /// What signed a certificate may not sign certificates.
    #[error("{issuer} signed {of}, but is not a CA")]
    NotACa {
        /// The certificate that was signed.
        of: Name,
        /// The certificate that signed.
        issuer: Name,
    },
    /// CAs that signed each other, and no root.
    #[error("there is no root above {of}: its issuer {issuer} stands below it")]
    Circle {
        /// The certificate above which there is nothing new.
        of: Name,
        /// Its issuer.
        issuer: Name,
    },
    /// The chain is whole, but does not end where it should.
    #[error("the chain ends at {}, which is not the root of the given CA", .chain.root().subject)]
    OtherRoot {
        /// The chain as found.
        chain: Box<Chain>,
    },
    /// The chain is whole, but not in date.
    #[error("at {at} not in date: {}", stale_list(.chain, *.at))]
    OutOfDate {
        /// The chain as found.
        chain: Box<Chain>,
        /// The moment that was asked about.
        at: Timestamp,
    },
    /// The chain is whole and in date, but breaks a rule of path validation.
    #[error("{subject} is refused: {reason}")]
    Refused {
        /// The certificate that is refused.
        subject: Name,
        /// OpenSSL's reason.
        reason: String,
        /// The chain as found.
        chain: Box<Chain>,
    },
}

fn with_key_id(id: &Option<String>) -> String {
    id.as_ref()
        .map(|id| format!(" (key identifier {id})"))
        .unwrap_or_default()
}

fn stale_list(chain: &Chain, at: Timestamp) -> String {
    let all: Vec<String> = chain
        .out_of_date(at)
        .map(|one| format!("{} ({} to {})", one.subject, one.not_before, one.not_after))
        .collect();
    all.join(", ")
}

impl ChainError {
    /// The chain, where there is a whole one that is wrong in some other way.
    #[must_use]
    pub fn chain(&self) -> Option<&Chain> {
        match self {
            Self::OtherRoot { chain } | Self::OutOfDate { chain, .. } | Self::Refused { chain, .. } => {
                Some(chain)
            }
            Self::MissingIssuer { .. }
            | Self::BrokenLink { .. }
            | Self::NotACa { .. }
            | Self::Circle { .. } => None,
        }
    }
}

impl Chain {
    /// Builds the chain of a leaf that holds at this moment.
    ///
    /// `pool` may hold anything in any order; `ca` is what the site gave as its CA's chain. Its
    /// certificates join the pool, and the chain must end at one of its roots (or go through one
    /// of its certificates, where it holds no root). An empty `ca` accepts any root of the pool.
    ///
    /// Where several ways lead up (roots of one name, cross-signed or renewed intermediates), it is
    /// one that ends at the `ca` and is in date: the shortest, and of those the one that lasts
    /// longest. The order of the pool has no influence.
    ///
    /// # Errors
    /// [`ChainError`], about the way that came furthest.
    pub fn build(
        leaf: &Certificate,
        pool: &[Certificate],
        ca: &[Certificate],
        at: Timestamp,
    ) -> Result<Self, ChainError> {
        let found = search::Search::new(leaf, pool, ca).run()?;
        let mut refusal = None;
        for path in found {
            let chain = Self(path.certificates);
            let verdict = if !path.anchored {
                Err(ChainError::OtherRoot {
                    chain: Box::new(chain),
                })
            } else if chain.out_of_date(at).next().is_some() {
                Err(ChainError::OutOfDate {
                    chain: Box::new(chain),
                    at,
                })
            } else {
                verify::verify(&chain, at).map(|()| chain)
            };
            match verdict {
                Ok(chain) => return Ok(chain),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.expect("a search without an error finds at least one path"))
    }

    /// All certificates, leaf first.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// The certificate the chain was built for.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        self.0.first().expect("a chain holds its leaf")
    }

    /// The self-signed end. For a self-signed leaf it is the leaf.
    #[must_use]
    pub fn root(&self) -> &Certificate {
        self.0.last().expect("a chain holds its leaf")
    }

    /// All certificates, root first.
    pub fn order_root_first(&self) -> impl DoubleEndedIterator<Item = &Certificate> {
        self.0.iter().rev()
    }

    /// Root, then intermediates, without the leaf: the order in which trust is imported.
    pub fn issuers(&self) -> impl DoubleEndedIterator<Item = &Certificate> {
        self.0[1..].iter().rev()
    }

    /// The chain as PEM, leaf first.
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.0.iter().map(Certificate::to_pem).collect()
    }

    /// The certificates that do not hold at this moment, leaf first. A chain that was built for
    /// a moment can be asked about another, such as the end of the window.
    pub fn out_of_date(&self, at: Timestamp) -> impl Iterator<Item = &Certificate> {
        self.0.iter().filter(move |one| !one.is_valid_at(at))
    }
}
