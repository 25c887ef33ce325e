//! Host keys of a real server against `known_hosts`, under each policy.

use std::path::PathBuf;

use cutover_kit::session::{DialError, Dialer, HostKeyPolicy, SshSettings};
use cutover_reach::Reacher;

use crate::support::{RealClock, Setup, Sshd};

fn knowing(file: PathBuf) -> Reacher {
    Reacher::new(RealClock::shared()).known_hosts(vec![file])
}

fn checking(server: &Sshd, host_keys: HostKeyPolicy) -> SshSettings {
    SshSettings {
        host_keys,
        ..server.settings()
    }
}

async fn refusal(reacher: &Reacher, settings: &SshSettings) -> DialError {
    match reacher.dial(settings).await {
        Ok(_) => panic!("the server was let in"),
        Err(error) => error,
    }
}

fn fingerprint(server: &Sshd, name: &str) -> String {
    let output = std::process::Command::new("ssh-keygen")
        .args(["-l", "-f"])
        .arg(server.path(name))
        .output()
        .expect("ssh-keygen");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split(' ').nth(1).expect("a fingerprint").to_owned()
}

#[tokio::test]
async fn an_unknown_key_is_refused_when_strict_and_nothing_is_written() {
    let server = Sshd::start();
    let known_hosts = server.path("known_hosts");
    let error = refusal(
        &knowing(known_hosts.clone()),
        &checking(&server, HostKeyPolicy::Strict),
    )
    .await;
    assert_eq!(
        error,
        DialError::HostKeyUnknown {
            endpoint: server.endpoint(),
            fingerprint: format!("ssh-ed25519 {}", fingerprint(&server, "host_ed25519")),
        }
    );
    assert!(!known_hosts.exists());
}

#[tokio::test]
async fn a_new_key_is_written_down_once_and_known_from_then_on() {
    let server = Sshd::start();
    let known_hosts = server.path("new/folder/known_hosts");
    let reacher = knowing(known_hosts.clone());
    let accepting = checking(&server, HostKeyPolicy::AcceptNew);
    let (first, second) = tokio::join!(reacher.dial(&accepting), reacher.dial(&accepting));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(
        std::fs::read_to_string(&known_hosts).unwrap(),
        server.known_line("ed25519")
    );
    assert_eq!(mode(&known_hosts), 0o600);
    assert_eq!(mode(&server.path("new/folder")), 0o700);
    assert!(
        reacher
            .dial(&checking(&server, HostKeyPolicy::Strict))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_changed_key_is_refused_and_the_line_that_says_so_is_named() {
    let server = Sshd::start();
    let other = Sshd::start();
    let known_hosts = server.path("known_hosts");
    let line = format!(
        "# a comment\n\n[127.0.0.1]:{} {}\n",
        server.address.port(),
        other.host_key("ed25519")
    );
    std::fs::write(&known_hosts, line).unwrap();
    for policy in [HostKeyPolicy::Strict, HostKeyPolicy::AcceptNew] {
        let error = refusal(&knowing(known_hosts.clone()), &checking(&server, policy)).await;
        assert_eq!(
            error.to_string(),
            format!(
                "the host key of {} has CHANGED (ssh-ed25519 {}); {}:3 has ssh-ed25519 {}; \
                 if the host was set up anew, take that line out",
                server.endpoint(),
                fingerprint(&server, "host_ed25519"),
                known_hosts.display(),
                fingerprint(&other, "host_ed25519"),
            )
        );
    }
    assert!(
        knowing(known_hosts)
            .dial(&checking(&server, HostKeyPolicy::Off))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_revoked_key_is_refused() {
    let server = Sshd::start();
    let known_hosts = server.path("known_hosts");
    let text = format!(
        "{0}@revoked * {1}\n",
        server.known_line("ed25519"),
        server.host_key("ed25519")
    );
    std::fs::write(&known_hosts, text).unwrap();
    let error = refusal(
        &knowing(known_hosts.clone()),
        &checking(&server, HostKeyPolicy::Strict),
    )
    .await;
    let told = matches!(&error, DialError::HostKeyChanged { known, .. }
        if *known == format!("{}:2 revokes it", known_hosts.display()));
    assert!(told, "{error}");
}

/// A server shows one of its keys only: the one that is known has to be asked for.
#[tokio::test]
async fn of_several_keys_the_known_one_is_asked_for() {
    let server = Sshd::with(&Setup {
        host_keys: vec!["ed25519", "ecdsa", "rsa"],
        ..Setup::default()
    });
    for key_type in ["rsa", "ecdsa", "ed25519"] {
        let known_hosts = server.path(&format!("known_{key_type}"));
        std::fs::write(&known_hosts, server.known_line(key_type)).unwrap();
        let link = knowing(known_hosts)
            .dial(&checking(&server, HostKeyPolicy::Strict))
            .await
            .unwrap();
        assert_eq!(link.host_key(), server.host_key(key_type));
    }
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}
