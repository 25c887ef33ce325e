//! `cutover doctor`.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;

use cutover_reach::{Kind, abilities};
use jiff::{Timestamp, Zoned};

use super::fault::Fault;
use super::ui;
use crate::exit::Exit;
use crate::journal::State;

/// Say what this machine and this build can do
///
/// Touches no host. Run it first where something looks odd, and send its output along with a report.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Also list the SSH algorithms, old ones included.
    #[arg(short, long)]
    verbose: bool,
}

/// One finding.
struct Finding {
    good: bool,
    about: &'static str,
    text: String,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let findings = [
        build(),
        ssh(),
        signer(),
        state(),
        clock(Timestamp::now()),
        terminal(),
    ];
    let mut text = String::new();
    for finding in &findings {
        let mark = if finding.good { "ok  " } else { "BAD " };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{mark}{:9} {}", finding.about, finding.text);
    }
    if args.verbose {
        text.push_str(&algorithms());
    }
    ui::print(&text);
    let good = findings.iter().all(|finding| finding.good);
    Ok(if good { Exit::Done } else { Exit::Error })
}

fn finding(good: bool, about: &'static str, text: impl Into<String>) -> Finding {
    let text = text.into();
    Finding { good, about, text }
}

fn build() -> Finding {
    let rehearse = if cfg!(feature = "rehearse") {
        "with"
    } else {
        "without"
    };
    let version = env!("CARGO_PKG_VERSION");
    finding(
        true,
        "build",
        format!("cutover {version}, {rehearse} twins, {}", std::env::consts::ARCH),
    )
}

fn ssh() -> Finding {
    let abilities = abilities();
    let legacy = if abilities.legacy_built_in {
        "old SHA-1 algorithms built in, used only with ssh_legacy"
    } else {
        "old SHA-1 algorithms NOT built in: VOS releases before 12 cannot be reached"
    };
    finding(abilities.legacy_built_in, "ssh", legacy)
}

/// The local CA needs keys and random bytes; both are tried.
fn signer() -> Finding {
    let version = openssl::version::version();
    let made = openssl::rsa::Rsa::generate(2048).is_ok() && openssl::rand::rand_bytes(&mut [0; 16]).is_ok();
    let can = if made { "makes keys" } else { "CANNOT make keys" };
    finding(made, "signer", format!("{version} {can}"))
}

fn state() -> Finding {
    let made = State::of_user().and_then(|state| State::at(state.root()));
    let place = made.and_then(|state| writable(state.root()).map(|()| state));
    match place {
        Ok(state) => finding(
            true,
            "state",
            format!("{} can be written", state.root().display()),
        ),
        Err(error) => finding(
            false,
            "state",
            format!("no state folder: {error}; set CUTOVER_STATE"),
        ),
    }
}

fn writable(folder: &Path) -> std::io::Result<()> {
    tempfile::tempfile_in(folder).map(drop)
}

/// Certificates made by a machine whose clock is wrong are wrong too. A build
/// is never newer than the time it runs at.
fn clock(now: Timestamp) -> Finding {
    let local = Zoned::new(now, jiff::tz::TimeZone::system());
    let good = (2026..2100).contains(&local.year());
    let doubt = if good { "" } else { ", which cannot be right" };
    finding(
        good,
        "clock",
        format!("{}{doubt}", local.strftime("%Y-%m-%d %H:%M:%S %:z")),
    )
}

fn terminal() -> Finding {
    let kind = |is: bool| if is { "terminal" } else { "file or pipe" };
    let (rows, columns) = console::Term::stderr().size();
    let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    let view = if err {
        format!("live rows, {columns}x{rows}")
    } else {
        "plain lines".to_owned()
    };
    finding(
        true,
        "terminal",
        format!("stdout {}, stderr {}: {view}", kind(out), kind(err)),
    )
}

fn algorithms() -> String {
    let abilities = abilities();
    let lines = |title: &str, offered: &[(Kind, Vec<&'static str>)]| {
        let lines = offered
            .iter()
            .map(|(kind, names)| format!("  {}: {}\n", kind.name(), names.join(" ")));
        format!("{title}\n{}", lines.collect::<String>())
    };
    lines("ssh offers", &abilities.modern) + &lines("ssh offers with ssh_legacy", &abilities.legacy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_before_this_program_was_written_is_bad() {
        let at = |text: &str| clock(text.parse().unwrap());
        assert!(at("2026-11-21T12:00:00Z").good);
        let wrong = at("1970-01-02T00:00:00Z");
        assert!(!wrong.good);
        assert!(wrong.text.ends_with("which cannot be right"), "{}", wrong.text);
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_writable() {
        assert!(writable(Path::new("/nonexistent/folder")).is_err());
    }
}
