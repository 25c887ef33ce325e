//! Old servers, and many of them.

use std::sync::Arc;
use std::time::Duration;

use cutover_kit::session::{DialError, Dialer, Endpoint, Exec, SshSettings};
use cutover_reach::{AddressMap, Reacher, TcpTransport};

use crate::support::{RealClock, Setup, Sshd, eventually, keygen, reacher};

/// What a RHEL-6-era VOS node speaks, and nothing else.
fn old() -> Sshd {
    let lines = [
        "KexAlgorithms diffie-hellman-group14-sha1",
        "HostKeyAlgorithms ssh-rsa",
        "Ciphers aes128-cbc",
        "MACs hmac-sha1",
        "PubkeyAcceptedAlgorithms +ssh-rsa",
    ];
    let server = Sshd::with(&Setup {
        lines: lines.map(str::to_owned).into(),
        host_keys: vec!["rsa"],
    });
    std::fs::remove_file(server.path("user")).expect("the key made at first");
    keygen(&server.path("user"), "rsa", "");
    std::fs::copy(server.path("user.pub"), server.path("authorized_keys")).expect("a copy");
    server
}

#[tokio::test]
async fn an_old_server_is_reached_with_old_algorithms_only_on_request() {
    let server = old();
    let settings = server.settings();
    let error = reacher().dial(&settings).await.err().unwrap();
    let DialError::Algorithms { offered, .. } = &error else {
        panic!("{error}");
    };
    for part in [
        "key exchange: server offers diffie-hellman-group14-sha1",
        "host key: server offers ssh-rsa, we offer ssh-ed25519,",
        "cipher: server offers aes128-cbc, we offer ",
        "MAC: server offers hmac-sha1, we offer ",
        "(SSH-2.0-OpenSSH_",
        "`ssh_legacy: true` on this host would allow what it offers",
    ] {
        assert!(offered.contains(part), "{part}: {offered}");
    }
    let legacy = SshSettings {
        legacy: true,
        ..settings
    };
    let mut link = reacher().dial(&legacy).await.unwrap();
    let command = Exec {
        command: "echo old".into(),
        ..Exec::default()
    };
    assert_eq!(link.exec(&command).await.unwrap().stdout, b"old\n");
}

/// One server stands for all hosts: what is measured is this side. Threads are
/// counted in the whole process, which nextest gives to each test alone.
#[test]
fn fifty_hosts_run_ten_commands_each_on_a_handful_of_threads() {
    let server = Sshd::start();
    let hosts: Vec<_> = (0..50)
        .map(|number| Endpoint::new(format!("host{number}"), 22))
        .collect();
    let map: AddressMap = hosts.iter().map(|host| (host.clone(), server.address)).collect();
    let clock = RealClock::shared();
    let transport = TcpTransport::new(Arc::clone(&clock)).mapped(map).loopback_only();
    let reacher = Arc::new(Reacher::new(clock).through(Arc::new(transport)));
    let (workers, beside) = (2, 2);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(beside)
        .enable_all()
        .build()
        .unwrap();
    let before = threads();
    let most = runtime.block_on(async {
        let mut settings = server.settings();
        settings.timing.handshake = Duration::from_secs(60);
        let tasks: Vec<_> = hosts
            .into_iter()
            .map(|endpoint| {
                let settings = SshSettings {
                    name: endpoint.host.clone(),
                    endpoint,
                    ..settings.clone()
                };
                tokio::spawn(ten_commands(Arc::clone(&reacher), settings))
            })
            .collect();
        let mut most = 0;
        for task in tasks {
            most = most.max(task.await.unwrap());
        }
        most
    });
    // The workers stood when they were counted first.
    assert!(most <= before + beside, "{most} threads, {before} before");
    assert_eq!(server.log().matches("Accepted publickey").count(), 50);
}

async fn ten_commands(reacher: Arc<Reacher>, settings: SshSettings) -> usize {
    let mut link = reacher.dial(&settings).await.unwrap();
    for number in 0..10 {
        let command = Exec {
            command: format!("echo {} {number}", settings.name),
            ..Exec::default()
        };
        let executed = link.exec(&command).await.unwrap();
        assert_eq!(
            executed.stdout,
            format!("{} {number}\n", settings.name).as_bytes()
        );
    }
    let threads = threads();
    link.close().await;
    threads
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux").count()
}

#[tokio::test]
async fn an_idle_connection_is_kept_where_the_server_hangs_up_on_silence() {
    let lines = ["ClientAliveInterval 1", "ClientAliveCountMax 4"];
    let server = Sshd::with(&Setup {
        lines: lines.map(str::to_owned).into(),
        ..Setup::default()
    });
    let mut settings = server.settings();
    settings.timing.keepalive = Duration::from_millis(500);
    let mut kept = reacher().dial(&settings).await.unwrap();
    settings.timing.keepalive = Duration::ZERO;
    let silent = reacher().dial(&settings).await.unwrap();
    eventually(|| !silent.alive()).await;
    assert!(kept.alive(), "{}", server.log());
    let command = Exec {
        command: "echo still here".into(),
        ..Exec::default()
    };
    assert_eq!(kept.exec(&command).await.unwrap().stdout, b"still here\n");
}
