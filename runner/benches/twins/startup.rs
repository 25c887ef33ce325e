//! How long the command takes to start.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::common::table::{Spread, table};

/// Starts of each.
const GOES: usize = 20;

/// Each as often as the others, in turn; `true` shows what the system itself takes.
pub(crate) fn report(cutover: &Path) -> Result<String> {
    let commands: [(&str, &Path, &[&str]); 3] = [
        ("`true`", Path::new("true"), &[]),
        ("`cutover --version`", cutover, &["--version"]),
        ("`cutover rehearse --help`", cutover, &["rehearse", "--help"]),
    ];
    let mut times = vec![Vec::new(); commands.len()];
    for _ in 0..GOES {
        for ((_, program, arguments), times) in commands.iter().zip(&mut times) {
            times.push(start(program, arguments)?);
        }
    }
    let rows: Vec<_> = commands
        .iter()
        .zip(times)
        .map(|((name, ..), times)| vec![(*name).to_owned(), Spread::of(times).shown(1)])
        .collect();
    Ok(format!(
        "Start-up, {GOES} goes in turn, from start to end, median (least–most).\n\n{}",
        table(&["", "wall, ms"], &rows)
    ))
}

fn start(program: &Path, arguments: &[&str]) -> Result<f64> {
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()?;
    let took = started.elapsed();
    ensure!(status.success(), "{} ended with {status}", program.display());
    Ok(took.as_secs_f64() * 1e3)
}
