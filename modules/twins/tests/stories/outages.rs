//! Restarts of services and nodes, and what everybody sees of them.

use crate::common::{Typist, estate, finesse, pair, settle, timed};
use cutover_twins::{DeviceSpec, Estate, Timing, TwinOptions, What};
use std::time::Duration;

const START: Duration = Duration::ZERO;

fn live_data(letter: char) -> DeviceSpec {
    let mut device = finesse(letter, TwinOptions::default());
    device.name = format!("ld-{letter}");
    device.products = vec!["cuic".to_owned(), "livedata".to_owned(), "ids".to_owned()];
    device
}

/// Restarts a node by its command line and waits until the session is gone.
fn restart(estate: &Estate, host: &str, now: Duration) -> Duration {
    let mut admin = Typist::new(estate, host, now);
    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.press("yes\r");
    while !admin.ended() {
        admin.now = admin.next().unwrap();
        admin.now_due();
    }
    admin.now
}

#[test]
fn a_service_restarts_line_by_line_and_its_listener_is_away_meanwhile() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    let begun = admin.now;
    assert_eq!(
        admin.command("utils service restart Cisco Finesse Tomcat"),
        " Don't press Ctrl-c while the service is getting RESTARTED.If Service has not \
         Restarted Properly, execute the same Command Again\r\n\
         Service Manager is running\r\n\
         Cisco Finesse Tomcat[STOPPING]  \r\n\
         Cisco Finesse Tomcat[STOPPING]  \r\n\
         Cisco Finesse Tomcat[STARTING]  \r\n\
         Cisco Finesse Tomcat[STARTING]  \r\n\
         Cisco Finesse Tomcat[STARTING]  \r\n\
         Cisco Finesse Tomcat[STARTING]  \r\n\
         Cisco Finesse Tomcat[STARTING]  \r\n\
         Cisco Finesse Tomcat[STARTED]  \r\n\
         Cisco Finesse Tomcat[STARTED]  \r\n"
    );
    assert_eq!(admin.now - begun, Duration::from_millis(5 + 9 * 35));
    assert!(admin.estate.port_open("fin-a", 8445, admin.now));

    admin.press("utils service restart Cisco Finesse Tomcat\r");
    admin.wait(Duration::from_millis(50));
    assert!(!admin.estate.port_open("fin-a", 8445, admin.now));
    assert!(admin.estate.port_open("fin-a", 8443, admin.now));
    assert!(!admin.estate.in_service("fin-a", admin.now));
    let info = b"GET /finesse/api/SystemInfo HTTP/1.1\r\n\r\n";
    let answer = admin.estate.http("fin-a", 8445, info, admin.now);
    assert!(String::from_utf8(answer).unwrap().contains("OUT_OF_SERVICE"));
}

#[test]
fn a_service_stops_and_starts() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    let stopped = admin.command("utils service stop Cisco Tomcat");
    assert!(
        stopped.ends_with("Cisco Tomcat[STOPPED]  \r\nCisco Tomcat[STOPPED]  \r\n"),
        "{stopped}"
    );
    let list = admin.command("utils service list");
    assert!(list.contains("\r\nCisco Tomcat[STOPPED]  "), "{list}");
    assert!(!admin.estate.port_open("fin-a", 8443, admin.now));
    let started = admin.command("utils service start Cisco Tomcat");
    assert!(
        started.starts_with("Service Manager is running\r\nCisco Tomcat[STARTING]  \r\n"),
        "{started}"
    );
    assert!(started.ends_with("Cisco Tomcat[STARTED]  \r\n"), "{started}");
    assert!(admin.estate.port_open("fin-a", 8443, admin.now));
    assert_eq!(
        admin.command("utils service restart Tomcat"),
        "Tomcat is not a valid service name\r\nExecuted command unsuccessfully\r\n"
    );
}

#[test]
fn a_restart_is_asked_for_told_and_done() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    let warning = "     ***   W A R N I N G   ***\r\n\
        Please make sure database replication setup is complete. Use the command \
        'utils dbreplication runtimestate' to get the current status.\r\n\
        If database replication setup is in progress, restarting the server may leave \
        database replication unable to complete.\r\n";
    let asked = admin.line_until("utils system restart", "Enter (yes/no)? ");
    assert_eq!(
        asked,
        format!("{warning}\r\nDo you really want to restart ?\r\n\r\n")
    );
    assert_eq!(admin.line_until("no", "admin:"), "");
    assert_eq!(admin.estate.writes(), 0);

    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.press("yes\r");
    assert_eq!(
        admin.until("NOW!\r\n"),
        "yes\r\n\r\nAppliance is being Restarted ...\r\n\
         Warning: Restart could take up to 5 minutes.\r\n\
         Stopping Service Manager...\r\n\
         -  Service Manager shutting down services... Please Wait\r\n\
         \r\nBroadcast message from admin@fin-a\r\n        (unknown) at 12:00 ...\r\n\r\n\
         The system is going down for reboot NOW!\r\n"
    );
    assert!(!admin.ended());
    admin.press("show status\r");
    admin.now = admin.next().unwrap();
    assert_eq!(admin.now_due(), "");
    assert!(admin.ended());
}

