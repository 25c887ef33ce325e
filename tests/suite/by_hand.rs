//! A real run, not a rehearsal, with a CA that people work with by hand. Twins
//! stand in for the devices at addresses that the inventory itself names.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::running::Running;
use crate::support::{Place, workspace};

const TWIN: &str = "\
all:
  hosts:
    vvb-1: {platform: vos, product: vvb, fqdn: vvb-1.example.com, ansible_user: administrator}
";

fn openssl(folder: &Path, words: &str) {
    let output = Command::new("openssl")
        .args(shell_words::split(words).unwrap())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The inventory of a real run that leads to the twin in `table`.
fn inventory(table: &str, work: &Path) -> String {
    let port = |pattern: &str| Regex::new(pattern).unwrap().captures(table).unwrap()[1].to_owned();
    let (ssh, tls) = (port(r"ssh -p (\d+)"), port(r"port 8443 is 127\.0\.0\.1:(\d+)"));
    format!(
        "\
all:
  hosts:
    vvb-1:
      platform: vos
      product: vvb
      fqdn: vvb-1.example.com
      ansible_host: 127.0.0.1
      ansible_port: {ssh}
      tls_ports: [{tls}]
      ansible_user: administrator
      ansible_password: whatever
      timing: fast
      backup_confirmed: true
      ca: {{chain: ca.pem}}
      work: {}
",
        work.display()
    )
}

#[test]
fn the_run_waits_for_the_answer_and_goes_on_with_the_same_request() {
    let place = Place::new().file("twins.yml", TWIN);
    let (files, work) = (place.files(), place.files().join("work"));
    let mut twins = Running::of(place.cutover("twins -i twins.yml").start());
    twins.until("any will do");

    std::fs::write(files.join("hosts.yml"), inventory(&twins.so_far(), &work)).unwrap();
    let known_hosts = Regex::new("UserKnownHostsFile=(\\S+)").unwrap();
    let known_hosts = known_hosts.captures(&twins.so_far()).unwrap()[1].to_owned();
    std::fs::create_dir(place.home().join(".ssh")).unwrap();
    std::fs::copy(known_hosts, place.home().join(".ssh/known_hosts")).unwrap();
    openssl(
        &files,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj '/CN=Corporate Root' \
         -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
    );

    let playbook = workspace().join("playbooks/vos-tomcat.yml");
    let run = format!("run {} -i hosts.yml", playbook.display());
    let asked = place.cutover(&run).ends_with(3);
    assert!(asked.after_recap().contains("waiting for: "), "{asked}");
    let request = std::fs::read(work.join("csr/vvb-1.csr")).unwrap();

    openssl(
        &files,
        "x509 -req -in work/csr/vvb-1.csr -CA ca.pem -CAkey ca.key -days 100 -copy_extensions copyall \
         -outform DER -out answer.cer",
    );
    std::fs::create_dir_all(work.join("signed")).unwrap();
    std::fs::rename(files.join("answer.cer"), work.join("signed/from the CA (1).cer")).unwrap();
    let done = place.cutover(&run).ends_with(0);
    insta::assert_snapshot!(done.on("vvb-1"));
    assert_eq!(std::fs::read(work.join("csr/vvb-1.csr")).unwrap(), request);

    let again = place.cutover(&run).ends_with(0);
    assert!(again.recap().contains("changed=0 "), "{again}");
    twins.interrupt();
    assert_eq!(twins.end(&place).0, Some(0));
}
