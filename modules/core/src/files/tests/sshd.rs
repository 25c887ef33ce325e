//! A real OpenSSH server on loopback, so that the stories of files go over a real connection too.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cutover_kit::Clock;
use cutover_kit::session::{Credential, Endpoint, HostKeyPolicy, SshSettings};
use cutover_kit::timing::Timing;
use cutover_reach::Reacher;
use tempfile::TempDir;

use crate::posix::PosixConnection;

/// Ends with its owner.
pub(super) struct Sshd {
    folder: TempDir,
    port: u16,
    daemon: Child,
}

impl Sshd {
    pub(super) fn start() -> Self {
        // Between finding a free port and taking it another program may be faster.
        (0..5)
            .find_map(|_| Self::tried())
            .expect("sshd did not start; is openssh-server installed?")
    }

    fn tried() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        for key in ["host", "user"] {
            keygen(&folder.path().join(key));
        }
        std::fs::copy(folder.path().join("user.pub"), folder.path().join("authorized")).unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = [
            format!("HostKey {}", path("host")),
            format!("Port {port}"),
            "ListenAddress 127.0.0.1".into(),
            format!("PidFile {}", path("pid")),
            format!("AuthorizedKeysFile {}", path("authorized")),
            "StrictModes no".into(),
            "UsePAM no".into(),
            "PasswordAuthentication no".into(),
            "PermitRootLogin yes".into(),
        ];
        std::fs::write(folder.path().join("config"), config.join("\n")).unwrap();
        // Where sshd keeps its unprivileged half; packages create it at boot. Only root can, and must.
        let _ = std::fs::create_dir_all("/run/sshd");
        let daemon = Command::new("/usr/sbin/sshd")
            .args(["-D", "-f", &path("config"), "-E", &path("log")])
            .stdin(Stdio::null())
            .spawn()
            .ok()?;
        let mut it = Self { folder, port, daemon };
        it.listens().then_some(it)
    }

    fn listens(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            if log.contains("Server listening") {
                return true;
            }
            if self.daemon.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    pub(super) fn connection(&self) -> PosixConnection {
        let settings = SshSettings {
            name: "box".into(),
            endpoint: Endpoint::new("127.0.0.1", self.port),
            user: me(),
            credential: Credential::Key {
                file: self.folder.path().join("user"),
                passphrase: None,
            },
            host_keys: HostKeyPolicy::Off,
            legacy: false,
            timing: Timing::real(),
        };
        PosixConnection::new(settings, Arc::new(Reacher::new(Arc::new(Real(Instant::now())))))
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn keygen(file: &Path) {
    let done = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(file)
        .stdin(Stdio::null())
        .status();
    assert!(done.expect("ssh-keygen").success());
}

fn me() -> String {
    let output = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The real clock.
struct Real(Instant);

#[async_trait]
impl Clock for Real {
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