#[test]
fn a_node_comes_back_in_steps() {
    let estate = pair();
    let down = restart(&estate, "fin-a", START);
    let timing = Timing::fast();
    let at = |host: &str, now| (estate.port_open(host, 22, now), estate.port_open(host, 8443, now));
    assert_eq!(at("fin-a", down), (false, false));

    let mut other = Typist::new(&estate, "fin-b", down);
    let table = other.command("utils dbreplication runtimestate");
    assert!(table.contains("fin-a                    10.1.1.10         Failed    N/N/N     --       (g_2)          (4) Setup Incomplete"), "{table}");
    let cluster = other.command("show network cluster");
    assert!(cluster.contains("DBPub not authenticated"), "{cluster}");

    let booting = down + timing.dark;
    assert_eq!(at("fin-a", booting), (true, false));
    assert!(!estate.in_service("fin-a", booting));
    let mut admin = Typist::new(&estate, "fin-a", booting);
    assert_eq!(admin.now - booting, timing.boot_prompt + timing.command);
    let list = admin.command("utils service list");
    assert!(list.contains("Cisco Tomcat[STARTING]"), "{list}");
    assert!(list.contains("A Cisco DB[STARTING]"), "{list}");
    let status = admin.command("show status");
    assert!(status.contains(" up 0 min,"), "{status}");

    // Replication goes through its states while services come up.
    let mut seen = Vec::new();
    let late = booting + timing.boot_replication;
    while admin.now < late + timing.slow_command {
        let table = admin.command("utils dbreplication runtimestate");
        let row = table.lines().find(|line| line.starts_with("fin-a ")).unwrap();
        let state = row[row.rfind('(').unwrap()..].to_owned();
        if seen.last() != Some(&state) {
            seen.push(state);
        }
    }
    assert_eq!(
        seen,
        [
            "(0) Not Started",
            "(3) Mismatched",
            "(4) Setup Incomplete",
            "(2) Setup Completed"
        ]
    );
    assert_eq!(at("fin-a", late), (true, true));
    assert!(estate.in_service("fin-a", late));
    let told: Vec<What> = estate
        .log()
        .into_iter()
        .filter(|e| e.host == "fin-a")
        .map(|e| e.what)
        .collect();
    let place = |what: &What| told.iter().position(|w| w == what).unwrap();
    assert!(place(&What::Restart) < place(&What::NodeDown));
    assert!(place(&What::NodeDown) < place(&What::NodeUp));
}

#[test]
fn every_session_of_a_node_ends_when_it_goes_down_and_no_other() {
    let estate = pair();
    let bystander = Typist::new(&estate, "fin-a", START);
    let neighbour = Typist::new(&estate, "fin-b", START);
    let down = restart(&estate, "fin-a", START);
    assert_eq!(bystander.next(), Some(down));
    let mut bystander = bystander;
    bystander.now = down;
    assert!(bystander.ended());
    assert!(!neighbour.ended());
}

#[test]
fn what_was_typed_ahead_is_not_carried_out_on_a_node_that_went_down_first() {
    let estate = timed(Timing {
        service_step: Duration::from_millis(200),
        ..Timing::fast()
    });
    let mut bystander = Typist::new(&estate, "fin-a", START);
    bystander.press("utils service restart Cisco Tomcat\rset csr gen tomcat\r");
    assert_eq!(estate.writes(), 1);
    let mut admin = Typist::new(&estate, "fin-a", bystander.now);
    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.press("yes\r");
    bystander.now = settle(&estate, admin.now);
    let shown = bystander.now_due();
    assert!(!shown.contains("set csr gen"), "{shown}");
    assert_eq!(estate.writes(), 2);
}

#[test]
fn a_shut_down_node_stays_down() {
    let estate = pair();
    let mut admin = Typist::new(&estate, "fin-a", START);
    admin.line_until("utils system shutdown", "Enter (yes/no)? ");
    admin.press("yes\r");
    let later = settle(&estate, admin.now + Duration::from_secs(3600));
    assert!(!estate.port_open("fin-a", 22, later));
    assert!(!estate.in_service("fin-a", later));
}

