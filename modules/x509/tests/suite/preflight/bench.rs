//! The bench on which certificates are checked.

use std::slice;

use cutover_x509::preflight::{Allowed, Case, Finding, Rule, Severity, System, preflight};
use cutover_x509::{Certificate, Request};

use crate::make::{self, Identity, NOW, Recipe, ca, days, leaf, request};

pub(super) const HOST: &str = "fin-a.example.com";

/// A case in which all is well: an RSA leaf for `tomcat` of a Finesse node, under an EC CA with one
/// intermediate. Tests change one thing.
pub(super) struct Bench {
    pub(super) root: Identity,
    pub(super) issuing: Identity,
    pub(super) request: Request,
    pub(super) recipe: Recipe,
}

/// The certificates around the leaf.
#[derive(Clone, Copy, Default)]
pub(super) struct Parts<'a> {
    pub(super) offered: &'a [Certificate],
    pub(super) store: &'a [Certificate],
    pub(super) today: Option<&'a Certificate>,
}

impl Bench {
    pub(super) fn new() -> Self {
        let root = ca("Root").self_signed();
        let issuing = ca("Issuing").signed_by(&root);
        let recipe = leaf(HOST);
        Self {
            root,
            issuing,
            request: request(&recipe.key, HOST, &[&format!("DNS:{HOST}")]),
            recipe,
        }
    }

    /// The same for another key, with a request for it.
    pub(super) fn with_key(key: make::Key) -> Self {
        let names = [format!("DNS:{HOST}")];
        let request = request(&key, HOST, &[&names[0]]);
        let bench = Self::new();
        Self {
            request,
            recipe: Recipe {
                key,
                ..bench.recipe.clone()
            },
            ..bench
        }
    }

    pub(super) fn leaf(&self) -> Certificate {
        self.recipe.signed_by(&self.issuing).certificate
    }

    /// Checks the leaf of the recipe.
    pub(super) fn findings(&self, change: impl Fn(&mut Case<'_>)) -> Vec<Finding> {
        self.findings_of(&self.leaf(), change)
    }

    pub(super) fn findings_of(&self, leaf: &Certificate, change: impl Fn(&mut Case<'_>)) -> Vec<Finding> {
        let parts = Parts {
            offered: slice::from_ref(&self.issuing.certificate),
            ..Parts::default()
        };
        self.check(leaf, parts, change)
    }

    pub(super) fn with_offered(&self, leaf: &Certificate, offered: &[Certificate]) -> Vec<Finding> {
        self.check(
            leaf,
            Parts {
                offered,
                ..Parts::default()
            },
            |_| {},
        )
    }

    pub(super) fn with_store(&self, store: &[Certificate]) -> Vec<Finding> {
        let offered = slice::from_ref(&self.issuing.certificate);
        self.check(
            &self.leaf(),
            Parts {
                offered,
                store,
                ..Parts::default()
            },
            |_| {},
        )
    }

    pub(super) fn with_today(&self, today: &Certificate, allowed: Allowed) -> Vec<Finding> {
        let offered = slice::from_ref(&self.issuing.certificate);
        self.check(
            &self.leaf(),
            Parts {
                offered,
                today: Some(today),
                ..Parts::default()
            },
            |case| case.allowed = allowed,
        )
    }

    pub(super) fn check(
        &self,
        leaf: &Certificate,
        parts: Parts<'_>,
        change: impl Fn(&mut Case<'_>),
    ) -> Vec<Finding> {
        let mut case = Case {
            request: &self.request,
            leaf,
            offered: parts.offered,
            ca: slice::from_ref(&self.root.certificate),
            today: parts.today,
            store: parts.store,
            system: System::Vos,
            products: &["finesse"],
            slot: "tomcat",
            fqdn: HOST,
            members: &["fin-b.example.com"],
            now: NOW,
            until: Some(NOW + days(1)),
            allowed: Allowed::default(),
        };
        change(&mut case);
        preflight(&case)
    }

    pub(super) fn findings_of_recipe(recipe: impl FnOnce(&mut Recipe)) -> Vec<Finding> {
        let mut bench = Self::new();
        recipe(&mut bench.recipe);
        bench.findings(|_| {})
    }

    /// A pair of the request and of the certificate for it with these names.
    pub(super) fn named(asked: &[&str], given: &[&str]) -> Self {
        let mut bench = Self::new();
        bench.request = request(&bench.recipe.key, HOST, asked);
        bench.recipe.names = given.iter().map(|name| (*name).to_owned()).collect();
        bench
    }
}

/// The one finding there is, in short.
#[track_caller]
pub(super) fn only(findings: &[Finding]) -> (Rule, Severity, &str) {
    let [finding] = findings else {
        panic!("{findings:#?}")
    };
    assert!(!finding.hint.is_empty());
    (finding.rule, finding.severity, &finding.message)
}

#[track_caller]
pub(super) fn error(findings: &[Finding]) -> (Rule, &str) {
    let (rule, severity, message) = only(findings);
    assert_eq!(severity, Severity::Error, "{findings:#?}");
    (rule, message)
}

#[track_caller]
pub(super) fn warning(findings: &[Finding]) -> (Rule, &str) {
    let (rule, severity, message) = only(findings);
    assert_eq!(severity, Severity::Warning, "{findings:#?}");
    (rule, message)
}
