//! The second web certificate: who presents it, and how a COP file keeps it back.

use crate::common::ca::{Ca, Leaf};
use crate::common::{Typist, estate, finesse, settle};
use cutover_twins::{DeviceSpec, Estate, KeyKind, TwinOptions};
use openssl::x509::X509;
use std::time::Duration;

const NAME: &str = "fin-a.example.com";

fn device(product: &str, version: &str) -> DeviceSpec {
    let mut device = finesse('a', TwinOptions::default());
    device.products = vec![product.to_owned()];
    device.version = version.to_owned();
    device
}

/// The common name of the issuer of what a listener presents for a kind of key.
fn issuer(estate: &Estate, port: u16, key: KeyKind, now: Duration) -> Option<String> {
    let chain = estate.served("fin-a", port, key, now)?;
    let leaf = X509::from_der(&chain[0]).unwrap();
    let name = leaf.issuer_name().entries().last().unwrap();
    Some(name.data().to_string().unwrap())
}

/// Signs a unit's certificate with a CA and restarts the node.
fn rotate(estate: &Estate, unit: &str, ca: &Ca, now: Duration) -> Duration {
    let mut admin = Typist::new(estate, "fin-a", now);
    admin.import("trust tomcat", &ca.pem());
    let request = admin.request(unit);
    let leaf = ca.sign(&request, &Leaf::of(NAME));
    let answer = admin.import(&format!("own {unit}"), &leaf);
    assert!(answer.starts_with("Successfully"), "{answer}");
    restart(estate, admin.now)
}

fn restart(estate: &Estate, now: Duration) -> Duration {
    let mut admin = Typist::new(estate, "fin-a", now);
    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.press("yes\r");
    settle(estate, admin.now)
}

#[test]
fn on_11_5_socket_io_presents_what_an_ec_key_signed_and_nothing_else() {
    let estate = estate(vec![device("uccx", "11.5")]);
    let ec = |port, now| issuer(&estate, port, KeyKind::Ec, now);
    let rsa = |port, now| issuer(&estate, port, KeyKind::Rsa, now);
    let now = Duration::ZERO;
    assert_eq!(ec(12015, now).as_deref(), Some("fin-a-EC.example.com"));
    assert_eq!(ec(8443, now), None);
    assert_eq!(ec(7443, now), None);

    let now = rotate(&estate, "tomcat-ECDSA", &Ca::rsa_root("RSA CA"), now);
    assert_eq!(ec(12015, now), None);
    assert_eq!(rsa(12015, now).as_deref(), Some(NAME));

    let now = rotate(&estate, "tomcat-ECDSA", &Ca::root("EC CA"), now);
    assert_eq!(ec(12015, now).as_deref(), Some("EC CA"));
    assert_eq!(rsa(12015, now).as_deref(), Some(NAME));
}

#[test]
fn from_11_6_on_it_is_not_presented_by_contact_centre_products() {
    for version in ["11.6", "12.5", "14"] {
        let estate = estate(vec![device("uccx", version)]);
        for port in [8443, 12015, 7443] {
            assert_eq!(issuer(&estate, port, KeyKind::Ec, Duration::ZERO), None);
        }
    }
}

#[test]
fn on_15_the_certificate_type_is_chosen_and_comes_with_the_restart() {
    let estate = estate(vec![device("finesse", "15.0")]);
    let mut admin = Typist::new(&estate, "fin-a", Duration::ZERO);
    admin.command("set tls server cert_type ECDSA");
    let kinds = |now| [KeyKind::Rsa, KeyKind::Ec].map(|k| issuer(&estate, 8445, k, now).is_some());
    assert_eq!(kinds(admin.now), [true, false]);
    admin.command("utils service restart Cisco Finesse Tomcat");
    assert_eq!(kinds(admin.now), [false, true]);
}

#[test]
fn a_cop_file_keeps_it_back_and_its_rollback_brings_it_again() {
    let mut node = device("socialminer", "11.5");
    node.twin.cop_files = vec![
        "ciscosm.disable_ecdsa.cop.sgn".to_owned(),
        "ciscosm.disable_ecdsa_rollback.cop.sgn".to_owned(),
    ];
    let estate = estate(vec![node]);
    let presented = |now| issuer(&estate, 7443, KeyKind::Ec, now).is_some();
    assert!(presented(Duration::ZERO));

    let now = install(&estate, "1", Duration::ZERO);
    assert!(presented(now));
    let now = restart(&estate, now);
    assert!(!presented(now));
    let version = Typist::new(&estate, "fin-a", now).command("show version active");
    assert!(version.ends_with("ciscosm.disable_ecdsa.cop\r\n"), "{version}");

    let now = install(&estate, "2", now);
    let now = restart(&estate, now);
    assert!(presented(now));
}

/// Goes through the upgrade dialogue of an 11.x release.
fn install(estate: &Estate, choice: &str, now: Duration) -> Duration {
    let mut admin = Typist::new(estate, "fin-a", now);
    let menu = admin.line_until("utils system upgrade initiate", "(1 - 3 or \"q\" ): ");
    assert!(menu.contains(" 1) Remote Filesystem via SFTP\r\n"), "{menu}");
    admin.line_until("1", "Directory: ");
    admin.line_until("/cops", "Server: ");
    admin.line_until("10.0.0.5", "User Name: ");
    admin.line_until("sftp", "Password: ");
    admin.press("secret\r");
    assert_eq!(
        admin.until("(optional): "),
        "******\r\nPlease enter SMTP Host Server (optional): "
    );
    let files = admin.line_until("", "(1 - 2 or \"q\" ): ");
    assert!(files.contains(" 1) ciscosm.disable_ecdsa.cop.sgn\r\n"), "{files}");
    admin.line_until(choice, "Start installation (yes/no): ");
    let done = admin.line_until("yes", "admin:");
    assert!(
        done.contains("Successfully installed ciscosm.disable_ecdsa"),
        "{done}"
    );
    assert!(!format!("{:?}", estate.log()).contains("secret"));
    admin.now
}
