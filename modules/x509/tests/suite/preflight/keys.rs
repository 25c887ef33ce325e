//! Keys and signatures.

use cutover_x509::preflight::{Rule, System};
use openssl::hash::MessageDigest;

use super::bench::{Bench, HOST, error, warning};
use crate::make::{self, Recipe, ca, p256, request, rsa};

#[test]
fn the_key_of_another_request() {
    let mut bench = Bench::new();
    bench.request = request(&rsa(2048), HOST, &[&format!("DNS:{HOST}")]);
    assert_eq!(
        error(&bench.findings(|_| {})),
        (
            Rule::KeyMismatch,
            "the certificate has another key (RSA 2048) than its request (RSA 2048)"
        )
    );
}

#[test]
fn the_wrong_kind_of_key_for_the_unit() {
    assert_eq!(
        error(&Bench::with_key(p256()).findings(|_| {})),
        (Rule::KeyType, "tomcat needs an RSA key, but this is EC P-256")
    );
    assert_eq!(
        error(&Bench::new().findings(|case| case.slot = "tomcat-ECDSA")),
        (
            Rule::KeyType,
            "tomcat-ECDSA needs an EC key, but this is RSA 2048"
        )
    );
}

#[test]
fn keys_that_are_too_large_or_too_small() {
    let large = Bench::with_key(rsa(3072));
    assert_eq!(large.findings(|_| {}), []);
    assert_eq!(
        error(&large.findings(|case| case.products = &["uccx"])),
        (Rule::KeySize, "the key has 3072 bits")
    );
    let huge = Bench::with_key(rsa(4104));
    assert_eq!(
        error(&huge.findings(|_| {})),
        (Rule::KeySize, "the key has 4104 bits")
    );
    assert_eq!(huge.findings(|case| case.system = System::Cvp), []);
    let small = Bench::with_key(rsa(1024));
    assert_eq!(
        warning(&small.findings(|case| case.products = &["uccx"])).0,
        Rule::KeySize
    );
    assert_eq!(
        warning(&small.findings(|_| {})),
        (Rule::KeySize, "the key has only 1024 bits")
    );
}

#[test]
fn an_ecdsa_unit_signed_by_an_rsa_ca() {
    let mut bench = Bench::with_key(p256());
    bench.issuing = Recipe {
        key: make::RSA.clone(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    let findings = bench.findings(|case| case.slot = "tomcat-ECDSA");
    assert_eq!(
        error(&findings),
        (
            Rule::EcdsaSignedByRsa,
            "the certificate for tomcat-ECDSA is signed by an RSA key"
        )
    );
    assert!(findings[0].hint.contains("CSCvb58580"));
}

#[test]
fn signatures_with_broken_digests() {
    let sha1 = Bench::findings_of_recipe(|recipe| recipe.hash = MessageDigest::sha1());
    assert_eq!(
        error(&sha1),
        (Rule::WeakHash, "fin-a.example.com is signed with SHA-1")
    );

    let mut bench = Bench::new();
    bench.issuing = Recipe {
        hash: MessageDigest::sha1(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::WeakHash, "Issuing is signed with SHA-1")
    );

    let mut bench = Bench::new();
    bench.root = Recipe {
        hash: MessageDigest::sha1(),
        ..ca("Root")
    }
    .self_signed();
    bench.issuing = ca("Issuing").signed_by(&bench.root);
    assert_eq!(bench.findings(|_| {}), []);

    let mut bench = Bench::new();
    bench.issuing = Recipe {
        key: make::RSA.clone(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    bench.recipe.hash = MessageDigest::md5();
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::WeakHash, "fin-a.example.com is signed with MD5")
    );
}
