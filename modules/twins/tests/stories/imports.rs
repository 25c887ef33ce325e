//! What a node takes as a certificate, and what it says when it does not.

use crate::common::ca::{Ca, Leaf, ec_key, name, pem, rsa_public};
use crate::common::{Typist, finesse, single};
use cutover_twins::{TwinOptions, What};
use std::time::Duration;

struct Scene {
    admin: Typist,
    root: Ca,
    request: String,
}

const NAME: &str = "fin-a.example.com";

/// A node with a request and a CA that it trusts.
fn scene(twin: TwinOptions) -> Scene {
    let estate = single(twin);
    let mut admin = Typist::new(&estate, "fin-a", Duration::ZERO);
    let root = Ca::root("Story Root");
    assert!(
        admin
            .import("trust tomcat", &root.pem())
            .starts_with("Successfully")
    );
    let request = admin.request("tomcat");
    Scene { admin, root, request }
}

impl Scene {
    fn refusal(&mut self, pem: &str) -> String {
        let answer = self.admin.import("own tomcat", pem);
        assert_eq!(self.admin.command("show csr list own"), "tomcat/tomcat.csr\r\n");
        answer
    }

    fn signed(&self, leaf: &Leaf) -> String {
        self.root.sign(&self.request, leaf)
    }
}

#[test]
fn the_names_must_be_those_of_the_request_in_any_order() {
    let mut scene = scene(TwinOptions {
        parent_domain: true,
        ..TwinOptions::default()
    });
    let refused = "CSR SAN and Certificate SAN does not match\r\n";
    let fewer = scene.signed(&Leaf::of(NAME));
    assert_eq!(scene.refusal(&fewer), refused);
    let mut leaf = Leaf::of("example.com");
    leaf.names.push(NAME.to_owned());
    leaf.names.push("www.example.com".to_owned());
    let more = scene.signed(&leaf);
    assert_eq!(scene.refusal(&more), refused);
    leaf.names.pop();
    let right = scene.signed(&leaf);
    assert!(
        scene
            .admin
            .import("own tomcat", &right)
            .starts_with("Successfully")
    );
}

#[test]
fn the_key_must_be_that_of_the_request() {
    let mut scene = scene(TwinOptions::default());
    let subject = name(NAME);
    let other = scene.root.sign_key(&subject, &rsa_public(2048), &Leaf::of(NAME));
    assert_eq!(
        scene.refusal(&other),
        "CSR public key and Certificate public key do not match\r\n"
    );
}

#[test]
fn a_new_request_orphans_what_was_signed_for_the_old_one() {
    let mut scene = scene(TwinOptions::default());
    let signed = scene.signed(&Leaf::of(NAME));
    scene.admin.request("tomcat");
    assert_eq!(
        scene.refusal(&signed),
        "CSR public key and Certificate public key do not match\r\n"
    );
}

#[test]
fn without_a_request_nothing_is_taken() {
    let mut scene = scene(TwinOptions::default());
    let signed = scene.signed(&Leaf::of(NAME));
    assert!(
        scene
            .admin
            .import("own tomcat", &signed)
            .starts_with("Successfully")
    );
    assert_eq!(
        scene.admin.import("own tomcat", &signed),
        "/usr/local/platform/.security/tomcat/keys/tomcat.csr does not exist\r\n"
    );
}

#[test]
fn the_whole_chain_must_be_in_the_trust_store_and_in_date() {
    let mut scene = scene(TwinOptions::default());
    let missing = "CA certificate is not available in the trust-store\r\n";
    let ended = scene.root.below("Ended", (-300, -1));
    let unknown = Ca::root("Unknown").sign(&scene.request, &Leaf::of(NAME));
    assert_eq!(scene.refusal(&unknown), missing);
    let issuing = scene.root.below("Issuing", (-100, 100));
    let below = issuing.sign(&scene.request, &Leaf::of(NAME));
    assert_eq!(scene.refusal(&below), missing);
    // One with the right name and another key is no issuer.
    let namesake = scene.root.below("Issuing", (-100, 100));
    assert!(
        scene
            .admin
            .import("trust tomcat", &namesake.pem())
            .starts_with("Successfully")
    );
    assert_eq!(scene.refusal(&below), missing);
    // An issuer that has ended cannot even be brought in.
    assert_eq!(
        scene.admin.import("trust tomcat", &ended.pem()),
        "Certificate is expired\r\n"
    );
}

