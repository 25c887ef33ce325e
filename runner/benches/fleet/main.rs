//! cutover beside what else runs commands on many hosts: the same course, one
//! sshd, one after the other, several rounds, ratios to a bare ssh2 loop.
//!
//! `cargo bench -p cutover --bench fleet -- --help`

mod bare;
#[path = "../common/mod.rs"]
mod common;
mod contestants;
mod course;
mod peers;
mod reach;
mod sshd;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use common::measure::{Cost, cost, watched_if_asked};
use common::table::{Spread, circumstances, megabytes, save, table};
use contestants::Contestant;
use course::Course;
use peers::Peers;
use sshd::Sshd;

/// Runs the same commands on the same hosts with cutover and its peers.
#[derive(Parser)]
struct Options {
    /// Hosts.
    #[arg(long, default_value_t = 100)]
    hosts: u16,
    /// Commands on each host.
    #[arg(long, default_value_t = 10)]
    commands: usize,
    /// Hosts worked on at once.
    #[arg(long, default_value_t = 25)]
    width: usize,
    /// Times that everybody runs.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Times that others than cutover and the bare loop run: some take minutes.
    #[arg(long, default_value_t = 1)]
    peer_rounds: usize,
    /// Only these, and the bare loop: reach, cutover, ansible, pyinfra, ssh.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The cutover that runs; by default the one that was built along.
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
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1..) {
        Some([role, file]) if role == "bare" => bare::run(&course_of(file)?),
        Some([role, file]) if role == "reach" => reach::run(&course_of(file)?),
        _ => compare(&Options::parse()),
    }
}

fn course_of(file: &str) -> Result<Course> {
    Ok(serde_json::from_slice(&fs::read(file)?)?)
}

fn compare(options: &Options) -> Result<()> {
    let peers = Peers::find()?;
    let folder = tempfile::Builder::new().prefix("fleet").tempdir()?;
    let sshd = Sshd::start(folder.path())?;
    let course = course(options, &sshd, folder.path())?;
    let mut lanes: Vec<Lane> = contestants::all(&course, folder.path(), &options.cutover, &peers)?
        .into_iter()
        .filter(|it| {
            it.word == "bare" || options.only.is_empty() || options.only.iter().any(|only| only == it.word)
        })
        .map(Lane::new)
        .collect();
    for round in 1..=options.rounds {
        let due = |lane: &&mut Lane| lane.contestant.is_ours() || round <= options.peer_rounds;
        for lane in lanes.iter_mut().filter(due) {
            lane.go(round, &course, &sshd, folder.path());
        }
    }
    let report = report(&course, options, &lanes)?;
    println!("{report}");
    match &options.save {
        Some(file) => save(file, TITLE, &report),
        None => Ok(()),
    }
}

fn course(options: &Options, sshd: &Sshd, folder: &Path) -> Result<Course> {
    let course = Course {
        hosts: options.hosts,
        commands: options.commands,
        width: options.width,
        port: sshd.port,
        user: nix::unistd::User::from_uid(nix::unistd::geteuid())?
            .context("an account without a name")?
            .name,
        key: folder.join("user"),
        known_hosts: folder.join(".ssh/known_hosts"),
    };
    let hosts = course.hosts();
    let known = sshd.known_hosts(hosts.iter().map(|host| host.address.as_str()))?;
    fs::create_dir_all(folder.join(".ssh"))?;
    fs::write(&course.known_hosts, known)?;
    Ok(course)
}

/// A contestant with its results.
struct Lane {
    contestant: Contestant,
    results: Vec<Go>,
    /// Why it is out of the race.
    out: Option<String>,
}

/// One go over the course.
struct Go {
    cost: Cost,
    /// Commands that the server was asked to run.
    commands: usize,
}

impl Lane {
    fn new(contestant: Contestant) -> Self {
        Self {
            contestant,
            results: Vec::new(),
            out: None,
        }
    }

    fn go(&mut self, round: usize, course: &Course, sshd: &Sshd, folder: &Path) {
        if self.out.is_some() {
            return;
        }
        let name = &self.contestant.name;
        match race(&self.contestant.command, course, sshd, folder) {
            Ok(go) => {
                eprintln!("round {round}: {name}: {:.2} s", go.cost.wall.as_secs_f64());
                self.results.push(go);
            }
            Err(error) => {
                eprintln!("{name} is left out: {error:#}");
                self.out = Some(format!("{error:#}"));
            }
        }
    }

    fn of(&self, figure: impl Fn(&Go) -> f64) -> Option<Spread> {
        let done = self.out.is_none() && !self.results.is_empty();
        done.then(|| Spread::of(self.results.iter().map(figure)))
    }
}

fn race(command: &Command, course: &Course, sshd: &Sshd, folder: &Path) -> Result<Go> {
    let before = sshd.commands();
    let cost = cost(command, &folder.join("said"))?;
    let commands = sshd.commands() - before;
    let wanted = usize::from(course.hosts) * course.commands;
    ensure!(
        commands >= wanted,
        "it ran {commands} commands instead of {wanted}"
    );
    Ok(Go { cost, commands })
}

const TITLE: &str = "Commands on many hosts";

fn report(course: &Course, options: &Options, lanes: &[Lane]) -> Result<String> {
    let head = [
        "",
        "wall, s",
        "×",
        "CPU, s",
        "×",
        "memory, MB",
        "×",
        "commands on the server",
    ];
    let bare = lanes.first().context("no yardstick")?;
    let mut rows = Vec::new();
    for lane in lanes.iter().filter(|lane| lane.out.is_none()) {
        let mut row = vec![lane.contestant.name.clone()];
        for (figure, digits) in FIGURES {
            let (own, yardstick) = (lane.of(figure), bare.of(figure));
            let (own, yardstick) = (
                own.context("no result")?,
                yardstick.context("the yardstick failed")?,
            );
            row.push(own.shown(digits));
            row.push(format!("{:.2}", own.median / yardstick.median));
        }
        row.push(
            lane.results
                .last()
                .map_or_else(String::new, |go| go.commands.to_string()),
        );
        rows.push(row);
    }
    let mut text = circumstances();
    text += &format!(
        "{} hosts, `true` {} times on each, {} hosts at once, one sshd on the same machine, {} rounds in turn \
         ({} with others than cutover and the bare loop): median (least–most), and × the bare loop's median.\n\n{}",
        course.hosts,
        course.commands,
        course.width,
        options.rounds,
        options.peer_rounds.min(options.rounds),
        table(&head, &rows)
    );
    for lane in lanes.iter().filter(|lane| lane.out.is_some()) {
        text += &format!("\nLeft out: {}.\n", lane.contestant.name);
    }
    Ok(text)
}

/// One figure of a go.
type Figure = fn(&Go) -> f64;

/// What is shown of every go, with so many digits after the point.
const FIGURES: [(Figure, usize); 3] = [
    (|go| go.cost.wall.as_secs_f64(), 2),
    (|go| go.cost.cpu.as_secs_f64(), 2),
    (|go| megabytes(go.cost.memory), 0),
];
