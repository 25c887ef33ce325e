//! Talking to hosts with a POSIX shell.

use std::sync::Arc;

use cutover_kit::reach::Conversation;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Dialer, Exec, Executed, Link, LinkError, SshSettings};
use cutover_kit::{Failure, FailureKind, Note, Notes, Secret};
use tokio::sync::Mutex;

use crate::process::{pattern, quote};

/// Hosts with a POSIX shell.
#[derive(Clone, Copy, Debug)]
pub struct Posix;

/// The one connection kept for a host: opened on first use, reused, opened again when it is dead.
/// Commands over it run one after the other.
pub struct PosixConnection {
    settings: SshSettings,
    dialer: Arc<dyn Dialer>,
    link: Mutex<Option<Box<dyn Link>>>,
}

impl PosixConnection {
    /// A connection that is opened when it is first needed.
    pub fn new(settings: SshSettings, dialer: Arc<dyn Dialer>) -> Self {
        Self {
            settings,
            dialer,
            link: Mutex::new(None),
        }
    }

    /// Closes it; a later command would open it again.
    pub async fn close(&self) {
        if let Some(link) = self.link.lock().await.take() {
            link.close().await;
        }
    }

    async fn exec(&self, command: &Exec) -> Result<Executed, Lost> {
        let mut kept = self.link.lock().await;
        let live = kept.take().filter(|link| link.alive());
        let mut link = match live {
            Some(link) => link,
            None => self
                .dialer
                .dial(&self.settings)
                .await
                .map_err(|error| Lost::Before(error.into()))?,
        };
        let executed = link.exec(command).await.map_err(Lost::During);
        if executed.is_ok() && link.alive() {
            *kept = Some(link);
        }
        executed
    }
}

/// When the connection was of no use.
enum Lost {
    /// Nothing was sent.
    Before(Failure),
    /// The command may have run.
    During(LinkError),
}

impl Lost {
    fn into_failure(self, command: &str) -> Failure {
        match self {
            Self::Before(failure) => failure,
            Self::During(LinkError::Refused(reason)) => {
                let message = format!("the host does not run commands: {reason}");
                Failure::new(FailureKind::Refused, message)
            }
            Self::During(error) => Failure::from(error).seen(format!("it was running: {command}")),
        }
    }
}

impl Conversation for Posix {
    type Connection = PosixConnection;
    type Reader = PosixReader;
    type Writer = PosixWriter;

    fn reader(connection: Arc<PosixConnection>, notes: Arc<dyn Notes>) -> PosixReader {
        PosixReader { connection, notes }
    }

    fn writer(connection: Arc<PosixConnection>, notes: Arc<dyn Notes>) -> PosixWriter {
        PosixWriter { connection, notes }
    }
}

/// Asks a host, and can ask nothing that would change it.
pub struct PosixReader {
    connection: Arc<PosixConnection>,
    notes: Arc<dyn Notes>,
}

impl PosixReader {
    /// Whether any file matches the pattern (`*`, `?`, `[...]`), below `folder` where one is given.
    pub async fn exists(&self, path: &str, folder: Option<&str>) -> Result<bool, Failure> {
        let enter = folder.map_or(String::new(), |folder| {
            format!("cd {} || exit 1; ", quote(folder))
        });
        let script = format!(
            "{enter}for it in {}; do if [ -e \"$it\" ] || [ -L \"$it\" ]; then exit 0; fi; done; exit 1",
            pattern(path)
        );
        let command = format!("/bin/sh -c {}", quote(&script));
        self.read(&command)
            .await
            .map(|executed| executed.status == Some(0))
    }

    /// What is only read may be asked again when the connection turns out to be dead.
    async fn read(&self, command: &str) -> Result<Executed, Failure> {
        tell(&self.connection, &self.notes, command);
        let exec = Exec {
            command: command.to_owned(),
            ..Exec::default()
        };
        match self.connection.exec(&exec).await {
            Err(Lost::During(LinkError::Lost(_))) => self.connection.exec(&exec).await,
            other => other,
        }
        .map_err(|lost| lost.into_failure(command))
    }
}

/// Runs anything on a host.
pub struct PosixWriter {
    connection: Arc<PosixConnection>,
    notes: Arc<dyn Notes>,
}

impl PosixWriter {
    /// Runs a line of the far side's shell, with these variables set and this to read.
    ///
    /// Variables travel through standard input, ahead of what the command reads: a command line
    /// shows in the far side's process list.
    pub async fn run(
        &mut self,
        line: &str,
        environment: &[(String, Secret)],
        stdin: Option<&Secret>,
    ) -> Result<Executed, Failure> {
        tell(&self.connection, &self.notes, line);
        let exec = match environment {
            [] => Exec {
                command: line.to_owned(),
                stdin: stdin.cloned(),
                limit: None,
            },
            some => with_environment(line, some, stdin)?,
        };
        let executed = self.connection.exec(&exec).await;
        executed.map_err(|lost| lost.into_failure(line))
    }
}

fn tell(connection: &PosixConnection, notes: &Arc<dyn Notes>, command: &str) {
    notes.note(Note::Sent {
        host: connection.settings.name.clone(),
        command: command.to_owned(),
    });
}

/// The shell takes exactly the bytes of the assignments from its standard input (`dd` reads no
/// further than it is told), and leaves the rest to the command.
fn with_environment(
    line: &str,
    environment: &[(String, Secret)],
    stdin: Option<&Secret>,
) -> Result<Exec, Failure> {
    if let Some((name, _)) = environment.iter().find(|(name, _)| !is_name(name)) {
        let message = format!("`{name}` cannot be the name of an environment variable");
        return Err(Failure::new(FailureKind::Arguments, message));
    }
    let exports = environment
        .iter()
        .map(|(name, value)| format!("export {name}={}\n", quote(value.expose())))
        .collect::<String>();
    let script = format!("eval \"$(dd bs=1 count={} 2>/dev/null)\"; {line}", exports.len());
    let rest = stdin.map_or("", |stdin| stdin.expose());
    Ok(Exec {
        command: format!("/bin/sh -c {}", quote(&script)),
        stdin: Some(Secret::new(exports + rest, Origin::Argument)),
        limit: None,
    })
}

fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
