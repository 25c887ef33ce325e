//! Read-only commands, whole.

use crate::common::{Typist, estate, finesse, pair};
use cutover_twins::{DeviceSpec, TimeZone, TwinOptions};
use std::time::Duration;

fn at(device: DeviceSpec) -> Typist {
    let name = device.name.clone();
    Typist::new(&estate(vec![device]), &name, Duration::ZERO)
}

fn of(product: &str, version: &str) -> DeviceSpec {
    let mut device = finesse('a', TwinOptions::default());
    device.products = vec![product.to_owned()];
    device.version = version.to_owned();
    device
}

fn lf(text: &str) -> String {
    text.replace("\r\n", "\n")
}

const NONE: &str = "Executed command unsuccessfully\nNo valid command entered\n";

#[test]
fn status_of_a_node() {
    let mut admin = at(finesse(
        'a',
        TwinOptions {
            time_zone: TimeZone {
                abbreviation: "Central Standard Time (America/Chicago)".to_owned(),
                minutes: -300,
            },
            ..TwinOptions::default()
        },
    ));
    let status = lf(&admin.command("show status"));
    let head = "\nHost Name          : fin-a
Date               : Mon Jun 01, 2026 07:00:00
Time Zone          : Central Standard Time (America/Chicago)
Locale             : en_US.UTF-8
Product Ver        : 12.6.2.10000-1
Unified OS Version : 7.0.0.0-2

Uptime:
 07:00:00 up 46 days, 13:57,  1 user,  load average: 0.27, 0.36, 0.35

CPU Idle:   93.41%  System:   02.20%    User:   04.40%
  IOWAIT:   00.00%     IRQ:   00.00%    Soft:   00.00%

Memory Total:        5992196K
        Free:         175796K
";
    assert!(status.starts_with(head), "{status}");
}

#[test]
fn versions_and_options() {
    let mut device = finesse('a', TwinOptions::default());
    assert_eq!(
        lf(&at(device.clone()).command("show version active")),
        "Active Master Version: 12.6.2.10000-1\n\
         Active Version Installed Software Options:\n\
         No Installed Software Options Found.\n"
    );
    device.twin.options = vec!["ciscofinesse.1262.ES04.cop".to_owned()];
    let mut admin = at(device);
    assert_eq!(
        lf(&admin.command("show version active")),
        "Active Master Version: 12.6.2.10000-1\n\
         Active Version Installed Software Options:\n\
         ciscofinesse.1262.ES04.cop\n"
    );
    assert_eq!(lf(&admin.command("show uccx version")), NONE);
    assert_eq!(
        lf(&at(of("uccx", "11.5")).command("show uccx version")),
        " Active UCCX Version: 11.5.1.10000-1\n Inactive UCCX Version: NA\nCommand successful.\n"
    );
    assert_eq!(
        lf(&at(of("vvb", "12.6.2")).command("show vvb version")),
        " Active VVB Version: 12.6.2.10000-1\n Inactive VVB Version: NA\nCommand successful.\n"
    );
}

#[test]
fn the_cluster_as_each_node_sees_it() {
    let estate = pair();
    let mut primary = Typist::new(&estate, "fin-a", Duration::ZERO);
    assert_eq!(
        lf(&primary.command("show network cluster")),
        "10.1.1.10 fin-a.example.com fin-a Publisher finesse DBPub authenticated\n\
         10.1.1.11 fin-b.example.com fin-b Subscriber finesse DBSub authenticated using TCP since Sun May 31 12:00:00 2026\n\
         \n\
         Server Table (processnode) Entries\n\
         ----------------------------------\n\
         10.1.1.10\n\
         10.1.1.11\n"
    );
    let mut secondary = Typist::new(&estate, "fin-b", Duration::ZERO);
    assert_eq!(
        lf(&secondary.command("show network cluster")),
        "10.1.1.10 fin-a.example.com fin-a Publisher finesse DBPub authenticated using TCP since Sun May 31 12:00:00 2026\n\
         10.1.1.11 fin-b.example.com fin-b Subscriber finesse DBSub authenticated\n"
    );
    let network = lf(&primary.command("show network eth0"));
    assert!(network.starts_with("Ethernet 0\nDHCP         : disabled           Status     : up\nIP Address   : 10.1.1.10          IP Mask    : 255.255.255.000\n"), "{network}");
    assert!(
        network.contains("Domain       : example.com\nGateway      : 10.1.1.254 on Ethernet 0\n"),
        "{network}"
    );
}

