//! Talking to hosts with a POSIX shell, this machine among them.

mod connection;
mod here;
mod wrap;

use std::sync::Arc;

use cutover_kit::reach::{Conversation, Terms};
use cutover_kit::session::{Executed, LinkError};
use cutover_kit::{Failure, Note, Secret};

use connection::Lost;
pub use connection::PosixConnection;

use crate::process::{path, pattern};

/// Hosts with a POSIX shell.
#[derive(Clone, Copy, Debug)]
pub struct Posix;

impl Conversation for Posix {
    type Connection = PosixConnection;
    type Reader = PosixReader;
    type Writer = PosixWriter;

    fn reader(connection: Arc<PosixConnection>, terms: Terms) -> PosixReader {
        PosixReader(Talk { connection, terms })
    }

    fn writer(connection: Arc<PosixConnection>, terms: Terms) -> PosixWriter {
        PosixWriter(Talk { connection, terms })
    }
}

/// Asks a host, and can ask nothing that would change it.
pub struct PosixReader(Talk);

/// Runs anything on a host.
pub struct PosixWriter(Talk);

/// The one place where commands are run: in the task's environment, as whom it says.
struct Talk {
    connection: Arc<PosixConnection>,
    terms: Terms,
}

impl PosixReader {
    /// Whether any file matches the pattern (`*`, `?`, `[...]`), below `folder` where one is given.
    pub async fn exists(&self, files: &str, folder: Option<&str>) -> Result<bool, Failure> {
        let enter = folder.map_or(String::new(), |folder| format!("cd {} || exit 1; ", path(folder)));
        let script = format!(
            "{enter}for it in {}; do if [ -e \"$it\" ] || [ -L \"$it\" ]; then exit 0; fi; done; exit 1",
            pattern(files)
        );
        self.look(&script, None)
            .await
            .map(|executed| executed.status == Some(0))
    }

    /// Runs a script of `/bin/sh` that only reads, with this to read. What is only read may be asked
    /// again when the connection turns out to be dead. What is told of it is its first line, so that
    /// a comment there says what it is for.
    pub async fn look(&self, script: &str, stdin: Option<&Secret>) -> Result<Executed, Failure> {
        let command = wrap::sh(script);
        let shown = wrap::first_line(script);
        match self.0.exec(&command, &shown, stdin).await {
            Err(Trouble::Lost(Lost::During(LinkError::Lost(_)))) => {
                self.0.exec(&command, &shown, stdin).await
            }
            other => other,
        }
        .map_err(|trouble| trouble.into_failure(&shown))
    }
}

impl PosixWriter {
    /// Lets go of all connections to a host that was told to restart; the next one is a login to a
    /// host that may still boot.
    pub(crate) async fn restarts(&mut self) {
        self.0.connection.restarts().await;
    }

    /// Runs a line of the far side's shell, with this to read.
    pub async fn run(&mut self, line: &str, stdin: Option<&Secret>) -> Result<Executed, Failure> {
        let shown = wrap::first_line(line);
        let executed = self.0.exec(line, &shown, stdin).await;
        executed.map_err(|trouble| trouble.into_failure(&shown))
    }

    /// Runs a script of `/bin/sh`, with this to read. What is told of it is its first line.
    pub async fn script(&mut self, script: &str, stdin: Option<&Secret>) -> Result<Executed, Failure> {
        let shown = wrap::first_line(script);
        let executed = self.0.exec(&wrap::sh(script), &shown, stdin).await;
        executed.map_err(|trouble| trouble.into_failure(&shown))
    }
}

/// Why a command came to nothing.
enum Trouble {
    Lost(Lost),
    /// It could not be asked for, or was refused before it began.
    Never(Failure),
}

impl Trouble {
    fn into_failure(self, command: &str) -> Failure {
        match self {
            Self::Lost(lost) => lost.into_failure(command),
            Self::Never(failure) => failure,
        }
    }
}

impl Talk {
    async fn exec(&self, line: &str, shown: &str, stdin: Option<&Secret>) -> Result<Executed, Trouble> {
        self.terms.notes.note(Note::Sent {
            host: self.connection.host().to_owned(),
            command: shown.to_owned(),
        });
        let exec = wrap::with_environment(line, &self.terms.environment, stdin).map_err(Trouble::Never)?;
        let Some(to) = &self.terms.becoming else {
            return self.connection.exec(&exec).await.map_err(Trouble::Lost);
        };
        let exec = wrap::with_become(exec, to).map_err(Trouble::Never)?;
        let executed = self.connection.exec(&exec).await.map_err(Trouble::Lost)?;
        wrap::admitted(executed, to).map_err(Trouble::Never)
    }
}

#[cfg(test)]
mod become_tests;
#[cfg(test)]
mod tests;
