//! The real `openssl` and `keytool`, run in a folder of their own.

use std::path::Path;
use std::process::{Command, Output};

/// A folder that goes away with the test.
pub(crate) struct Tools {
    folder: tempfile::TempDir,
}

impl Tools {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs `openssl` with these arguments, split at blanks; fails the test if it fails.
    #[track_caller]
    pub(crate) fn openssl(&self, arguments: &str) -> String {
        self.run("openssl", &arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs `keytool` in the same way, with a password for its stores.
    #[track_caller]
    pub(crate) fn keytool(&self, arguments: &str) -> String {
        let mut all: Vec<&str> = arguments.split_whitespace().collect();
        all.extend(["-storepass", "changeit", "-keypass", "changeit"]);
        self.run("keytool", &all)
    }

    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.output(program, arguments);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {stdout}{stderr}"
        );
        stdout
    }

    pub(crate) fn output(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .current_dir(self.folder())
            .output()
            .unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.folder().join(name), bytes).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder().join(name)).unwrap()
    }
}
