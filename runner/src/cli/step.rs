//! `--step`: asks on the terminal before each task.

use std::io::{self, BufRead, Write};

use crate::run::{Answer, Asked};

/// Asks on standard output and reads standard input.
pub(super) struct Console;

impl Asked for Console {
    fn perform(&self, task: &str) -> Answer {
        let task = crate::report::words::harmless(task);
        let mut out = io::stdout().lock();
        // Nobody sees the question where standard output is gone; the answer is then "no".
        let _ =
            write!(out, "\nPerform task: TASK: {task} (N)o/(y)es/(c)ontinue: ").and_then(|()| out.flush());
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = writeln!(out);
        match (read, line.trim().to_lowercase().as_str()) {
            (Ok(1..), "y" | "yes") => Answer::Yes,
            (Ok(1..), "c" | "continue") => Answer::Continue,
            _ => Answer::No,
        }
    }
}
