//! The samples of the reference page, and that no text whatever makes a parser panic.

use std::time::Duration;

use cutover_kit::session::KeyKind;
use proptest::prelude::*;

use super::*;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_list_of_certificates_is_read_and_its_file_names_too() {
    let list = listed(&lines(include_str!("../../tests/samples/cert-list-trust.txt"))).unwrap();
    let names: Vec<_> = list
        .iter()
        .map(|it| (it.store.as_str(), it.name(), it.serial()))
        .collect();
    assert_eq!(
        names,
        [
            (
                "tomcat-trust",
                "USERTrust_RSA_Certification_Authority",
                Some("1fd6d30fca3ca51a81bbc640e35032d".to_owned())
            ),
            (
                "tomcat-trust",
                "cucm14-pub-EC.collabiz.ext",
                Some("754b30f0e53d897fd1eddc84a85cf200".to_owned())
            ),
            ("CallManager-trust", "Cisco_Root_CA_M2_01", None),
            ("CAPF-trust", "CAPF-36205338", None),
            ("tomcat-trust", "VeriSign_Class_3_Secure_Server_CA_-_G3", None),
        ]
    );
    assert_eq!(list[0].description, "Signed Certificate: of a kind");
}

#[test]
fn requests_are_read() {
    let units = requests(&lines(
        "tomcat/tomcat.csr\n\n tomcat-ECDSA/tomcat-ECDSA.csr \nnothing",
    ));
    let keys: Vec<_> = units.iter().map(Unit::key).collect();
    assert_eq!(keys, [KeyKind::Rsa, KeyKind::Ecdsa]);
}

use crate::unit::Unit;

#[test]
fn a_certificate_without_pem_is_known_by_its_decoded_lines() {
    let shown = shown(&lines(include_str!("../../tests/samples/cert-own-decoded.txt"))).unwrap();
    assert_eq!(
        shown,
        Shown::Decoded(Decoded {
            serial: "56ff6c7100000000000d".into(),
            subject: "CN=fin-a.example.com, OU=CC, O=Example, L=X, ST=Y, C=US".into(),
            issuer: "CN=lab-CA, DC=example, DC=com".into(),
            to: "Wed Feb 03 15:31:38 PST 2027".into(),
        })
    );
}

#[test]
fn services_of_both_blocks_are_read() {
    let list = services(&lines(include_str!("../../tests/samples/service-list.txt"))).unwrap();
    let text: Vec<_> = list
        .services
        .iter()
        .map(|it| {
            format!("{}={} {}", it.name, it.state, it.reason)
                .trim()
                .to_owned()
        })
        .collect();
    assert_eq!(
        text,
        [
            "System SSH=STARTED",
            "Name Service Cache=STOPPED Service Not Activated",
            "A Cisco DB=STARTED",
            "Cisco Tomcat=STARTING",
            "Cisco DRF Master=STOPPED Commanded Out of Service",
            "Cisco Tomcat Stats Servlet=STOPPED Component is not running",
            "Cisco Finesse Tomcat=STARTED",
        ]
    );
    assert_eq!(list.primary, Some(true));
    assert!(list.find("name service cache").unwrap().is_not_activated());
    assert!(list.find("Cisco DRF Master").unwrap().is_commanded_out());
}

#[test]
fn status_gives_uptime_and_the_nodes_own_clock() {
    let status = status(&lines(include_str!("../../tests/samples/status.txt"))).unwrap();
    assert_eq!(
        status,
        Status {
            host: "fin-a".into(),
            version: Some("12.6.2.10000-1".into()),
            uptime: Duration::from_secs(((46 * 24 + 13) * 60 + 57) * 60),
            clock: Some("2017-03-14T16:02:34Z".parse().unwrap()),
        }
    );
}

