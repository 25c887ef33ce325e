//! A real OpenSSH server in a folder of its own, and what tests ask of it.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cutover_kit::clock::Clock;
use cutover_kit::session::{Credential, Endpoint, HostKeyPolicy, SshSettings};
use cutover_kit::timing::Timing;
use cutover_reach::Reacher;
use tempfile::TempDir;

/// The real clock.
pub(crate) struct RealClock(Instant);

impl RealClock {
    pub(crate) fn shared() -> Arc<dyn Clock> {
        Arc::new(Self(Instant::now()))
    }
}

#[async_trait]
impl Clock for RealClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// An sshd on loopback, run by whoever runs the tests.
pub(crate) struct Sshd {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    daemon: Child,
}

/// What a server is started with.
#[derive(Default)]
pub(crate) struct Setup {
    /// Lines of `sshd_config`, before the defaults.
    pub(crate) lines: Vec<String>,
    /// Key types of the host keys; one ed25519 key where empty.
    pub(crate) host_keys: Vec<&'static str>,
}

impl Sshd {
    pub(crate) fn start() -> Self {
        Self::with(&Setup::default())
    }

    pub(crate) fn with(setup: &Setup) -> Self {
        // Between finding a free port and taking it another program may be faster.
        (0..5)
            .find_map(|_| Self::try_with(setup))
            .expect("sshd did not start; is openssh-server installed?")
    }

    fn try_with(setup: &Setup) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|it| it.local_addr())
            .expect("a port")
            .port();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let types = if setup.host_keys.is_empty() {
            &["ed25519"][..]
        } else {
            &setup.host_keys
        };
        let mut config = setup.lines.clone();
        for key_type in types {
            keygen(&folder.path().join(format!("host_{key_type}")), key_type, "");
            config.push(format!("HostKey {}", path(&format!("host_{key_type}"))));
        }
        keygen(&folder.path().join("user"), "ed25519", "");
        std::fs::copy(
            folder.path().join("user.pub"),
            folder.path().join("authorized_keys"),
        )
        .expect("a copy");
        config.extend([
            format!("Port {port}"),
            "ListenAddress 127.0.0.1".into(),
            format!("PidFile {}", path("pid")),
            format!("AuthorizedKeysFile {}", path("authorized_keys")),
            "StrictModes no".into(),
            "UsePAM no".into(),
            "PasswordAuthentication no".into(),
            "KbdInteractiveAuthentication no".into(),
            "PermitRootLogin yes".into(),
            "MaxStartups 1000".into(),
            "MaxSessions 100".into(),
            "LogLevel VERBOSE".into(),
            // Whatever the account's shell would read at its start, and be slowed by.
            format!("SetEnv HOME={}", path("")),
        ]);
        std::fs::write(folder.path().join("config"), config.join("\n")).expect("a config");
        if is_root() {
            // Where sshd keeps its unprivileged half; packages create it at boot.
            std::fs::create_dir_all("/run/sshd").expect("/run/sshd");
        }
        let daemon = Command::new("/usr/sbin/sshd")
            .args(["-D", "-f", &path("config"), "-E", &path("log")])
            .stdin(Stdio::null())
            .spawn()
            .ok()?;
        let mut server = Self {
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            daemon,
        };
        server.is_up().then_some(server)
    }

    /// sshd writes its log before it accepts; a connection tells for sure.
    fn is_up(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if self.log().contains("Server listening") {
                return true;
            }
            if self.daemon.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The log, once it holds `text`.
    pub(crate) async fn log_with(&self, text: &str) -> String {
        eventually(|| self.log().contains(text)).await;
        self.log()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::new("127.0.0.1", self.address.port())
    }

    /// A host key as `known_hosts` spells it.
    pub(crate) fn host_key(&self, key_type: &str) -> String {
        let text = std::fs::read_to_string(self.path(&format!("host_{key_type}.pub"))).expect("a key");
        text.split_ascii_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The line of `known_hosts` for this server.
    pub(crate) fn known_line(&self, key_type: &str) -> String {
        format!(
            "[127.0.0.1]:{} {}\n",
            self.address.port(),
            self.host_key(key_type)
        )
    }

    /// Settings that log in by key, with host keys unchecked.
    pub(crate) fn settings(&self) -> SshSettings {
        SshSettings {
            name: "server".into(),
            endpoint: self.endpoint(),
            user: me(),
            credential: Credential::Key {
                file: self.path("user"),
                passphrase: None,
            },
            host_keys: HostKeyPolicy::Off,
            legacy: false,
            timing: Timing::fast(),
        }
    }

    /// Signals the server's processes for sessions, which are its children.
    pub(crate) fn signal_sessions(&self, signal: &str) {
        let parent = self.daemon.id().to_string();
        let done = Command::new("pkill").args([signal, "-P", &parent]).status();
        assert!(done.expect("pkill").success(), "no session to signal");
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // Stopped sessions would outlive the listener.
        let parent = self.daemon.id().to_string();
        let _ = Command::new("pkill").args(["-KILL", "-P", &parent]).status();
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

pub(crate) fn keygen(file: &Path, key_type: &str, passphrase: &str) {
    let bits: &[&str] = if key_type == "rsa" { &["-b", "2048"] } else { &[] };
    let done = Command::new("ssh-keygen")
        .args(["-q", "-t", key_type, "-N", passphrase, "-C", "", "-f"])
        .arg(file)
        .args(bits)
        .stdin(Stdio::null())
        .status();
    assert!(done.expect("ssh-keygen").success());
}

pub(crate) fn is_root() -> bool {
    id("-u") == "0"
}

pub(crate) fn me() -> String {
    id("-un")
}

fn id(option: &str) -> String {
    let output = Command::new("id").arg(option).output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub(crate) fn reacher() -> Reacher {
    Reacher::new(RealClock::shared())
}

pub(crate) async fn eventually(mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come about within thirty seconds");
}
