//! Programs whose output is read as a file would be: inventories, password
//! scripts.

use std::io;
use std::path::Path;
use std::time::Duration;

use cutover_kit::bounded::{self, Limit, Trouble};

/// What a program gets before it is stopped.
const LIMIT: Limit = Limit {
    time: Duration::from_secs(60),
    bytes: 1 << 28,
};

/// What a program left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs `program` without a shell, in the folder of this process.
pub(super) fn run(program: &Path, arguments: &[&str]) -> io::Result<Ended> {
    let output = bounded::run(program, arguments, LIMIT).map_err(|trouble| match trouble {
        Trouble::Never(error) => error,
        trouble @ Trouble::TooLong(_) => io::Error::new(io::ErrorKind::TimedOut, format!("it {trouble}")),
        trouble => io::Error::other(format!("it {trouble}")),
    })?;
    Ok(Ended {
        status: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
