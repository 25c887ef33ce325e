//! A thousand twins in one process, and one client for all of them; then how
//! long the command takes to start.
//!
//! `cargo bench -p cutover --bench twins -- --help`

#[path = "../common/mod.rs"]
mod common;
mod estate;
mod run;
mod startup;
mod visit;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use common::measure::{Cost, watched_if_asked};
use common::table::{circumstances, megabytes, save, table};
use estate::{Process, Twin};
use visit::{Phase, Visit};

/// Serves twins and visits them all at once.
#[derive(Parser)]
struct Options {
    /// Twins.
    #[arg(long, default_value_t = 1000)]
    twins: usize,
    /// Commands on each.
    #[arg(long, default_value_t = 10)]
    commands: usize,
    /// The cutover that starts; by default the one that was built along.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_cutover"))]
    cutover: PathBuf,
    /// Also put the figures into this page (from the repository's root).
    #[arg(long)]
    save: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    if watched_if_asked()? {
        return Ok(());
    }
    // Every listener and every connection is an open file.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1..) {
        Some([role, count]) if role == "serve" => estate::serve(count.parse()?),
        Some([role, folder, commands]) if role == "visit" => {
            let folder = Path::new(folder);
            let twins = serde_json::from_slice(&fs::read(folder.join("twins"))?)?;
            let visit = visit::run(twins, &folder.join(".ssh/known_hosts"), commands.parse()?)?;
            println!("{}", serde_json::to_string(&visit)?);
            Ok(())
        }
        _ => measure(&Options::parse()),
    }
}

fn measure(options: &Options) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("twins").tempdir()?;
    let process = Process::start(options.twins)?;
    write_known_hosts(&process.twins, folder.path())?;
    let visit = visit_from_outside(&process.twins, folder.path(), options.commands)?;
    let run = run::run(&options.cutover, &process.twins, folder.path(), options.commands)?;
    let report = report(options, &process, &visit, &run)?;
    println!("{report}");
    match &options.save {
        Some(file) => save(file, "Many twins, and start-up", &report),
        None => Ok(()),
    }
}

fn write_known_hosts(twins: &[Twin], home: &Path) -> Result<()> {
    let lines = twins
        .iter()
        .map(|twin| format!("[127.0.0.1]:{} {}\n", twin.port, twin.host_key));
    fs::create_dir_all(home.join(".ssh"))?;
    fs::write(home.join(".ssh/known_hosts"), lines.collect::<String>())?;
    Ok(())
}

fn visit_from_outside(twins: &[Twin], folder: &Path, commands: usize) -> Result<Visit> {
    fs::write(folder.join("twins"), serde_json::to_vec(twins)?)?;
    let output = Command::new(std::env::current_exe()?)
        .arg("visit")
        .arg(folder)
        .arg(commands.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the visit ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("the visit's answer")
}

fn report(options: &Options, process: &Process, visit: &Visit, run: &Cost) -> Result<String> {
    let (sessions, commands) = (options.twins, options.twins * options.commands);
    let memory = megabytes(visit.memory);
    let rows = [
        row(
            "cutover-reach: log in, to the prompt",
            visit.login,
            sessions,
            None,
        ),
        row("cutover-reach: commands", visit.commands, commands, Some(memory)),
        row(
            "`cutover run`: all of it",
            Phase {
                wall: run.wall,
                cpu: run.cpu,
            },
            commands,
            Some(megabytes(run.memory)),
        ),
    ];
    Ok(format!(
        "{}{} twins in one process ({:.0} MB), one client with all sessions open at once, `{}` {} times on \
         each.\n\n{}\n{}",
        circumstances(),
        options.twins,
        megabytes(process.memory()),
        visit::COMMAND,
        options.commands,
        table(&["", "wall, s", "CPU, s", "CPU of one, ms", "memory, MB"], &rows),
        startup::report(&options.cutover)?,
    ))
}

fn row(name: &str, phase: Phase, count: usize, memory: Option<f64>) -> Vec<String> {
    let cpu = phase.cpu.as_secs_f64();
    // Counts are far below where a float would round them.
    let each = cpu * 1e3 / count as f64;
    vec![
        name.to_owned(),
        format!("{:.2}", phase.wall.as_secs_f64()),
        format!("{cpu:.2}"),
        format!("{each:.3}"),
        memory.map_or_else(String::new, |memory| format!("{memory:.0}")),
    ]
}
