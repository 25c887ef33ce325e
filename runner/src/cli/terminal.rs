//! The person at the terminal, asked by a run.

use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use async_trait::async_trait;
use cutover_kit::Secret;
use cutover_kit::secret::Origin;

use crate::run::Terminal;

/// Standard input and standard error, where somebody sits at them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Console;

#[async_trait]
impl Terminal for Console {
    async fn ask(&self, prompt: &str, echo: bool, limit: Option<Duration>) -> Option<Secret> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let question = prompt.to_owned();
        // Reading waits for the person; a thread of its own can.
        let reading = tokio::task::spawn_blocking(move || typed(&question, echo));
        let answer = match limit {
            Some(limit) => tokio::time::timeout(limit, reading).await.ok()?,
            None => reading.await,
        };
        answer.ok()?.ok()
    }
}

fn typed(prompt: &str, echo: bool) -> std::io::Result<Secret> {
    let text = match echo {
        false => rpassword::prompt_password(prompt)?,
        true => {
            let mut err = std::io::stderr().lock();
            write!(err, "{prompt}")?;
            err.flush()?;
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    Ok(Secret::new(
        text,
        Origin::Prompt(prompt.trim_end_matches(": ").to_owned()),
    ))
}
