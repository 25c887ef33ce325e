//! Changes that are each one line of a host's shell.

use cutover_kit::module::{Diff, Effects, Repeat};
use cutover_kit::session::Executed;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Map, Platform, Reach, Read, Secret, Traits, Value, Write,
};

use crate::posix::Posix;

/// One change, and the line that makes it.
#[derive(Clone, Debug)]
pub struct Step {
    text: String,
    line: String,
    stdin: Option<Secret>,
    diff: Option<Diff>,
    back: Option<Box<Self>>,
}

impl Change for Step {
    fn describe(&self) -> String {
        self.text.clone()
    }

    fn diff(&self) -> Option<Diff> {
        self.diff.clone()
    }
}

impl Step {
    /// The change `text`, made by `line`.
    pub(crate) fn new(text: impl Into<String>, line: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            line: line.into(),
            stdin: None,
            diff: None,
            back: None,
        }
    }

    /// With this for the line to read.
    pub(crate) fn reading(mut self, stdin: Secret) -> Self {
        self.stdin = Some(stdin);
        self
    }

    /// With before and after.
    pub(crate) fn showing(mut self, title: &str, before: &str, after: &str) -> Self {
        self.diff = Some(Diff {
            title: title.to_owned(),
            before: Some(before.to_owned()),
            after: after.to_owned(),
        });
        self
    }

    /// With the change that takes it back.
    pub(crate) fn back(mut self, back: Self) -> Self {
        self.back = Some(Box::new(back));
        self
    }

    /// The change that takes it back, where there is one.
    pub(crate) fn undo(&self) -> Option<Self> {
        self.back.as_deref().cloned()
    }

    /// The line that makes it.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Makes it; an end other than 0 fails the task with what was said.
    pub(crate) async fn make(&self, reach: &Reach<Write>) -> Result<Applied, Failure> {
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer.script(&self.line, self.stdin.as_ref()).await?;
        if executed.status == Some(0) {
            return Ok(Applied::default());
        }
        let said = text(&executed.stderr);
        let said = if said.is_empty() {
            text(&executed.stdout)
        } else {
            said
        };
        let reason = if said.is_empty() {
            format!("cannot {}", self.text)
        } else {
            said
        };
        Ok(Applied {
            fields: streams(&executed, &reason),
            unchanged: true,
            failed: Some(reason),
        })
    }
}

/// What a script that only reads says; it ends well or the task fails.
pub(crate) async fn ask(script: &str, reach: &Reach<Read>) -> Result<Executed, Failure> {
    ask_with(script, None, reach).await
}

/// The same of a script that reads something.
pub(crate) async fn ask_with(
    script: &str,
    stdin: Option<&Secret>,
    reach: &Reach<Read>,
) -> Result<Executed, Failure> {
    let reader = reach.reader::<Posix>(&reach.host().name).await?;
    reader.look(script, stdin).await
}

/// The usual fields of something that was run.
pub(crate) fn streams(executed: &Executed, reason: &str) -> Map {
    crate::fields([
        ("rc", executed.status.unwrap_or(-1).into()),
        ("stdout", text(&executed.stdout).into()),
        ("stderr", text(&executed.stderr).into()),
        ("msg", reason.into()),
    ])
}

/// Text without the line ends behind it.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches(['\r', '\n'])
        .to_owned()
}

/// A module that changes a host: a second look tells whether it did.
pub(crate) const CHANGES: Traits = Traits {
    platforms: &[Platform::Local, Platform::Posix],
    collective: false,
    repeat: Repeat::Probe,
    effects: Effects::Device,
    free_form: None,
    usual: "at once",
};

/// A module that looks at a host.
pub(crate) const LOOKS: Traits = Traits {
    effects: Effects::Nothing,
    repeat: Repeat::Safe,
    ..CHANGES
};

/// A mistake in the arguments.
pub(crate) fn misfit(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Arguments, message)
}

/// A value that is text, or null.
pub(crate) fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}