#[test]
fn dates_are_judged_by_the_nodes_own_clock() {
    let mut behind = scene(TwinOptions {
        clock_offset: -2 * 86_400,
        ..TwinOptions::default()
    });
    let fresh = behind.signed(&Leaf::of(NAME));
    assert_eq!(behind.refusal(&fresh), "Certificate is not yet valid\r\n");

    let mut ahead = scene(TwinOptions {
        clock_offset: 100 * 86_400,
        ..TwinOptions::default()
    });
    let short = ahead.signed(&Leaf::of(NAME));
    assert_eq!(ahead.refusal(&short), "Certificate is expired\r\n");
}

#[test]
fn wildcards_and_oversized_keys_are_refused() {
    let mut scene = scene(TwinOptions::default());
    let wild = scene.signed(&Leaf::of("*.example.com"));
    assert_eq!(
        scene.refusal(&wild),
        "Wildcard certificates are not supported\r\n"
    );
    let huge = scene
        .root
        .sign_key(&name("Huge"), &rsa_public(4104), &Leaf::of("huge"));
    assert_eq!(
        scene.admin.import("trust tomcat", &huge),
        "Certificate key size of 4104 bits is not supported\r\n"
    );
}

#[test]
fn what_is_no_certificate_is_said_to_be_none() {
    let mut scene = scene(TwinOptions::default());
    assert_eq!(scene.refusal("hello"), "Certificate is not in PEM format\r\n");
    let signed = scene.signed(&Leaf::of(NAME));
    let with_bag = format!("Bag Attributes\n{signed}");
    assert_eq!(scene.refusal(&with_bag), "Certificate is not in PEM format\r\n");
    let broken = signed.replacen("MII", "XXX", 1);
    assert_eq!(scene.refusal(&broken), "Error reading the certificate\r\n");
    let two = format!("{signed}{}", scene.root.pem());
    assert_eq!(scene.refusal(&two), "Error reading the certificate\r\n");
}

#[test]
fn a_store_holds_one_certificate_of_a_name_the_later_one() {
    let mut admin = Typist::new(&single(TwinOptions::default()), "fin-a", Duration::ZERO);
    let old = Ca::made("Story Root", ec_key(), None, (-400, 100));
    let new = Ca::made("Story Root", ec_key(), None, (-10, 100));
    assert!(
        admin
            .import("trust tomcat", &old.pem())
            .starts_with("Successfully")
    );
    assert!(
        admin
            .import("trust tomcat", &new.pem())
            .starts_with("Successfully")
    );
    assert_eq!(
        admin.import("trust tomcat", &old.pem()),
        "A certificate with the same common name and a later start of validity already exists\r\n"
    );
    // Once more the same is no error, and changes nothing.
    let writes = admin.estate.writes();
    assert!(
        admin
            .import("trust tomcat", &new.pem())
            .starts_with("Successfully")
    );
    assert_eq!(admin.estate.writes(), writes);
    let listed = admin.command("show cert list trust");
    assert_eq!(listed.matches("tomcat-trust/Story_Root_").count(), 1);
    let file = listed
        .lines()
        .find_map(|l| {
            l.strip_suffix(": Trust Certificate")
                .filter(|l| l.contains("Story"))
        })
        .unwrap();
    let shown = admin
        .command(&format!("show cert trust {file}"))
        .replace('\r', "");
    assert!(shown.ends_with(&pem(&new.certificate)), "{shown}");
}

