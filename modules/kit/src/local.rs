//! Processes of this machine, started the same way by everybody.

use std::io;
use std::process::ExitStatus;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

/// A process in a session of its own, with all that it starts: what is typed at cutover's terminal,
/// Ctrl-C too, is cutover's alone, which lets a change finish. It has no terminal to ask at.
///
/// Dropped before its end it is killed, and whatever of its session still runs.
#[derive(Debug)]
pub struct Local {
    child: Box<dyn ChildWrapper>,
    ended: bool,
}

impl Local {
    /// Starts it; within the runtime.
    pub fn spawn(command: Command) -> io::Result<Self> {
        let mut command = CommandWrap::from(command);
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessSession);
        let child = command.wrap(KillOnDrop).spawn()?;
        Ok(Self { child, ended: false })
    }

    /// Its piped standard input; once.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin().take()
    }

    /// Its piped standard output; once.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout().take()
    }

    /// Its piped standard error; once.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr().take()
    }

    /// Waits for its end. What it has left behind goes on.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        // Its own end only: a service that it started need not end.
        let status = self.child.inner_mut().wait().await?;
        self.ended = true;
        Ok(status)
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if !self.ended {
            // Where this fails there is nobody left to kill.
            let _ = self.child.start_kill();
        }
    }
}