#[test]
fn live_data_fails_over_and_does_not_fail_back() {
    let estate = estate(vec![live_data('a'), live_data('b')]);
    let state = |host: &str, now| {
        let shown = Typist::new(&estate, host, now).command("show live-data failover");
        shown.trim_end().rsplit("\r\n").next().unwrap().to_owned()
    };
    let shown = Typist::new(&estate, "ld-b", START).command("show live-data failover");
    assert_eq!(
        shown.replace("\r\n", "\n"),
        "# Failover settings..\nCluster failover enabled: true\nCluster ID: B\n\
         Remote side addr: fin-a\nAuto config enabled: true\n\n\
         # ActiveMQ NetBridge..\nEstablished\n\n# Cluster state..\nPAIRED-STANDBY\n"
    );
    assert_eq!(state("ld-a", START), "PAIRED-ACTIVE");
    let down = restart(&estate, "ld-a", START);
    assert_eq!(state("ld-b", down), "ISOLATED-ACTIVE");
    let later = settle(&estate, down);
    assert_eq!(state("ld-b", later), "PAIRED-ACTIVE");
    assert_eq!(state("ld-a", later), "PAIRED-STANDBY");
}

#[test]
fn trust_reaches_the_other_node_late_or_when_it_is_back() {
    use crate::common::ca::Ca;
    let estate = pair();
    let holds = |host: &str, name: &str, now| {
        let listed = Typist::new(&estate, host, now).command("show cert list trust");
        listed.contains(name)
    };
    let mut admin = Typist::new(&estate, "fin-a", START);
    admin.import("trust tomcat", &Ca::root("First").pem());
    assert!(!holds("fin-b", "First", admin.now));
    assert!(holds(
        "fin-b",
        "First",
        admin.now + Timing::fast().trust_replication
    ));

    let down = restart(&estate, "fin-b", admin.now + Duration::from_secs(2));
    admin.now = down;
    admin.import("trust tomcat", &Ca::root("Second").pem());
    let later = settle(&estate, admin.now);
    assert!(holds("fin-b", "Second", later));
    let arrivals = estate
        .log()
        .into_iter()
        .filter(|e| matches!(e.what, What::Arrived { .. }));
    assert_eq!(arrivals.filter(|e| e.host == "fin-b").count(), 2);
    assert!(estate.in_service("fin-b", later));
}

#[test]
fn a_deleted_trust_certificate_goes_from_every_node() {
    use crate::common::ca::Ca;
    let estate = pair();
    let mut admin = Typist::new(&estate, "fin-a", START);
    admin.import("trust tomcat", &Ca::root("Old Root").pem());
    admin.now = settle(&estate, admin.now);
    let listed = admin.command("show cert list trust");
    let file = listed
        .lines()
        .find_map(|l| {
            l.strip_suffix(": Trust Certificate")
                .filter(|l| l.contains("Old_Root"))
        })
        .unwrap();
    let delete = format!(
        "set cert delete tomcat-trust {}",
        file.strip_prefix("tomcat-trust/").unwrap()
    );
    assert!(admin.command(&delete).starts_with("Successfully deleted"));
    assert!(admin.command(&delete).contains("could not be deleted"));
    let later = settle(&estate, admin.now);
    for host in ["fin-a", "fin-b"] {
        let listed = Typist::new(&estate, host, later).command("show cert list trust");
        assert!(!listed.contains("Old_Root"), "{host}: {listed}");
    }
}

#[test]
fn broken_replication_keeps_trust_at_home_and_the_node_out_of_service() {
    use crate::common::ca::Ca;
    let broken = TwinOptions {
        replication: 4,
        ..TwinOptions::default()
    };
    let estate = estate(vec![finesse('a', TwinOptions::default()), finesse('b', broken)]);
    let mut admin = Typist::new(&estate, "fin-a", START);
    admin.import("trust tomcat", &Ca::root("Kept Back").pem());
    let later = settle(&estate, admin.now + Duration::from_secs(86_400));
    assert!(estate.in_service("fin-a", later));
    assert!(!estate.in_service("fin-b", later));
    let listed = Typist::new(&estate, "fin-b", later).command("show cert list trust");
    assert!(!listed.contains("Kept_Back"), "{listed}");
}

#[test]
fn new_trust_takes_the_notification_service_away_for_a_moment() {
    use crate::common::ca::Ca;
    let estate = pair();
    let mut admin = Typist::new(&estate, "fin-a", START);
    admin.line_until("set cert import trust tomcat", "Enter\r\n");
    admin.press(&format!(
        "{}\r\n\r\n",
        Ca::root("Root").pem().trim_end().replace('\n', "\r\n")
    ));
    assert!(!estate.port_open("fin-a", 7443, admin.now));
    assert!(estate.port_open("fin-a", 8445, admin.now));
    let later = admin.now + Timing::fast().notification_outage;
    assert!(estate.port_open("fin-a", 7443, later));
}
