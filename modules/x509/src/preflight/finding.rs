//! What a preflight finds.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule of the preflight. Its code (`key-mismatch`) is stable and stands in results and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The certificate has the key of its request.
    KeyMismatch,
    /// It has exactly the alternative names of its request, unless that has none.
    NamesMismatch,
    /// It names the host.
    HostNotNamed,
    /// It has no wildcard (VOS).
    Wildcard,
    /// It does not name the parent domain (Finesse).
    ParentDomain,
    /// Its kind of key fits the unit.
    KeyType,
    /// Its size of key is one that the product takes.
    KeySize,
    /// An ECDSA unit's certificate is signed by an EC key.
    EcdsaSignedByRsa,
    /// No signature below the root rests on a broken digest.
    WeakHash,
    /// It is not a CA.
    LeafIsCa,
    /// Its key usage serves TLS.
    KeyUsage,
    /// Its extended key usage has server authentication.
    ServerAuth,
    /// Its extended key usage has client authentication.
    ClientAuth,
    /// Only key usage and basic constraints are critical (VOS).
    CriticalExtension,
    /// It is not signed by its own key.
    SelfSigned,
    /// Every issuer up to the root is there.
    MissingIssuer,
    /// Every link of the chain holds.
    BrokenChain,
    /// The chain ends at the root of the given CA.
    OtherRoot,
    /// No certificate of the chain begins in the future.
    NotYetValid,
    /// The certificate has not ended.
    Expired,
    /// No issuer in the chain has ended.
    IssuerExpired,
    /// No certificate of the chain ends before the window does.
    EndsInWindow,
    /// Every issuer will be stored in the trust store, which keeps one certificate per name (VOS).
    SameCommonName,
    /// No name of today's certificate is lost.
    LostNames,
    /// The key is not smaller than today's.
    SmallerKey,
    /// Today's certificate does not serve several nodes.
    MultiServer,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Whether a finding stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The certificate must not be installed.
    Error,
    /// It may, but somebody should know.
    Warning,
}

/// One thing that is wrong or doubtful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// Whether it stands in the way.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Finding {
    /// True if it stands in the way.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}. {}", self.rule, self.message, self.hint)
    }
}

/// Findings as they are gathered.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn error(&mut self, rule: Rule, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Error, rule, message, hint);
    }

    pub(super) fn warning(&mut self, rule: Rule, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Warning, rule, message, hint);
    }

    /// An error, unless the site allows it by this option: then a warning.
    pub(super) fn unless(
        &mut self,
        (option, set): (&str, bool),
        rule: Rule,
        message: impl Into<String>,
        hint: &str,
    ) {
        if set {
            self.warning(rule, message, format!("Allowed by {option}."));
        } else {
            self.error(
                rule,
                message,
                format!("{hint} To go on all the same, set {option}."),
            );
        }
    }

    fn add(&mut self, severity: Severity, rule: Rule, message: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Finding {
            rule,
            severity,
            message: message.into(),
            hint: hint.into(),
        });
    }

    pub(super) fn in_order(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.rule);
        self.0
    }
}
