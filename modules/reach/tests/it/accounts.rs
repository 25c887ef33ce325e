//! A throw-away account of this system, for logins by password.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Credential, SshSettings};

use crate::support::{Sshd, is_root};

/// Removed again when dropped.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: &'static str,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Account {
    /// A new account; `None`, loudly, where only root could make one. In CI
    /// that is a failure.
    pub(crate) fn create() -> Option<Self> {
        if !is_root() {
            assert!(
                std::env::var_os("CI").is_none(),
                "logins by password need root in CI"
            );
            eprintln!("SKIPPED: a login by password needs an account, and root to make it");
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cutover-{}-{number}", std::process::id());
        patiently(
            &[
                "useradd",
                "--no-create-home",
                "--home-dir",
                "/",
                "--shell",
                "/bin/sh",
                &name,
            ],
            "",
        );
        let account = Self {
            name,
            password: "correct horse 1",
        };
        patiently(&["chpasswd"], &format!("{}:{}\n", account.name, account.password));
        Some(account)
    }

    /// Has the next login change the password.
    pub(crate) fn expire(&self) {
        patiently(&["chage", "--lastday", "0", &self.name], "");
    }

    pub(crate) fn on(&self, server: &Sshd, password: &str) -> SshSettings {
        SshSettings {
            user: self.name.clone(),
            credential: Credential::Password(Secret::new(password, Origin::Argument)),
            ..server.settings()
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        patiently(&["userdel", "--force", &self.name], "");
    }
}

/// Other tests hold the account files' lock for moments.
fn patiently(command: &[&str], input: &str) {
    for _ in 0..20 {
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the tools for accounts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(input.as_bytes()).expect("to be read");
        drop(stdin);
        if child.wait().expect("an end").success() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{command:?} did not work");
}