#[test]
fn every_way_uptime_is_written() {
    let minutes = |text: &str| {
        let line = format!(" 11:02:36 up {text},  1 user,  load average: 0.27, 0.36, 0.35");
        status(&[line]).unwrap().uptime.as_secs() / 60
    };
    assert_eq!(minutes("5 min"), 5);
    assert_eq!(minutes(" 3:07"), 187);
    assert_eq!(minutes("1 day, 2 min"), 1442);
    assert_eq!(minutes("2 days,  1:00"), 2940);
    assert_eq!(minutes("10 days"), 14400);
    assert_eq!(minutes("0 min"), 0);
}

#[test]
fn version_cluster_replication_and_the_rest() {
    let version = version(&lines(
        "Active Master Version: 11.5.1.12900-21\nActive Version Installed Software Options:\ncmterm-devicepack9.1.2.13070-1.cop",
    ))
    .unwrap();
    assert!(version.has("cmterm-devicepack9.1.2.13070-1.cop.sgn"));
    assert_eq!(version.active, "11.5.1.12900-21");

    let nodes = cluster(&lines(include_str!("../../tests/samples/network-cluster.txt"))).unwrap();
    let text: Vec<_> = nodes
        .members
        .iter()
        .map(|it| (it.host.as_str(), it.fqdn.as_deref(), it.primary))
        .collect();
    assert_eq!(
        text,
        [
            ("CUCMv10SUB", Some("CUCMv10SUB.lab.test"), false),
            ("CUCM10", None, true)
        ]
    );

    let state = replication(&lines(include_str!("../../tests/samples/dbreplication.txt"))).unwrap();
    assert_eq!(state.own("whatever").unwrap().state, 2);
    let states: Vec<_> = state
        .rows
        .iter()
        .map(|row| (row.server.as_str(), row.state))
        .collect();
    assert_eq!(states, [("cucm-01", 2), ("cucm-02", 4)]);
    let alone = replication(&lines(
        "Runtime state cannot be performed on a cluster with a single active node; aborting operation",
    ))
    .unwrap();
    assert!(alone.rows.is_empty() && alone.unavailable.is_some());

    let side = live_data(&lines(include_str!("../../tests/samples/live-data.txt"))).unwrap();
    assert!(side.is_paired());
    assert_eq!(side.side.as_deref(), Some("A"));

    let clock = ntp(&lines(
        "ntpd (pid 1) is running...\n\nsynchronised to NTP server (10.10.10.1) at stratum 2",
    ))
    .unwrap();
    assert_eq!(
        (clock.synchronised, clock.server.as_deref()),
        (true, Some("10.10.10.1"))
    );
    assert!(!ntp(&lines("unsynchronised")).unwrap().synchronised);

    let lock = locking(&lines(
        "Account Lockout is enabled\nUnlock Time : 300 seconds\nRetry Count : 3 attempts",
    ))
    .unwrap();
    assert_eq!(
        (lock.enabled, lock.unlock_seconds, lock.attempts),
        (true, Some(300), Some(3))
    );
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in proptest::collection::vec("[ -~\u{e4}\t]{0,60}", 0..20)) {
        let _ = (listed(&text), requests(&text), shown(&text), services(&text), version(&text));
        let _ = (status(&text), cluster(&text), replication(&text), live_data(&text), ntp(&text), locking(&text));
    }

    #[test]
    fn a_service_line_is_read_back(name in "[A-Z][A-Za-z. -]{0,30}[a-z]", gap in " {0,2}", reason in "[A-Z][a-z ]{0,20}") {
        let line = format!("{name}{gap}[STOPPED]  {reason}");
        let list = services(&[line]).unwrap();
        prop_assert_eq!(&list.services[0].name, &name);
        prop_assert_eq!(&list.services[0].reason, reason.trim_end());
    }

    #[test]
    fn a_listed_file_is_read_back(cn in "[A-Za-z0-9.()-]{1,30}", serial_number in "[1-9a-f][0-9a-f]{15,39}", description in "[A-Za-z: ]{0,30}") {
        let line = format!("tomcat-trust/{cn}_{serial_number}.pem: {description}");
        let list = listed(&[line]).unwrap();
        prop_assert_eq!(list[0].name(), &cn);
        prop_assert_eq!(list[0].serial(), Some(serial_number));
        prop_assert_eq!(&list[0].description, description.trim());
    }
}
