//! Lists of certificates, certificates and requests (`vos-cli.md` §3.2-§3.4).

use cutover_x509::{Certificate, read_certificates};
use serde::Serialize;

use super::{ReadError, field, pattern};
use crate::unit::Unit;

/// A certificate as a list names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Listed {
    /// The unit or the trust store.
    pub store: String,
    /// The file's name.
    pub file: String,
    /// Free text, given at the upload; it says nothing about the certificate.
    pub description: String,
}

/// Serial numbers shorter than this may as well be the end of a name.
const SERIAL_DIGITS: usize = 16;

impl Listed {
    /// The serial number that the file's name ends in, where it does.
    #[must_use]
    pub fn serial(&self) -> Option<String> {
        let (_, last) = self.stem().rsplit_once('_')?;
        let hex = last.len() >= SERIAL_DIGITS && last.chars().all(|c| c.is_ascii_hexdigit());
        hex.then(|| serial(last))
    }

    /// The name that the file's name begins with: the common name with its blanks turned into `_`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.serial() {
            Some(_) => self.stem().rsplit_once('_').map_or("", |(name, _)| name),
            None => self.stem(),
        }
    }

    fn stem(&self) -> &str {
        self.file.strip_suffix(".pem").unwrap_or(&self.file)
    }

    /// Whether this may be `certificate`, going by the name alone. Another serial number
    /// rules it out; anything else does not.
    #[must_use]
    pub fn may_be(&self, certificate: &Certificate) -> bool {
        self.serial()
            .is_none_or(|serial| serial == self::serial(&certificate.serial))
    }

    /// Whether this may have the common name of `certificate`.
    #[must_use]
    pub fn may_be_named_as(&self, certificate: &Certificate) -> bool {
        let letters = |text: &str| -> String {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        letters(self.name()).starts_with(&letters(certificate.subject.short()))
    }
}

/// A serial number for comparing: lower case, without leading zeros.
pub(crate) fn serial(text: &str) -> String {
    let bare = text.trim().trim_start_matches('0').to_ascii_lowercase();
    if bare.is_empty() { "0".to_owned() } else { bare }
}

/// The lines `store/file.pem: description`.
pub(crate) fn listed(lines: &[String]) -> Result<Vec<Listed>, ReadError> {
    let line = pattern!(r"^\s*([A-Za-z][\w.-]*)/(\S.*?\.pem)\s*(?::\s*(.*?))?\s*$");
    let list = lines.iter().filter_map(|text| {
        let parts = line.captures(text)?;
        let part = |index| {
            parts
                .get(index)
                .map_or_else(String::new, |part| part.as_str().to_owned())
        };
        Some(Listed {
            store: part(1),
            file: part(2),
            description: part(3),
        })
    });
    Ok(list.collect())
}

/// The units of the lines `tomcat/tomcat.csr`.
pub(crate) fn requests(lines: &[String]) -> Vec<Unit> {
    let line = pattern!(r"^\s*([A-Za-z][\w-]*)/\S+\.csr\b");
    lines
        .iter()
        .filter_map(|text| line.captures(text))
        .filter_map(|parts| parts[1].parse().ok())
        .collect()
}

/// A certificate as the device shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// With its PEM.
    Whole(Box<Certificate>),
    /// Only decoded, as some releases do.
    Decoded(Decoded),
}

/// What the decoded form of a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decoded {
    /// Serial number in lower-case hex, without leading zeros.
    pub serial: String,
    /// Whom it names, as the device writes it.
    pub subject: String,
    /// Who signed it, as the device writes it.
    pub issuer: String,
    /// The end of its validity, as the device writes it.
    pub to: String,
}

impl Shown {
    /// Whether this is `certificate`, as far as it can be seen.
    #[must_use]
    pub fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Whole(whole) => whole.fingerprint == certificate.fingerprint,
            Self::Decoded(decoded) => {
                decoded.serial == serial(&certificate.serial)
                    && common_name(&decoded.subject) == certificate.subject.common_name()
            }
        }
    }

    /// The certificate, where it is shown whole.
    #[must_use]
    pub fn whole(&self) -> Option<&Certificate> {
        match self {
            Self::Whole(certificate) => Some(&**certificate),
            Self::Decoded(_) => None,
        }
    }
}

/// The common name of `CN=a, OU=b`.
fn common_name(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once("CN=")?;
    Some(rest.split(',').next().unwrap_or(rest).trim())
}

/// The certificate of `show cert own` and `show cert trust`.
pub(crate) fn shown(lines: &[String]) -> Result<Shown, ReadError> {
    if let Ok(certificates) = read_certificates(lines.join("\n").as_bytes())
        && let Some(first) = certificates.into_iter().next()
    {
        return Ok(Shown::Whole(Box::new(first)));
    }
    let text = |name: &str| field(lines, name).map(str::to_owned);
    let serial_number = text("Serial Number").ok_or_else(|| ReadError::missing("certificate"))?;
    Ok(Shown::Decoded(Decoded {
        serial: serial(&serial_number),
        subject: text("Subject Name").unwrap_or_default(),
        issuer: text("Issuer Name").unwrap_or_default(),
        to: text("To").unwrap_or_default(),
    }))
}
