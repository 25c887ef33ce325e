//! Finding certificates and requests in whatever a CA, a device or a person hands over.

use openssl::pkcs7::Pkcs7;

use crate::armor::{self, ArmorError, Block};
use crate::certificate::Certificate;
use crate::request::Request;

/// What was being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A certificate.
    Certificate,
    /// A signing request.
    Request,
    /// A PKCS#7 bundle.
    Pkcs7,
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::Request => "signing request",
            Self::Pkcs7 => "PKCS#7 bundle",
        })
    }
}

/// Why nothing could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// Armoured text without what was looked for; the labels of the blocks that are there.
    #[error("no {wanted} in it{}", instead(.found))]
    Missing {
        /// What was looked for.
        wanted: Input,
        /// The labels found instead.
        found: Vec<String>,
    },
    /// More than one request where one was expected.
    #[error("{0} signing requests in it where one is expected")]
    SeveralRequests(usize),
    /// The armour is damaged.
    #[error("damaged PEM: {0}")]
    Armor(String),
    /// The bytes are not what they should be.
    #[error("not a {input}: {reason}")]
    Malformed {
        /// What they should be.
        input: Input,
        /// Why they are not.
        reason: String,
    },
    /// A request that its own key did not sign.
    #[error("the signing request is not signed by its own key")]
    BadSignature,
}

fn instead(found: &[String]) -> String {
    if found.is_empty() {
        String::new()
    } else {
        format!(" (found: {})", found.join(", "))
    }
}

impl ReadError {
    pub(crate) fn certificate(reason: impl Into<String>) -> Self {
        Self::Malformed {
            input: Input::Certificate,
            reason: reason.into(),
        }
    }

    pub(crate) fn request(reason: impl Into<String>) -> Self {
        Self::Malformed {
            input: Input::Request,
            reason: reason.into(),
        }
    }
}

impl From<ArmorError> for ReadError {
    fn from(error: ArmorError) -> Self {
        Self::Armor(error.to_string())
    }
}

/// Reads all certificates, in their order, duplicates included.
///
/// Takes PEM (one or many; comments, `Bag Attributes`, carriage returns, a terminal session
/// around them; UTF-8 or UTF-16 with a byte order mark), DER, and PKCS#7 in PEM or DER.
///
/// # Errors
/// [`ReadError`]; never returns an empty list.
pub fn read_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, ReadError> {
    let text = text(bytes);
    if !armor::is_armored(&text) {
        return certificates_in_der(not_empty(bytes)?);
    }
    let blocks = armor::blocks(&text)?;
    let mut certificates = Vec::new();
    for block in blocks.iter().filter(|block| holds_certificates(block)) {
        let der = block.decode()?;
        if block.label == "TRUSTED CERTIFICATE" {
            // OpenSSL's own trust settings follow the certificate.
            certificates.push(Certificate::from_der_prefix(&der)?.0);
        } else {
            certificates.extend(certificates_in_der(&der)?);
        }
    }
    if certificates.is_empty() {
        return Err(missing(Input::Certificate, &blocks));
    }
    Ok(certificates)
}

/// Reads the one signing request, from PEM (any of the labels in use, text around it) or DER.
///
/// # Errors
/// [`ReadError`], also where there is more than one.
pub fn read_request(bytes: &[u8]) -> Result<Request, ReadError> {
    let text = text(bytes);
    if !armor::is_armored(&text) {
        let (request, rest) = Request::from_der_prefix(not_empty(bytes)?)?;
        return if is_blank(rest) {
            Ok(request)
        } else {
            Err(ReadError::request("more follows it"))
        };
    }
    let blocks = armor::blocks(&text)?;
    let requests: Vec<&Block<'_>> = blocks.iter().filter(|block| holds_request(block)).collect();
    match requests.as_slice() {
        [] => Err(missing(Input::Request, &blocks)),
        [one] => Request::from_der(&one.decode()?),
        several => Err(ReadError::SeveralRequests(several.len())),
    }
}

/// `certutil` writes PKCS#7 under CERTIFICATE, so the content decides, not the label.
fn holds_certificates(block: &Block<'_>) -> bool {
    matches!(
        block.label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" | "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS"
    )
}

fn holds_request(block: &Block<'_>) -> bool {
    matches!(
        block.label,
        "CERTIFICATE REQUEST"
            | "NEW CERTIFICATE REQUEST"
            | "CERTIFICATE SIGN REQUEST"
            | "NEW CERTIFICATE SIGN REQUEST"
    )
}

fn missing(wanted: Input, blocks: &[Block<'_>]) -> ReadError {
    let found = blocks
        .iter()
        .map(|block| block.label.lines().next().unwrap_or_default().to_owned())
        .collect();
    ReadError::Missing { wanted, found }
}

/// One certificate or a PKCS#7 bundle; only line ends may follow, which editors and shells add.
fn certificates_in_der(der: &[u8]) -> Result<Vec<Certificate>, ReadError> {
    match Certificate::from_der_prefix(der) {
        Ok((certificate, rest)) if is_blank(rest) => Ok(vec![certificate]),
        Ok(_) => Err(ReadError::certificate("more follows it")),
        Err(error) => certificates_in_pkcs7(der).unwrap_or(Err(error)),
    }
}

/// `None` where the bytes are no PKCS#7 signed data at all.
fn certificates_in_pkcs7(der: &[u8]) -> Option<Result<Vec<Certificate>, ReadError>> {
    let bundle = Pkcs7::from_der(der).ok()?;
    let signed = bundle.signed()?;
    let none = || ReadError::Malformed {
        input: Input::Pkcs7,
        reason: "it holds no certificates".to_owned(),
    };
    let all = signed.certificates().into_iter().flatten();
    let certificates: Result<Vec<Certificate>, ReadError> = all
        .map(|one| {
            let der = one
                .to_der()
                .map_err(|error| ReadError::certificate(error.to_string()))?;
            Certificate::from_der(&der)
        })
        .collect();
    Some(certificates.and_then(|all| if all.is_empty() { Err(none()) } else { Ok(all) }))
}

/// The bytes as text; PowerShell's redirection writes UTF-16, so byte order marks are heeded.
fn text(bytes: &[u8]) -> String {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn not_empty(bytes: &[u8]) -> Result<&[u8], ReadError> {
    if is_blank(bytes) {
        Err(ReadError::Empty)
    } else {
        Ok(bytes)
    }
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_whitespace)
}
