//! Reading names and times out of certificates.

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::x509::{X509NameRef, X509Ref};
use std::collections::BTreeSet;

/// The common name of a name, empty where it has none.
pub(crate) fn common_name(name: &X509NameRef) -> String {
    name.entries_by_nid(Nid::COMMONNAME)
        .next()
        .and_then(|entry| entry.data().to_string().ok())
        .unwrap_or_default()
}

/// The DNS names of a certificate's SAN, lower case.
pub(crate) fn alternative_names(certificate: &X509Ref) -> BTreeSet<String> {
    let names = certificate.subject_alt_names();
    names
        .iter()
        .flatten()
        .filter_map(|name| name.dnsname().map(str::to_ascii_lowercase))
        .collect()
}

/// The serial number in lower-case hex without leading zeros beyond whole bytes.
pub(crate) fn serial(certificate: &X509Ref) -> String {
    certificate
        .serial_number()
        .to_bn()
        .map(|number| super::hex(&number.to_vec()))
        .unwrap_or_default()
}

/// Whether subject and issuer are the same name.
pub(crate) fn self_issued(certificate: &X509Ref) -> bool {
    same(certificate.subject_name(), certificate.issuer_name())
}

/// Whether two names are the same.
pub(crate) fn same(a: &X509NameRef, b: &X509NameRef) -> bool {
    a.try_cmp(b).is_ok_and(std::cmp::Ordering::is_eq)
}

/// Seconds since 1970 of a certificate's time.
pub(crate) fn unix(time: &Asn1TimeRef) -> i64 {
    let since = Asn1Time::from_unix(0).and_then(|epoch| epoch.diff(time));
    since.map_or(0, |d| i64::from(d.days) * 86_400 + i64::from(d.secs))
}

/// The file that a trust store keeps a certificate in.
pub(crate) fn trust_file(certificate: &X509Ref, with_serial: bool) -> String {
    let name = common_name(certificate.subject_name());
    file_name(&name, &serial(certificate), with_serial)
}

/// `<CN, blanks as _>[_<serial>].pem`
pub(crate) fn file_name(common_name: &str, serial: &str, with_serial: bool) -> String {
    let name = common_name.replace(' ', "_");
    if with_serial {
        format!("{name}_{serial}.pem")
    } else {
        format!("{name}.pem")
    }
}
