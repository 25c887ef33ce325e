//! What the device says when it does not do something.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// Why the device did not do what a command asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {line}")]
pub struct Refusal {
    /// The kind.
    pub error: CertError,
    /// The line it was told by.
    pub line: String,
}

/// The kinds of refusal; the vendor's own orchestrator tells the same ones apart (`vos-cli.md` §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum CertError {
    /// The issuer is not in the trust store.
    #[error("the issuer's certificate is not in the trust store")]
    NoCa,
    /// There is no request that the certificate could answer.
    #[error("there is no request on the node")]
    NoRequest,
    /// The certificate answers another request.
    #[error("the certificate does not have the request's key")]
    KeyMismatch,
    /// The names differ.
    #[error("the certificate does not have the request's alternative names")]
    SanMismatch,
    /// Expired, or not valid yet by the node's clock.
    #[error("the certificate is not valid now by the node's clock")]
    NotValidNow,
    /// A name with a star.
    #[error("certificates for wildcard names are not supported")]
    Wildcard,
    /// The key is too large for the product.
    #[error("the size of the key is not supported")]
    KeySize,
    /// A newer certificate of the same common name is stored.
    #[error("the store keeps one certificate per common name, and has another")]
    SameName,
    /// It was pasted, and the device could not make sense of it.
    #[error("the device could not read the certificate")]
    Unreadable,
    /// It says that it failed and not why; a missing issuer or request are the usual reasons.
    #[error("the device could not take the certificate")]
    NotTaken,
    /// No request could be made.
    #[error("the request could not be made")]
    NotGenerated,
    /// The device knows no such command, or not in this release.
    #[error("the device does not know the command")]
    UnknownCommand,
    /// It failed for a reason of its own.
    #[error("the command failed on the device")]
    Unsuccessful,
}

/// From the most telling to the least; the first that matches any line counts.
const MARKS: [(CertError, &str); 15] = [
    (
        CertError::NoCa,
        r"CA certificate is not available|CA certificate .*not (?:found|specified)|issuer.*not (?:found|available)",
    ),
    (
        CertError::NoRequest,
        r"\.csr does not exist|CSR does not exist|no CSR",
    ),
    (
        CertError::KeyMismatch,
        r"public key.*(?:do(?:es)?n['o]t|do(?:es)? not) match",
    ),
    (
        CertError::SanMismatch,
        r"\bSAN\b.*(?:do(?:es)?n['o]t|do(?:es)? not) match",
    ),
    (
        CertError::NotValidNow,
        r"certificate.*(?:expired|not yet valid|not valid)|validity.*(?:expired|not)",
    ),
    (CertError::Wildcard, r"wild ?card.*not (?:supported|allowed)"),
    (
        CertError::KeySize,
        r"key (?:size|length).*(?:not supported|invalid|exceed|too)",
    ),
    (
        CertError::SameName,
        r"already exists|same (?:CN|common name|subject)",
    ),
    (
        CertError::Unreadable,
        r"Error (?:in CA certificate|reading|occurred while reading)|not in PEM format|invalid certificate",
    ),
    (CertError::NotTaken, r"could not be uploaded|upload failed"),
    (
        CertError::NotGenerated,
        r"unable to generate|CSR.*(?:fail|could not)",
    ),
    (CertError::UnknownCommand, r"^\s*No valid command entered"),
    (
        CertError::UnknownCommand,
        r"Invalid command, a dash character must be preceded",
    ),
    (CertError::Unsuccessful, r"^\s*Executed command unsuccessfully"),
    (CertError::Unsuccessful, r"^\s*Command failed"),
];

static PATTERNS: LazyLock<Vec<(CertError, Regex)>> = LazyLock::new(|| {
    let build = |text| Regex::new(&format!("(?i){text}")).expect("the marks are fixed and tested");
    MARKS.iter().map(|(error, text)| (*error, build(text))).collect()
});

impl Refusal {
    /// What a reply says of a failure, if it does.
    #[must_use]
    pub fn find(lines: &[String]) -> Option<Self> {
        PATTERNS.iter().find_map(|(error, pattern)| {
            let line = lines.iter().find(|line| pattern.is_match(line))?;
            Some(Self {
                error: *error,
                line: line.trim().to_owned(),
            })
        })
    }

    /// Only the marks that any command may end with; a listing may hold the words of the others.
    #[must_use]
    pub fn general(lines: &[String]) -> Option<Self> {
        let tail = &lines[lines.len().saturating_sub(3)..];
        Self::find(tail).filter(|it| matches!(it.error, CertError::UnknownCommand | CertError::Unsuccessful))
    }
}

impl CertError {
    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::NoCa => "import the issuer's chain with vos_trust and wait for vos_trust_replicated",
            Self::NoRequest => {
                "make a request with vos_csr and have it signed: the node holds no key for this one"
            }
            Self::KeyMismatch => {
                "somebody made another request since; have the request that is on the node signed"
            }
            Self::SanMismatch => "have the CA keep exactly the request's alternative names (no added `www.`)",
            Self::NotValidNow => "compare the node's clock (`utils ntp status`) with the certificate's dates",
            Self::NotTaken => {
                "the usual reasons are a missing issuer in the trust store and a missing request"
            }
            Self::UnknownCommand => "this release may spell the command in another way, or not have it",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_texts_are_told_apart() {
        use CertError::*;
        let told = [
            (NoCa, "CA certificate is not available in the trust-store"),
            (
                NoRequest,
                "/usr/local/platform/.security/tomcat/keys/tomcat.csr does not exist",
            ),
            (NoRequest, "CSR does not exist"),
            (
                NotTaken,
                "The file /usr/local/platform/upload/certs//tomcat.der could not be uploaded.",
            ),
            (
                KeyMismatch,
                "CSR public key and Certificate public key do not match",
            ),
            (
                KeyMismatch,
                "CSR public key and Certificate public key doesn't match",
            ),
            (SanMismatch, "CSR SAN and Certificate SAN does not match"),
            (Unreadable, "Error occurred while reading the certificate"),
            (Unreadable, "Error in CA certificate"),
            (Unreadable, "Certificate is not in PEM format"),
            (UnknownCommand, "No valid command entered"),
            (Unsuccessful, "Executed command unsuccessfully."),
        ];
        for (error, line) in told {
            let found = Refusal::find(&[String::new(), line.to_owned()]);
            assert_eq!(found.map(|it| it.error), Some(error), "{line}");
        }
        assert_eq!(
            Refusal::find(&["Successfully imported certificate for tomcat.".into()]),
            None
        );
    }

    #[test]
    fn the_telling_line_counts_before_the_general_one() {
        let lines = ["Executed command unsuccessfully", "CSR does not exist"].map(String::from);
        assert_eq!(
            Refusal::find(&lines).unwrap().to_string(),
            "there is no request on the node: CSR does not exist"
        );
    }
}
