//! Finding every way up from a leaf, and putting the best first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::ChainError;
use crate::certificate::Certificate;
use crate::fingerprint::Fingerprint;

/// A whole way from the leaf to a root.
pub(super) struct Path {
    pub(super) certificates: Vec<Certificate>,
    pub(super) anchored: bool,
}

/// More steps than any real pool needs; bounds what a hostile one can cost.
const MOST_STEPS: usize = 10_000;
/// Real chains have three to five certificates.
const LONGEST: usize = 16;

pub(super) struct Search<'a> {
    /// The leaf and everything that may stand above it, without duplicates, in a fixed order.
    nodes: Vec<&'a Certificate>,
    ca: &'a [Certificate],
    issuers: HashMap<usize, Vec<usize>>,
    steps: usize,
    paths: Vec<Vec<usize>>,
    dead_end: Option<(usize, ChainError)>,
}

impl<'a> Search<'a> {
    pub(super) fn new(leaf: &'a Certificate, pool: &'a [Certificate], ca: &'a [Certificate]) -> Self {
        let unique: BTreeMap<Fingerprint, &Certificate> =
            pool.iter().chain(ca).map(|one| (one.fingerprint, one)).collect();
        let above = unique.into_values().filter(|one| *one != leaf);
        Self {
            nodes: std::iter::once(leaf).chain(above).collect(),
            ca,
            issuers: HashMap::new(),
            steps: 0,
            paths: Vec::new(),
            dead_end: None,
        }
    }

    /// All whole paths, best first, at least one.
    pub(super) fn run(mut self) -> Result<Vec<Path>, ChainError> {
        self.climb(&mut vec![0]);
        if self.paths.is_empty() {
            let (_, error) = self.dead_end.expect("a climb ends at a root or at a dead end");
            return Err(error);
        }
        let mut paths: Vec<Path> = self.paths.iter().map(|path| self.path(path)).collect();
        paths.sort_by_cached_key(|path| Reverse(rank(path)));
        Ok(paths)
    }

    fn climb(&mut self, path: &mut Vec<usize>) {
        self.steps += 1;
        let top = path[path.len() - 1];
        if self.nodes[top].is_self_signed() {
            self.paths.push(path.clone());
            return;
        }
        let issuers = self.issuers_of(top);
        let next: Vec<usize> = issuers.into_iter().filter(|one| !path.contains(one)).collect();
        if next.is_empty() || path.len() == LONGEST {
            self.note_dead_end(path.len(), top);
        }
        for issuer in next {
            if self.steps < MOST_STEPS && path.len() < LONGEST {
                path.push(issuer);
                self.climb(path);
                path.pop();
            }
        }
    }

    /// CAs of the issuer's name whose key signed this certificate.
    fn issuers_of(&mut self, of: usize) -> Vec<usize> {
        let nodes = &self.nodes;
        let find = || {
            named(nodes, nodes[of])
                .filter(|(_, issuer)| issuer.is_ca() && nodes[of].is_signed_by(issuer))
                .map(|(index, _)| index)
                .collect()
        };
        self.issuers.entry(of).or_insert_with(find).clone()
    }

    /// The dead end that is told is the highest one.
    fn note_dead_end(&mut self, height: usize, top: usize) {
        if self
            .dead_end
            .as_ref()
            .is_none_or(|(highest, _)| height > *highest)
        {
            self.dead_end = Some((height, self.dead_end_at(self.nodes[top])));
        }
    }

    fn dead_end_at(&self, top: &Certificate) -> ChainError {
        let of = top.subject.clone();
        let issuer = top.issuer.clone();
        let key_id = top.extensions.authority_key_id.clone();
        let named: Vec<&Certificate> = named(&self.nodes, top).map(|(_, one)| one).collect();
        let signer = named
            .iter()
            .filter(|one| top.is_signed_by(one))
            .max_by_key(|one| one.is_ca());
        match signer {
            None if named.is_empty() => ChainError::MissingIssuer { of, issuer, key_id },
            None => ChainError::BrokenLink { of, issuer, key_id },
            Some(signer) if signer.is_ca() => ChainError::Circle { of, issuer },
            Some(_) => ChainError::NotACa { of, issuer },
        }
    }

    fn path(&self, path: &[usize]) -> Path {
        let certificates: Vec<Certificate> = path.iter().map(|index| self.nodes[*index].clone()).collect();
        let anchored = self.is_anchored(&certificates);
        Path {
            certificates,
            anchored,
        }
    }

    fn is_anchored(&self, path: &[Certificate]) -> bool {
        let mut roots = self.ca.iter().filter(|one| one.is_self_signed()).peekable();
        if self.ca.is_empty() {
            true
        } else if roots.peek().is_some() {
            path.last()
                .is_some_and(|end| roots.any(|root| root.is_same_authority(end)))
        } else {
            path.iter()
                .any(|one| self.ca.iter().any(|given| given.is_same_authority(one)))
        }
    }
}

/// Greater is better. Dates are not looked at: whoever walks the paths takes the first that holds.
fn rank(path: &Path) -> impl Ord + use<> {
    let all = &path.certificates;
    let end = all.iter().map(|one| one.not_after).min();
    let identity: Vec<Fingerprint> = all.iter().map(|one| one.fingerprint).collect();
    (path.anchored, Reverse(all.len()), end, identity)
}

/// Every other certificate whose name is that of the issuer.
fn named<'n>(
    nodes: &'n [&'n Certificate],
    of: &'n Certificate,
) -> impl Iterator<Item = (usize, &'n Certificate)> {
    let others = nodes
        .iter()
        .copied()
        .enumerate()
        .filter(move |(_, one)| *one != of);
    others.filter(move |(_, one)| of.names_as_issuer(one))
}
