//! Requests and authorities for tests, made by tools that are not ours.

use std::process::{Command, Stdio};

use cutover_x509::authority::{Authority, KeyKind, Profile, Spec};
use cutover_x509::{Certificate, Request, read_certificates, read_request};
use tempfile::TempDir;

use crate::bench::NOW;

/// A key and its request, made by `openssl`.
pub(crate) struct Wish {
    pub(crate) request: Request,
    pub(crate) pem: String,
}

/// A new key on P-256 and a request for these names, the first of which is the common name.
/// RSA where `bits` says so.
pub(crate) fn wish(names: &[&str], bits: Option<u32>) -> Wish {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key.pem");
    let san: Vec<_> = names.iter().map(|name| format!("DNS:{name}")).collect();
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-new", "-nodes", "-subj", &format!("/CN={}", names[0])]);
    openssl.arg("-keyout").arg(&key);
    openssl.args(["-addext", &format!("subjectAltName={}", san.join(","))]);
    match bits {
        Some(bits) => openssl.args(["-newkey", &format!("rsa:{bits}")]),
        None => openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    };
    let made = openssl.stderr(Stdio::null()).output().unwrap();
    let pem = String::from_utf8(made.stdout).unwrap();
    Wish {
        request: read_request(pem.as_bytes()).unwrap(),
        pem,
    }
}

/// A CA elsewhere, with one intermediate.
pub(crate) fn elsewhere(name: &str) -> Authority {
    let spec = Spec {
        key: KeyKind::Ec384,
        ..Spec::new(name)
    };
    Authority::create(&spec, NOW, &mut counting(name.len() as u8)).unwrap()
}

/// What that CA answers: the certificate alone.
pub(crate) fn answer(authority: &Authority, wish: &Wish) -> Certificate {
    let seed = wish.request.public_key.sha256.as_bytes()[0];
    authority
        .sign(&wish.request, &Profile::default(), NOW, &mut counting(seed))
        .unwrap()
}

/// A certificate that its own key signed.
pub(crate) fn self_signed(name: &str) -> Certificate {
    let folder = TempDir::new().unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args([
            "-subj",
            &format!("/CN={name}"),
            "-addext",
            "basicConstraints=CA:FALSE",
            "-keyout",
        ])
        .arg(folder.path().join("key.pem"))
        .stderr(Stdio::null())
        .output()
        .unwrap();
    read_certificates(&made.stdout).unwrap().remove(0)
}

/// Several certificates in one PEM.
pub(crate) fn pem<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    certificates.into_iter().map(Certificate::to_pem).collect()
}

fn counting(from: u8) -> impl FnMut(&mut [u8]) -> Result<(), String> {
    let mut next = from;
    move |bytes| {
        for byte in bytes {
            next = next.wrapping_add(1);
            *byte = next;
        }
        Ok(())
    }
}
