//! Sorting out what came back from a CA: which certificate belongs to which request.

use crate::certificate::Certificate;
use crate::read::{ReadError, read_certificates};
use crate::request::Request;

/// A file that came back.
#[derive(Debug, Clone, Copy)]
pub struct Returned<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its contents, in any form that [`read_certificates`] takes.
    pub bytes: &'a [u8],
}

/// A request that waits for its certificate.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// Whose it is: the name of a host or slot.
    pub name: &'a str,
    /// The request.
    pub request: &'a Request,
}

/// A certificate and the file it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The certificate.
    pub certificate: Certificate,
    /// The name of the file.
    pub file: String,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whose request it answers.
    pub name: String,
    /// The certificate: the one that begins last, where several have the request's key.
    pub found: Found,
    /// The others, which a later one replaces.
    pub superseded: Vec<Found>,
}

/// Everything that came back, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Requests with their certificates, in the order of the requests.
    pub answers: Vec<Answer>,
    /// Names of requests for which nothing came back.
    pub unanswered: Vec<String>,
    /// Certificates of servers whose key no request has.
    pub strangers: Vec<Found>,
    /// Certificates of CAs, without duplicates, in the order in which they came.
    pub authorities: Vec<Certificate>,
    /// Files that hold no certificate, and why.
    pub unreadable: Vec<(String, ReadError)>,
}

/// Matches certificates to requests by their public keys. Names are not looked at: whether the
/// right names came back is for the preflight to say.
#[must_use]
pub fn sort(files: &[Returned<'_>], requests: &[Waiting<'_>]) -> Sorted {
    let mut sorted = Sorted::default();
    let mut leaves: Vec<Found> = Vec::new();
    for file in files {
        match read_certificates(file.bytes) {
            Ok(all) => sort_file(file.name, all, requests, &mut sorted.authorities, &mut leaves),
            Err(error) => sorted.unreadable.push((file.name.to_owned(), error)),
        }
    }
    for waiting in requests {
        let matching = leaves
            .iter()
            .filter(|leaf| answers(&leaf.certificate, waiting))
            .cloned()
            .collect();
        match newest(matching) {
            Some((found, superseded)) => {
                sorted.answers.push(Answer {
                    name: waiting.name.to_owned(),
                    found,
                    superseded,
                });
            }
            None => sorted.unanswered.push(waiting.name.to_owned()),
        }
    }
    leaves.retain(|leaf| !requests.iter().any(|waiting| answers(&leaf.certificate, waiting)));
    sorted.strangers = leaves;
    sorted
}

/// What answers a request is a leaf even if the CA wrongly made it a CA.
fn sort_file(
    file: &str,
    certificates: Vec<Certificate>,
    requests: &[Waiting<'_>],
    authorities: &mut Vec<Certificate>,
    leaves: &mut Vec<Found>,
) {
    for certificate in certificates {
        let answers = requests.iter().any(|waiting| answers(&certificate, waiting));
        if certificate.is_ca() && !answers {
            if !authorities.contains(&certificate) {
                authorities.push(certificate);
            }
        } else if !leaves.iter().any(|leaf| leaf.certificate == certificate) {
            leaves.push(Found {
                certificate,
                file: file.to_owned(),
            });
        }
    }
}

fn answers(certificate: &Certificate, waiting: &Waiting<'_>) -> bool {
    certificate.public_key.sha256 == waiting.request.public_key.sha256
}

/// The one that begins last; of those that begin together, the one that ends last.
fn newest(mut all: Vec<Found>) -> Option<(Found, Vec<Found>)> {
    all.sort_by_key(|found| (found.certificate.not_before, found.certificate.not_after));
    let newest = all.pop()?;
    Some((newest, all))
}