#[test]
fn replication_of_a_pair_and_of_a_single_node() {
    let mut admin = Typist::new(&pair(), "fin-a", Duration::ZERO);
    let state = lf(&admin.command("utils dbreplication runtimestate"));
    let table = "Cluster Detailed View from fin-a (2 Servers):

                                           PING      DB/RPC/   REPL.    Replication    REPLICATION SETUP
SERVER-NAME              IP ADDRESS        (msec)    DbMon?    QUEUE    Group ID       (RTMT) & Details
-----------              ----------        ------    -------   -----    -----------    ------------------
fin-a                    10.1.1.10         0.045     Y/Y/Y     0        (g_2)          (2) Setup Completed
fin-b                    10.1.1.11         1.711     Y/Y/Y     0        (g_3)          (2) Setup Completed
";
    assert!(state.ends_with(table), "{state}");
    assert!(
        state.starts_with("\nServer Time: Mon Jun 01 12:00:00 UTC 2026\n\nCluster Replication State: "),
        "{state}"
    );
    assert!(
        state.contains(
            "DB Version: ccm12_6_2_10000_1\n\nRepltimeout set to: 300s\nPROCESS option set to: 1\n"
        ),
        "{state}"
    );
    assert_eq!(
        lf(&at(of("vvb", "12.6")).command("utils dbreplication runtimestate")),
        "Runtime state cannot be performed on a cluster with a single active node; aborting operation\n\
         Executed command unsuccessfully\n"
    );
}

#[test]
fn clocks_and_their_servers() {
    let mut device = finesse('a', TwinOptions::default());
    let good = lf(&at(device.clone()).command("utils ntp status"));
    assert!(good.starts_with("ntpd (pid 12345) is running...\n"), "{good}");
    assert!(good.contains("\nsynchronised to NTP server (10.10.10.1) at stratum 3\n   time correct to within 45 ms\n   polling server every 1024 s\n"), "{good}");
    device.twin.ntp = false;
    let bad = lf(&at(device).command("utils ntp status"));
    assert!(bad.contains("\nunsynchronised\n"), "{bad}");
}

#[test]
fn settings_of_the_node() {
    let mut admin = at(finesse('a', TwinOptions::default()));
    assert_eq!(
        lf(&admin.command("show accountlocking")),
        "Account Lockout is enabled\nUnlock Time : 300 seconds\nRetry Count : 3 attempts\n"
    );
    assert_eq!(
        lf(&admin.command("show cli pagination")),
        "Automatic Pagination : Off.\n"
    );
    assert!(admin.command("show cli session timeout").contains("30 minutes"));
    assert!(
        admin
            .command("show web-security")
            .contains("Organization Name   : Example\r\n")
    );
    assert_eq!(lf(&admin.command("show tls server cert_type")), NONE);
    assert_eq!(
        lf(&at(of("finesse", "15")).command("show tls server cert_type")),
        "The server certificate type is set to RSA\nCommand successful\n"
    );
    assert_eq!(lf(&admin.command("show live-data failover")), NONE);
    assert!(admin.command("help set cert import").contains("quit"));
    assert_eq!(
        lf(&admin.command("utils system switch-version")),
        "   ** There is no inactive side available **\nExecuted command unsuccessfully\n"
    );
}

#[test]
fn services_of_a_secondary() {
    let estate = pair();
    let mut admin = Typist::new(&estate, "fin-b", Duration::ZERO);
    assert_eq!(
        lf(&admin.command("utils service list")),
        "Requesting service status, please wait...\n\
         System SSH [STARTED] \n\
         Cluster Manager [STARTED] \n\
         Name Service Cache [STOPPED]  Service Not Activated\n\
         Entropy Monitoring Daemon [STARTED] \n\
         Cisco SCSI Watchdog [STARTED] \n\
         Service Manager [STARTED] \n\
         Service Manager is running\n\
         Getting list of all services\n\
         >> Return code = 0\n\
         A Cisco DB[STARTED]  \n\
         A Cisco DB Replicator[STARTED]  \n\
         Cisco AMC Service[STARTED]  \n\
         Cisco Audit Event Service[STARTED]  \n\
         Cisco CDP[STARTED]  \n\
         Cisco CDP Agent[STARTED]  \n\
         Cisco Certificate Change Notification[STARTED]  \n\
         Cisco Certificate Expiry Monitor[STARTED]  \n\
         Cisco DRF Local[STARTED]  \n\
         Cisco DRF Master[STOPPED]  Commanded Out of Service\n\
         Cisco Database Layer Monitor[STARTED]  \n\
         Cisco Finesse Notification Service[STARTED]  \n\
         Cisco Finesse Tomcat[STARTED]  \n\
         Cisco Log Partition Monitoring Tool[STARTED]  \n\
         Cisco RIS Data Collector[STARTED]  \n\
         Cisco Syslog Agent[STARTED]  \n\
         Cisco Tomcat[STARTED]  \n\
         Cisco Web Proxy Service[STARTED]  \n\
         Host Resources Agent[STARTED]  \n\
         MIB2 Agent[STARTED]  \n\
         Platform Administrative Web Service[STARTED]  \n\
         SNMP Master Agent[STARTED]  \n\
         SOAP -Log Collection APIs[STARTED]  \n\
         SOAP -Performance Monitoring APIs[STARTED]  \n\
         System Application Agent[STARTED]  \n\
         Primary Node =false\n"
    );
}

