//! One OpenSSH server for all addresses of 127.0.0.0/8.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// A server in a folder of its own. Stopped when dropped.
pub(crate) struct Sshd {
    folder: PathBuf,
    daemon: Child,
    /// Where it listens.
    pub(crate) port: u16,
}

impl Sshd {
    /// Starts one in `folder`, which takes the key `user` in it.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        keygen(&folder.join("host"))?;
        keygen(&folder.join("user"))?;
        if is_root() {
            // Where sshd keeps its unprivileged half; packages create it at boot.
            fs::create_dir_all("/run/sshd")?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        fs::write(folder.join("sshd_config"), config(folder, port))?;
        let daemon = Command::new("/usr/sbin/sshd")
            .arg("-D")
            .arg("-f")
            .arg(folder.join("sshd_config"))
            .arg("-E")
            .arg(folder.join("log"))
            .stdin(Stdio::null())
            .spawn()
            .context("sshd; is openssh-server installed?")?;
        let mut server = Self {
            folder: folder.to_owned(),
            daemon,
            port,
        };
        server.wait_until_up()?;
        Ok(server)
    }

    fn wait_until_up(&mut self) -> Result<()> {
        let begin = Instant::now();
        while !self.log().contains("Server listening") {
            if self.daemon.try_wait()?.is_some() || begin.elapsed() > Duration::from_secs(20) {
                bail!("sshd did not start: {}", self.log());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// How many commands it has been asked to run so far.
    pub(crate) fn commands(&self) -> usize {
        self.log().matches("Starting session: command").count()
    }

    /// The lines of `known_hosts` for `addresses`.
    pub(crate) fn known_hosts<'a>(&self, addresses: impl Iterator<Item = &'a str>) -> Result<String> {
        let key = fs::read_to_string(self.folder.join("host.pub"))?;
        let port = self.port;
        Ok(addresses
            .map(|address| format!("[{address}]:{port} {key}"))
            .collect())
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// `rdomain lo` ties the listener to the loopback interface: all of
/// 127.0.0.0/8, and nobody from outside. A home of its own keeps what the user's
/// shell may read at its start out of the figures.
fn config(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "\
ListenAddress 0.0.0.0:{port} rdomain lo
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
SetEnv HOME={folder}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
MaxStartups 1000
MaxSessions 100
LogLevel VERBOSE
"
    )
}

fn keygen(file: &Path) -> Result<()> {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
        .arg(file)
        .stdin(Stdio::null())
        .status()
        .context("ssh-keygen")?;
    ensure!(status.success(), "ssh-keygen ended with {status}");
    Ok(())
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}
