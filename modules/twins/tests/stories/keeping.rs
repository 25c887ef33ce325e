//! An estate is kept and goes on another day; and there may be a thousand nodes of it.

use crate::common::ca::{Ca, Leaf};
use crate::common::{Typist, epoch, finesse, settle};
use cutover_twins::{DeviceSpec, Estate, EstateSpec, KeyKind, Servers, SpecError, Timing, TwinOptions};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

fn spec(letters: &str) -> EstateSpec {
    EstateSpec {
        devices: letters
            .chars()
            .map(|l| finesse(l, TwinOptions::default()))
            .collect(),
        seed: 7,
    }
}

fn fresh(letters: &str) -> Estate {
    Estate::new(&spec(letters), Timing::fast(), epoch()).unwrap()
}

fn load(kept: &str, letters: &str) -> Estate {
    Estate::load(kept, &spec(letters), Timing::fast(), epoch() + DAY).unwrap()
}

#[test]
fn certificates_requests_and_trust_are_the_same_another_day() {
    let before = fresh("ab");
    let mut admin = Typist::new(&before, "fin-a", Duration::ZERO);
    let root = Ca::root("Story Root");
    admin.import("trust tomcat", &root.pem());
    let request = admin.request("tomcat");
    let shown = admin.command("show cert own tomcat");
    let presented = before.served("fin-b", 8445, KeyKind::Rsa, admin.now);
    let now = settle(&before, admin.now);

    let after = load(&before.save(), "ab");
    let mut admin = Typist::new(&after, "fin-a", Duration::ZERO);
    assert_eq!(admin.command("show cert own tomcat"), shown);
    assert_eq!(
        after.served("fin-b", 8445, KeyKind::Rsa, Duration::ZERO),
        presented
    );
    let leaf = root.sign(&request, &Leaf::of("fin-a.example.com"));
    assert!(admin.import("own tomcat", &leaf).starts_with("Successfully"));
    assert!(admin.command("show status").contains("Tue Jun 02, 2026"));
    assert_eq!(after.writes(), 1);
    assert!(now > Duration::ZERO);
}

#[test]
fn a_node_that_was_booting_goes_on_booting() {
    let before = fresh("ab");
    let mut admin = Typist::new(&before, "fin-a", Duration::ZERO);
    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.line_until("yes", "NOW!\r\n");
    before.advance(admin.now + Duration::from_millis(200));
    assert!(!before.port_open("fin-a", 22, Duration::ZERO));

    let after = load(&before.save(), "ab");
    assert!(!after.port_open("fin-a", 22, Duration::ZERO));
    let later = settle(&after, Duration::ZERO);
    assert!(later < Duration::from_secs(2));
    assert!(after.in_service("fin-a", later));
}

#[test]
fn new_devices_are_fresh_and_gone_ones_are_dropped() {
    let before = fresh("ab");
    Typist::new(&before, "fin-a", Duration::ZERO).request("tomcat");
    let after = load(&before.save(), "ac");
    let mut admin = Typist::new(&after, "fin-a", Duration::ZERO);
    assert_eq!(admin.command("show csr list own"), "tomcat/tomcat.csr\r\n");
    assert!(after.port_open("fin-c", 8445, Duration::ZERO));
    assert!(!after.port_open("fin-b", 22, Duration::ZERO));
}

#[test]
fn a_specification_that_cannot_be_is_refused() {
    let refusal = |devices: Vec<DeviceSpec>| {
        let spec = EstateSpec { devices, seed: 0 };
        Estate::new(&spec, Timing::fast(), epoch())
            .unwrap_err()
            .to_string()
    };
    let a = || finesse('a', TwinOptions::default());
    let b = || finesse('b', TwinOptions::default());
    assert_eq!(refusal(vec![a(), a()]), "two devices are called fin-a");
    assert_eq!(
        refusal(vec![b()]),
        "cluster finesse has 0 primaries instead of one"
    );
    let mut odd = a();
    odd.products = vec!["mediasense".to_owned()];
    assert_eq!(
        refusal(vec![odd]),
        "fin-a: there is no twin for the product mediasense"
    );
    let mut odd = a();
    odd.twin.subject.country = "USA".to_owned();
    assert_eq!(
        refusal(vec![odd]),
        "fin-a: \"USA\" is not a country of two letters"
    );
    let mut odd = a();
    odd.twin.services_down = vec!["Tomcat".to_owned()];
    assert_eq!(
        refusal(vec![odd]),
        "fin-a: its products have no service called \"Tomcat\""
    );
    let broken = Estate::load("{", &spec("a"), Timing::fast(), epoch());
    assert!(matches!(broken, Err(SpecError::Kept(_))));
}

#[tokio::test]
async fn host_keys_are_kept_too() {
    let before = fresh("ab");
    let servers = Servers::start(before.clone()).await.unwrap();
    let key = servers.host_key("fin-a");
    assert!(key.starts_with("ssh-ed25519 "), "{key}");
    assert_ne!(key, servers.host_key("fin-b"));
    servers.stop().await;
    let servers = Servers::start(load(&before.save(), "ab")).await.unwrap();
    assert_eq!(servers.host_key("fin-a"), key);
    servers.stop().await;
}

#[test]
fn a_thousand_nodes_fit_into_one_process() {
    let device = |n: usize| {
        let mut device = finesse('a', TwinOptions::default());
        device.name = format!("n{n}");
        device.fqdn = format!("n{n}.example.com");
        device.cluster = format!("c{}", n / 2);
        device.primary = n.is_multiple_of(2);
        device
    };
    let spec = EstateSpec {
        devices: (0..1000).map(device).collect(),
        seed: 1,
    };
    let estate = Estate::new(&spec, Timing::fast(), epoch()).unwrap();
    let mut sessions: Vec<Typist> = (0..1000)
        .map(|n| Typist::new(&estate, &format!("n{n}"), Duration::ZERO))
        .collect();
    let end = sessions.iter_mut().map(|admin| {
        admin.line_until("utils system restart", "Enter (yes/no)? ");
        admin.press("yes\r");
        admin.now
    });
    let end = end.max().unwrap();
    let later = settle(&estate, end);
    assert!((0..1000).all(|n| estate.in_service(&format!("n{n}"), later)));
    // What nobody looked at was not made: the state stays small.
    assert!(estate.save().len() < 20_000_000);
}