#[test]
fn certificates_of_a_cucm_publisher() {
    let mut admin = at(of("cucm", "12.5"));
    let line = |unit: &str| format!("{unit}/{unit}.pem: Self-signed certificate generated by system\n");
    let units = [
        "tomcat",
        "tomcat-ECDSA",
        "ipsec",
        "ITLRecovery",
        "CallManager-ECDSA",
        "CallManager",
        "CAPF",
        "TVS",
    ];
    let all: String = units.iter().map(|unit| line(unit)).collect();
    assert_eq!(lf(&admin.command("show cert list own")), all);
}

#[test]
fn a_certificate_decoded() {
    let mut device = finesse('a', TwinOptions::default());
    device.twin.time_zone = TimeZone {
        abbreviation: "PST".to_owned(),
        minutes: -480,
    };
    let mut admin = at(device);
    let shown = lf(&admin.command("show cert own tomcat"));
    assert_eq!(shown, lf(&admin.command("show cert own tomcat/tomcat.pem")));
    let lines: Vec<&str> = shown
        .lines()
        .filter(|line| !line.contains("Key value") && !line.contains("keyID"))
        .take_while(|line| !line.starts_with("-----"))
        .collect();
    let serial = lines[2];
    assert!(serial.starts_with("  Serial Number: "), "{serial}");
    assert_eq!(
        [&lines[..2], &lines[3..]].concat().join("\n"),
        "[
  Version: V3
  SignatureAlgorithm: SHA256withRSA (1.2.840.113549.1.1.11)
  Issuer Name: CN=fin-a.example.com, OU=Contact Centre, O=Example, L=San Jose, ST=CA, C=US
  Validity From: Tue Jun 22 04:00:00 PST 2021
           To:   Sun Jun 21 04:00:00 PST 2026
  Subject Name: CN=fin-a.example.com, OU=Contact Centre, O=Example, L=San Jose, ST=CA, C=US
  Key: RSA (1.2.840.113549.1.1.1)
  Extensions: 4 present
  [
     Extension: SubjectKeyIdentifier (OID.2.5.29.14)
     Critical: false
  ]
  [
     Extension: ExtKeyUsageSyntax (OID.2.5.29.37)
     Critical: false
     Usage oids: 1.3.6.1.5.5.7.3.1, 1.3.6.1.5.5.7.3.2, 1.3.6.1.5.5.7.3.5, 
  ]
  [
     Extension: KeyUsage (OID.2.5.29.15)
     Critical: false
     Digital Signature Key Encipherment Data Encipherment
  ]
  [
     Extension: SubjectAltName (OID.2.5.29.17)
     Critical: false
     SubjectAltName [
        fin-a.example.com (dNSName)
     ]
  ]
]
"
    );
    let begin = shown.find("-----BEGIN CERTIFICATE-----\n").unwrap();
    let pem = openssl::x509::X509::from_pem(&shown.as_bytes()[begin..]).unwrap();
    let number = pem.serial_number().to_bn().unwrap().to_hex_str().unwrap();
    assert_eq!(serial, format!("  Serial Number: {number}"));
    let file = format!("fin-a.example.com_{}.pem", number.to_lowercase());
    let listed = lf(&admin.command("show cert list trust"));
    assert!(
        listed.contains(&format!("tomcat-trust/{file}: Trust Certificate\n")),
        "{listed}"
    );
}
