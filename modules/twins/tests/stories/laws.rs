//! What holds whatever is done.

use crate::common::ca::{Ca, Leaf};
use crate::common::{Typist, epoch, finesse, settle};
use cutover_twins::{Estate, EstateSpec, KeyKind, Terminal, Timing, TwinOptions};
use proptest::prelude::*;
use std::time::Duration;

/// What an operator may do to the EC certificate of a CUCM node.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Rotate,
    Regenerate,
    RestartTomcat,
    RestartNode,
    Look,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        Just(Deed::Rotate),
        Just(Deed::Regenerate),
        Just(Deed::RestartTomcat),
        Just(Deed::RestartNode),
        Just(Deed::Look),
    ];
    proptest::collection::vec(deed, 1..8)
}

fn cucm_spec() -> EstateSpec {
    let mut device = finesse('a', TwinOptions::default());
    device.products = vec!["cucm".to_owned()];
    EstateSpec {
        devices: vec![device],
        seed: 7,
    }
}

fn cucm() -> Estate {
    Estate::new(&cucm_spec(), Timing::fast(), epoch()).unwrap()
}

fn presented(estate: &Estate, now: Duration) -> Vec<u8> {
    let chain = estate.served("fin-a", 8443, KeyKind::Ec, now);
    chain.expect("the listener is open").swap_remove(0)
}

fn installed(admin: &mut Typist) -> Vec<u8> {
    let shown = admin.command("show cert own tomcat-ECDSA");
    let begin = shown.find("-----BEGIN").expect("the PEM block");
    let certificate = openssl::x509::X509::from_pem(&shown.as_bytes()[begin..]);
    certificate.unwrap().to_der().unwrap()
}

/// Does a deed, waits until everything has settled, and returns the time.
fn done(estate: &Estate, ca: &Ca, deed: Deed, now: Duration) -> Duration {
    let mut admin = Typist::new(estate, "fin-a", now);
    match deed {
        Deed::Rotate => {
            admin.import("trust tomcat", &ca.pem());
            let request = admin.request("tomcat-ECDSA");
            let leaf = ca.sign(&request, &Leaf::of("fin-a.example.com"));
            let answer = admin.import("own tomcat-ECDSA", &leaf);
            assert!(answer.starts_with("Successfully"), "{answer}");
        }
        Deed::Regenerate => {
            admin.line_until("set cert regen tomcat-ECDSA", "(yes|no)? ");
            admin.line_until("yes", "admin:");
        }
        Deed::RestartTomcat => {
            admin.command("utils service restart Cisco Tomcat");
        }
        Deed::RestartNode => {
            admin.line_until("utils system restart", "Enter (yes/no)? ");
            admin.press("yes\r");
        }
        Deed::Look => {
            admin.command("show cert list own");
        }
    }
    settle(estate, admin.now)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_listener_presents_what_was_installed_when_its_service_last_started(deeds in deeds()) {
        let (estate, ca) = (cucm(), Ca::root("Root"));
        let mut now = Duration::ZERO;
        let mut expected = presented(&estate, now);
        for deed in deeds {
            now = done(&estate, &ca, deed, now);
            if matches!(deed, Deed::RestartTomcat | Deed::RestartNode) {
                expected = installed(&mut Typist::new(&estate, "fin-a", now));
            }
            prop_assert!(presented(&estate, now) == expected);
        }
    }

    #[test]
    fn an_estate_kept_at_any_moment_goes_on_as_if_it_had_not_been(
        deeds in deeds(),
        pause in 0_u64..3000,
    ) {
        let (estate, ca) = (cucm(), Ca::root("Root"));
        let mut now = Duration::ZERO;
        for deed in deeds {
            now = done(&estate, &ca, deed, now);
        }
        // Seen once, or it would be made anew in each.
        presented(&estate, now);
        let mut admin = Typist::new(&estate, "fin-a", now);
        admin.line_until("utils system restart", "Enter (yes/no)? ");
        admin.press("yes\r");
        let moment = admin.now + Duration::from_millis(pause);
        estate.advance(moment);
        let other = Estate::load(&estate.save(), &cucm_spec(), Timing::fast(), epoch()).unwrap();
        prop_assert_eq!(
            other.port_open("fin-a", 22, Duration::ZERO),
            estate.port_open("fin-a", 22, moment)
        );
        let (here, there) = (settle(&estate, moment), settle(&other, Duration::ZERO));
        prop_assert!(presented(&estate, here) == presented(&other, there));
        prop_assert_eq!(estate.in_service("fin-a", here), other.in_service("fin-a", there));
    }

    #[test]
    fn no_input_makes_a_terminal_stumble(
        lines in proptest::collection::vec(line(), 0..12),
        split in 1_usize..40,
    ) {
        let estate = cucm();
        let mut admin = Typist::at_greeting(&estate, "fin-a", Duration::ZERO);
        let typed = lines.join("\r");
        let characters: Vec<char> = typed.chars().collect();
        for piece in characters.chunks(split) {
            admin.press(&piece.iter().collect::<String>());
            admin.wait(Duration::from_millis(7));
        }
        admin.wait(Duration::from_secs(60));
        settle(&estate, admin.now);
        prop_assert!(estate.port_open("fin-a", 22, estate.now()));
    }
}

/// Lines that are commands, answers, or nonsense.
fn line() -> impl Strategy<Value = String> {
    let known = [
        "show cert list own",
        "show csr own tomcat-ECDSA",
        "set csr gen tomcat-ECDSA",
        "set cert import own tomcat-ECDSA",
        "set cert import trust tomcat",
        "set cert delete tomcat-trust x.pem",
        "-----BEGIN CERTIFICATE-----",
        "utils service list",
        "utils service stop Cisco Tomcat",
        "utils system restart",
        "utils system upgrade initiate",
        "file view activelog x",
        "yes",
        "no",
        "q",
        "",
        "\u{3}",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.map(str::to_owned).to_vec()),
        1 => ".{0,30}",
    ]
}

#[test]
fn estates_and_terminals_may_go_from_thread_to_thread() {
    fn sendable<T: Send>() {}
    fn shared<T: Sync>() {}
    sendable::<Estate>();
    shared::<Estate>();
    sendable::<Terminal>();
}