#[test]
fn uccx_takes_no_key_above_2048_bits() {
    let mut device = finesse('a', TwinOptions::default());
    device.products = vec!["uccx".to_owned()];
    let estate = crate::common::estate(vec![device]);
    let mut admin = Typist::new(&estate, "fin-a", Duration::ZERO);
    admin.request("tomcat");
    let large = Ca::root("Root").sign_key(&name(NAME), &rsa_public(3072), &Leaf::of(NAME));
    assert_eq!(
        admin.import("own tomcat", &large),
        "Certificate key size of 3072 bits is not supported\r\n"
    );
}

#[test]
fn an_ecdsa_request_is_p384_and_its_certificate_goes_to_its_own_unit() {
    let mut scene = scene(TwinOptions::default());
    let request = scene.admin.request("tomcat-ECDSA");
    let parsed = openssl::x509::X509Req::from_pem(request.as_bytes()).unwrap();
    assert_eq!(parsed.public_key().unwrap().bits(), 384);
    let signed = scene.root.sign(&request, &Leaf::of(NAME));
    assert_eq!(
        scene.admin.import("own tomcat", &signed),
        "CSR public key and Certificate public key do not match\r\n"
    );
    assert_eq!(
        scene.admin.import("own tomcat-ECDSA", &signed),
        "Successfully imported certificate for tomcat-ECDSA.\r\n\
         Please restart services related to tomcat-ECDSA for the new certificate to\r\n\
         become active.\r\n"
    );
    let refusals = scene.admin.estate.log().into_iter().filter_map(|e| match e.what {
        What::ImportRefused { store, reason } => Some((store, reason)),
        _ => None,
    });
    assert_eq!(
        refusals.collect::<Vec<_>>(),
        [(
            "tomcat".to_owned(),
            "CSR public key and Certificate public key do not match".to_owned()
        )]
    );
}

#[test]
fn release_14_asks_about_the_ou_and_leaves_it_out_on_no() {
    let mut device = finesse('a', TwinOptions::default());
    device.version = "14.0.1".to_owned();
    let estate = crate::common::estate(vec![device]);
    let mut admin = Typist::new(&estate, "fin-a", Duration::ZERO);
    for (answer, has_unit) in [("no", false), ("yes", true)] {
        admin.line_until("set csr gen tomcat", "Include OU in CSR (yes|no)?");
        assert_eq!(
            admin.line_until(answer, "admin:"),
            "Successfully Generated CSR  for tomcat\r\n"
        );
        let request = admin.command("show csr own tomcat/tomcat.csr");
        let request = openssl::x509::X509Req::from_pem(request.as_bytes()).unwrap();
        let units = request
            .subject_name()
            .entries_by_nid(openssl::nid::Nid::ORGANIZATIONALUNITNAME);
        assert_eq!(units.count() == 1, has_unit);
    }
}

#[test]
fn regenerating_makes_a_fresh_self_signed_certificate() {
    let mut scene = scene(TwinOptions::default());
    let signed = scene.signed(&Leaf::of(NAME));
    scene.admin.import("own tomcat", &signed);
    let question = "Proceed with regeneration (yes|no)? ";
    assert_eq!(
        scene.admin.line_until("set cert regen tomcat", question),
        "\r\nWARNING: This operation will overwrite any CA signed certificate \
         previously imported for  tomcat\r\n"
    );
    assert_eq!(scene.admin.line_until("no", "admin:"), "");
    assert!(
        scene
            .admin
            .command("show cert list own")
            .starts_with("tomcat/tomcat.pem: Certificate Signed by Story Root")
    );
    scene.admin.line_until("set cert regen tomcat", question);
    assert_eq!(
        scene.admin.line_until("yes", "admin:"),
        "Successfully Regenerated Certificate for tomcat.\r\n\r\nYou must restart services \
         related to tomcat for the regenerated certificates to become active.\r\n"
    );
    assert!(
        scene
            .admin
            .command("show cert list own")
            .starts_with("tomcat/tomcat.pem: Self-signed")
    );
}
