//! Certificate signing requests (PKCS#10).

use std::fmt;

use openssl::x509::{X509ExtensionRef, X509Req, X509ReqRef};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::X509Extension;
use x509_parser::prelude::FromDer;

use crate::armor;
use crate::extensions::Extensions;
use crate::key::PublicKey;
use crate::name::Name;
use crate::read::ReadError;
use crate::san::Names;
use crate::signature::SignatureAlgorithm;

/// A signing request whose own signature has been verified.
///
/// Serialised it is a summary for results and events.
#[derive(Clone)]
pub struct Request {
    /// Whom the certificate is to name.
    pub subject: Name,
    /// The public key it is to carry.
    pub public_key: PublicKey,
    /// How the request was signed.
    pub signature: SignatureAlgorithm,
    /// The extensions it asks for.
    pub extensions: Extensions,
    der: Vec<u8>,
}

/// PKCS#9 `extensionRequest`, and the one that older Microsoft tools use instead.
const EXTENSION_REQUESTS: [&str; 2] = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"];

impl Request {
    /// Reads exactly one request and verifies its signature.
    ///
    /// # Errors
    /// [`ReadError::Malformed`] where the bytes are not one request and nothing else;
    /// [`ReadError::BadSignature`] where its own key did not sign it.
    pub fn from_der(der: &[u8]) -> Result<Self, ReadError> {
        match Self::from_der_prefix(der)? {
            (request, []) => Ok(request),
            (_, rest) => Err(ReadError::request(format!("{} more bytes follow it", rest.len()))),
        }
    }

    /// Reads the request at the beginning; gives back the bytes that follow it.
    pub(crate) fn from_der_prefix(der: &[u8]) -> Result<(Self, &[u8]), ReadError> {
        let (rest, parsed) =
            X509CertificationRequest::from_der(der).map_err(|error| ReadError::request(error.to_string()))?;
        let der = &der[..der.len() - rest.len()];
        let req = X509Req::from_der(der).map_err(|_| ReadError::request("OpenSSL does not read it"))?;
        if !signed_by_its_own_key(&req) {
            return Err(ReadError::BadSignature);
        }
        let info = &parsed.certification_request_info;
        let asks = info
            .iter_attributes()
            .any(|one| EXTENSION_REQUESTS.contains(&one.oid.to_id_string().as_str()));
        let spki = &info.subject_pki;
        let request = Self {
            subject: Name::read(&info.subject),
            public_key: PublicKey::read(spki.raw, spki.algorithm.algorithm.to_id_string()),
            signature: SignatureAlgorithm::read(&parsed.signature_algorithm),
            extensions: if asks {
                extensions(&req)?
            } else {
                Extensions::default()
            },
            der: der.to_vec(),
        };
        Ok((request, rest))
    }

    /// The request's DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request as PEM, in lines of 64 characters.
    #[must_use]
    pub fn to_pem(&self) -> String {
        armor::encode("CERTIFICATE REQUEST", &self.der)
    }

    /// Subject alternative names it asks for.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.extensions.names
    }
}

fn signed_by_its_own_key(req: &X509ReqRef) -> bool {
    req.public_key().and_then(|key| req.verify(&key)).unwrap_or(false)
}

/// OpenSSL finds the extensions under either attribute, which x509-parser does not.
fn extensions(req: &X509ReqRef) -> Result<Extensions, ReadError> {
    let malformed = |_| ReadError::request("the extensions it asks for do not parse");
    let ders: Vec<Vec<u8>> = req
        .extensions()
        .and_then(|all| all.iter().map(X509ExtensionRef::to_der).collect())
        .map_err(malformed)?;
    let parsed: Vec<X509Extension<'_>> = ders
        .iter()
        .map(|der| X509Extension::from_der(der).map(|(_, extension)| extension))
        .collect::<Result<_, _>>()
        .map_err(|_| ReadError::request("the extensions it asks for do not parse"))?;
    Extensions::read(&parsed).map_err(ReadError::request)
}

impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Request {}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {})", self.subject, self.public_key.key)
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut summary = serializer.serialize_struct("Request", 4)?;
        summary.serialize_field("subject", &self.subject)?;
        summary.serialize_field("names", self.names())?;
        summary.serialize_field("key", &self.public_key.key)?;
        summary.serialize_field("public_key", &self.public_key.sha256)?;
        summary.end()
    }
}
