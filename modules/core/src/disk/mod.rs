//! The files of a host: what modules ask about them and what they have done to them.
//!
//! One seam with two sides. [`Question`] and [`Step`] are data; on this machine they are answered and
//! carried out through its own calls (`here`), on a POSIX host by its shell and a few programs that
//! every system has (`shell`), in one round trip for any number of them.

mod here;
mod question;
mod shell;
mod step;

use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Platform, Reach, Read, Secret, Write};

use crate::posix::Posix;

pub(crate) use here::at_home;
pub(crate) use question::{Answer, Ask, Content, Entry, Kind, Question, SMALL, Seen, Stat, Sum, Tree};
pub(crate) use step::{Attributes, Bytes, Moment, Step, Text, Writing};

/// Answers the question. Changes nothing.
pub(crate) async fn ask(reach: &Reach<Read>, question: Question) -> Result<Answer, Failure> {
    if is_ours(reach) {
        return here(move || here::answer(&question)).await;
    }
    let reader = reach.reader::<Posix>(&reach.host().name).await?;
    let script = Secret::new(shell::look(&question), Origin::Argument);
    let executed = reader.look(HEARD, Some(&script)).await?;
    shell::answer(&question, &executed)
}

/// Carries out the steps in their order and tells how the files asked about are then.
///
/// The first step that fails ends it; where that was the very first, nothing was changed.
pub(crate) async fn carry_out(
    reach: &Reach<Write>,
    steps: Vec<Step>,
    asks: Vec<Ask>,
) -> Result<Vec<Seen>, Failure> {
    let question = Question {
        files: asks,
        ..Question::default()
    };
    if is_ours(reach) {
        return here(move || {
            here::carry_out(&steps)?;
            Ok(here::answer(&question)?.files)
        })
        .await;
    }
    let mut writer = reach.writer::<Posix>().await?;
    let script = Secret::new(shell::change(&steps, &question), Origin::Argument);
    let executed = writer.script(HEARD, Some(&script)).await?;
    shell::changed(&question, &executed).map(|answer| answer.files)
}

/// How files of this machine are, whichever host the task works on.
pub(crate) async fn ask_here(files: Vec<Ask>) -> Result<Vec<Seen>, Failure> {
    let question = Question {
        files,
        ..Question::default()
    };
    here(move || Ok(here::answer(&question)?.files)).await
}

/// Carries the steps out on this machine, whichever host the task works on.
pub(crate) async fn carry_out_here(steps: Vec<Step>) -> Result<(), Failure> {
    here(move || here::carry_out(&steps)).await
}

/// Takes the script from standard input: it may be long, and hold what must not show.
const HEARD: &str = "eval \"$(cat)\"";

/// Whether the files are this process' own: on this machine, and as nobody else.
fn is_ours<A>(reach: &Reach<A>) -> bool {
    reach.host().platform == Platform::Local && reach.becoming().is_none()
}

async fn here<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Failure::new(FailureKind::Internal, error.to_string())),
    }
}
