//! The Python tools that cutover is measured against, in an environment of
//! their own under the build folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Where they are, and which versions; `None` for one that cannot be had.
pub(crate) struct Peers {
    folder: PathBuf,
    /// ansible-core's version.
    pub(crate) ansible: Option<String>,
    /// pyinfra's version.
    pub(crate) pyinfra: Option<String>,
}

impl Peers {
    /// Installs what is missing, and says so where that fails.
    pub(crate) fn find() -> Result<Self> {
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(3).context("no build folder")?;
        let folder = target.join("bench-venv");
        Ok(Self {
            ansible: package(&folder, "ansible-core"),
            pyinfra: package(&folder, "pyinfra"),
            folder,
        })
    }

    /// One of the environment's programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// The version of a package, which is installed where it is not there.
fn package(folder: &Path, name: &str) -> Option<String> {
    if let Some(version) = version(folder, name) {
        return Some(version);
    }
    eprintln!("installing {name} ...");
    match install(folder, name) {
        Ok(()) => version(folder, name),
        Err(error) => {
            eprintln!("{name} is left out: {error:#}");
            None
        }
    }
}

fn version(folder: &Path, name: &str) -> Option<String> {
    let question = format!("from importlib.metadata import version; print(version('{name}'))");
    let output = Command::new(folder.join("bin/python"))
        .args(["-c", &question])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !version.is_empty()).then_some(version)
}

fn install(folder: &Path, name: &str) -> Result<()> {
    if !folder.join("bin/python").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    }
    run(Command::new(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", name]))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_owned();
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| program.display().to_string())?;
    ensure!(status.success(), "{} ended with {status}", program.display());
    Ok(())
}
