//! cutover in the circumstances in which a case was recorded.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::case::{Case, Ended};
use crate::text;

/// Runs the case in a folder of its own, and gives how it ended together with all it said.
pub(crate) fn run(case: &Case) -> anyhow::Result<(Ended, String)> {
    let root = tempfile::Builder::new().prefix("case-").tempdir()?;
    let place = root.path().canonicalize()?;
    lay_out(case, &place)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cutover"));
    command
        .arg("run")
        .arg(case.path.file_name().unwrap_or_default())
        .current_dir(&place)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", place.join("home"))
        .env("USER", "engineer")
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .env("CUTOVER_STATE", place.join("home/state"))
        .envs(case.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    let given = |option: &str| case.args.iter().any(|word| word == option);
    if !given("-f") {
        command.args(["-f", "1"]);
    }
    if !given("-i") {
        command.args(["-i", "hosts.yml"]);
    }
    let output = command.args(&case.args).output()?;
    let said = |bytes: &[u8]| text::masked(&String::from_utf8_lossy(bytes), &place);
    let err = said(&output.stderr);
    let begins = |words: [&str; 2]| {
        let mut lines = err.lines();
        lines.any(|line| words.iter().any(|word| line.starts_with(word)))
    };
    let ended = Ended {
        code: format!("exit {}", output.status.code().unwrap_or(-1)),
        warned: begins(["warning", "[WARNING]"]),
        erred: begins(["error", "[ERROR]"]),
        out: said(&output.stdout),
    };
    Ok((ended, err))
}

fn lay_out(case: &Case, place: &Path) -> anyhow::Result<()> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ansible/hosts.yml");
    std::fs::copy(shared, place.join("hosts.yml"))?;
    if let Some(own) = case.folder() {
        copy_over(&own, place)?;
    }
    let is_mark = |line: &&str| {
        ["# differs:", "# not-yet:"]
            .iter()
            .any(|mark| line.starts_with(mark))
    };
    let text = std::fs::read_to_string(&case.path)?;
    let unmarked: String = text.split_inclusive('\n').filter(|line| !is_mark(line)).collect();
    std::fs::write(place.join(case.path.file_name().unwrap_or_default()), unmarked)?;
    std::fs::create_dir_all(place.join("home"))?;
    Ok(())
}

/// Copies what a folder holds, links as links.
fn copy_over(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, target)?;
        } else if kind.is_dir() {
            copy_over(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
