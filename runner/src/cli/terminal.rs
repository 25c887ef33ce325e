//! The person at the terminal, asked by a run.

use std::io::{BufRead, IsTerminal, Write};

use async_trait::async_trait;
use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use tokio::sync::oneshot;

use crate::report::live::Rows;
use crate::report::words::harmless;
use crate::run::{Answer, Asked, Terminal};

/// Standard input, where questions are answered, and standard error, where they are put: standard
/// output may belong to the events. One question at a time, and no live rows below it.
#[derive(Debug, Default)]
pub(super) struct Console {
    rows: Option<Rows>,
    asking: tokio::sync::Mutex<()>,
}

impl Console {
    /// One that draws over no live rows.
    pub(super) fn over(rows: Rows) -> Self {
        Self {
            rows: Some(rows),
            ..Self::default()
        }
    }
}

#[async_trait]
impl Terminal for Console {
    async fn ask(&self, prompt: &str, echo: bool) -> Option<Secret> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let _alone = self.asking.lock().await;
        let _hidden = self.rows.as_ref().map(Rows::hide);
        let question = harmless(prompt);
        let reading = aside(move || typed(&question, echo));
        reading.await.ok()?.ok()
    }
}

#[async_trait]
impl Asked for Console {
    async fn perform(&self, task: &str) -> Answer {
        let _alone = self.asking.lock().await;
        let _hidden = self.rows.as_ref().map(Rows::hide);
        let question = format!("\nPerform task: TASK: {} (N)o/(y)es/(c)ontinue: ", harmless(task));
        // The answer may come from a pipe, too.
        let reading = aside(move || read_line(&question));
        let answer = reading.await.ok().and_then(Result::ok).unwrap_or_default();
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => Answer::Yes,
            "c" | "continue" => Answer::Continue,
            _ => Answer::No,
        }
    }
}

/// Reading waits for the person: on a thread that the end of the run does not wait for.
fn aside<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (send, answer) = oneshot::channel();
    std::thread::spawn(move || send.send(read()));
    answer
}

fn typed(prompt: &str, echo: bool) -> std::io::Result<Secret> {
    let text = match echo {
        false => rpassword::prompt_password(prompt)?,
        true => match read_line(prompt)? {
            // Whoever ends the input is there no longer.
            gone if gone.is_empty() => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            line => line.trim_end_matches(['\r', '\n']).to_owned(),
        },
    };
    Ok(Secret::new(
        text,
        Origin::Prompt(prompt.trim_end_matches(": ").to_owned()),
    ))
}

/// Puts the question, and waits for a line. Nothing is locked while it waits but standard input:
/// others go on telling what they do.
fn read_line(prompt: &str) -> std::io::Result<String> {
    let mut err = std::io::stderr().lock();
    // Nobody sees the question where standard error is gone; there may be an answer all the same.
    let _ = write!(err, "{prompt}").and_then(|()| err.flush());
    drop(err);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line)
}

/// How the terminal treats what is typed: a hidden answer that never came leaves it without echo.
pub(super) struct Modes {
    #[cfg(unix)]
    modes: Option<rustix::termios::Termios>,
}

impl Modes {
    /// Those of standard input, where that is a terminal.
    pub(super) fn now() -> Self {
        Self {
            #[cfg(unix)]
            modes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// Puts them back.
    pub(super) fn restore(&self) {
        #[cfg(unix)]
        if let Some(modes) = &self.modes {
            use rustix::termios::{OptionalActions, tcsetattr};
            // A terminal that has gone away has no modes.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
        }
    }
}
