//! One open session: opening it, and carrying out one command.

use std::collections::VecDeque;
use std::time::Duration;

use cutover_kit::clock::within;
use cutover_kit::session::{Link, LinkError, Shell};
use cutover_kit::timing::Timing;
use cutover_kit::{Clock, Note, Notes};

use super::command::{Answer, Command, Pace};
use super::conversation::{Conversation, Rest, Step};
use super::exchange::{Broken, Exchange, Reply};
use super::page::{self, PATTERNS};

/// Why a session ended, where nobody said.
const CLOSED: &str = "the far side closed it";

/// A logged-in command line.
pub(crate) struct Session {
    host: String,
    timing: Timing,
    /// Held for what it says of itself; the shell lives on it.
    link: Box<dyn Link>,
    shell: Box<dyn Shell>,
    conversation: Conversation,
    steps: VecDeque<Step>,
    used: Duration,
}

/// What a look at the wire brought.
enum Heard {
    Step(Step),
    Ended(String),
    Late,
}

impl Session {
    /// Opens a shell on the link and brings it to its first prompt with paging off.
    pub(crate) async fn open(
        mut link: Box<dyn Link>,
        host: &str,
        timing: &Timing,
        clock: &dyn Clock,
        notes: &dyn Notes,
    ) -> Result<Self, Broken> {
        let shell = link.shell(page::TERMINAL).await.map_err(|error| lost(&error))?;
        let mut session = Self {
            host: host.to_owned(),
            timing: timing.clone(),
            link,
            shell,
            conversation: Conversation::default(),
            steps: VecDeque::new(),
            used: clock.elapsed(),
        };
        session.first_prompt(clock).await?;
        let opening = Command::reading(page::OPENING, timing.command);
        session.run(&opening, clock, notes).await?;
        Ok(session)
    }

    /// Whether it may still be used: the link lives, and it was not idle for too long.
    pub(crate) fn fresh(&self, clock: &dyn Clock) -> bool {
        self.link.alive() && clock.elapsed().saturating_sub(self.used) < self.timing.idle
    }

    /// Whether it was used so lately that it is certainly still there.
    pub(crate) fn warm(&self, clock: &dyn Clock) -> bool {
        clock.elapsed().saturating_sub(self.used) < self.timing.nudge
    }

    /// Hangs up.
    pub(crate) async fn close(self) {
        self.shell.close().await;
        self.link.close().await;
    }

    /// Asks for another prompt, to see whether the session is still there.
    pub(crate) async fn pulse(&mut self, clock: &dyn Clock) -> Result<(), Broken> {
        self.send(page::ENTER.as_bytes()).await?;
        self.until_prompt(self.timing.command, clock).await
    }

    async fn first_prompt(&mut self, clock: &dyn Clock) -> Result<(), Broken> {
        let deadline = clock.elapsed() + self.timing.prompt;
        let mut nudge = Some(clock.elapsed() + self.timing.prompt / 2);
        let mut lines = Vec::new();
        loop {
            let until = nudge.map_or(deadline, |at| at.min(deadline));
            match self.hear(until, clock, |_| false).await {
                Heard::Step(Step::Prompt) => return Ok(()),
                Heard::Step(Step::Line(line)) => {
                    if PATTERNS.welcome.is_match(&line) {
                        nudge = nudge.map(|at| at.min(clock.elapsed() + self.timing.nudge));
                    }
                    lines.push(line);
                }
                // A site's banner may ask things of people; nobody waits for an answer.
                Heard::Step(_) => {}
                Heard::Ended(why) => return Err(Broken::Lost { why, lines }),
                Heard::Late if nudge.take().is_some() && clock.elapsed() < deadline => {
                    self.send(page::ENTER.as_bytes()).await?;
                }
                Heard::Late => {
                    let tail = self.conversation.tail();
                    let limit = self.timing.prompt;
                    return Err(Broken::Late { limit, lines, tail });
                }
            }
        }
    }

    /// Sends a command and takes part in the conversation until the prompt is back.
    pub(crate) async fn run(
        &mut self,
        command: &Command,
        clock: &dyn Clock,
        notes: &dyn Notes,
    ) -> Result<Reply, Broken> {
        notes.note(Note::Sent {
            host: self.host.clone(),
            command: command.line.clone(),
        });
        self.conversation.sent(&command.line);
        let mut exchange = Exchange::new(command);
        let mut deadline = clock.elapsed() + command.limit;
        let first = format!("{}{}", command.line, page::ENTER);
        if let Err(broken) = self.send(first.as_bytes()).await {
            return exchange.lost(broken);
        }
        loop {
            let step = match self.hear(deadline, clock, |tail| command.announces(tail)).await {
                Heard::Step(step) => step,
                Heard::Ended(why) => return exchange.ended(why),
                Heard::Late => return self.late(exchange, clock).await,
            };
            let went_on = match step {
                Step::Prompt => {
                    self.used = clock.elapsed();
                    return Ok(exchange.done());
                }
                Step::Line(line) => {
                    notes.note(Note::Said {
                        host: self.host.clone(),
                        line: line.clone(),
                    });
                    if exchange.said(line) {
                        // What was set going cannot be called back: only its end is waited for.
                        deadline = deadline.min(clock.elapsed() + self.timing.command);
                    }
                    Ok(())
                }
                Step::Pager => self.send(page::PAGE_ON).await,
                Step::Viewer { end: false } => self.send(page::VIEW_ON).await,
                Step::Viewer { end: true } => self.send(page::VIEW_LEAVE).await,
                Step::Paste => match exchange.paste() {
                    Some(text) => {
                        let pasted = self.paste(text, command.pace, clock).await;
                        deadline = clock.elapsed() + command.limit;
                        pasted
                    }
                    None => Ok(()),
                },
                Step::Question(question) => match exchange.answer(&question) {
                    Some((answer, shown)) => {
                        self.answer(&question, answer.expose(), shown, clock, notes).await
                    }
                    None => return Err(self.decline(question, exchange, clock, notes).await),
                },
            };
            if let Err(broken) = went_on {
                return exchange.lost(broken);
            }
        }
    }

    /// The limit has passed. An unfinished line that ends like a question is one.
    async fn late(&mut self, exchange: Exchange<'_>, clock: &dyn Clock) -> Result<Reply, Broken> {
        if exchange.leaving() {
            return Ok(exchange.gone());
        }
        if exchange.has_pasted() && self.conversation.garbled() && self.interrupt(clock).await {
            return Ok(exchange.garbled());
        }
        let tail = self.conversation.tail();
        let limit = exchange.limit();
        let lines = exchange.into_lines();
        if tail.trim_end().ends_with([':', '?']) {
            let stuck = !self.interrupt(clock).await;
            let question = tail.trim().to_owned();
            return Err(Broken::Unannounced {
                question,
                lines,
                stuck,
            });
        }
        Err(Broken::Late { limit, lines, tail })
    }

    async fn answer(
        &mut self,
        question: &str,
        answer: &str,
        shown: String,
        clock: &dyn Clock,
        notes: &dyn Notes,
    ) -> Result<(), Broken> {
        // Text sent in one burst right at the question can be lost (`vos-cli.md` §2.5).
        clock.sleep(self.timing.answer).await;
        notes.note(Note::Asked {
            host: self.host.clone(),
            question: question.to_owned(),
            answer: shown,
        });
        self.conversation.sent(answer);
        self.send(format!("{answer}{}", page::ENTER).as_bytes()).await
    }

    /// Answers no, and aborts where that does not bring the prompt back.
    async fn decline(
        &mut self,
        question: String,
        exchange: Exchange<'_>,
        clock: &dyn Clock,
        notes: &dyn Notes,
    ) -> Broken {
        let declined = self.say_no(&question, clock, notes).await.is_ok()
            && self.until_prompt(self.timing.nudge, clock).await.is_ok();
        let stuck = !declined && !self.interrupt(clock).await;
        Broken::Unannounced {
            question,
            lines: exchange.into_lines(),
            stuck,
        }
    }

    async fn say_no(&mut self, question: &str, clock: &dyn Clock, notes: &dyn Notes) -> Result<(), Broken> {
        match Answer::No.text(question, &[]) {
            Some(no) => {
                self.answer(question, no.expose(), Answer::No.shown(&no), clock, notes)
                    .await
            }
            None => Ok(()),
        }
    }

    /// Ctrl-C; whether it brought the prompt back.
    async fn interrupt(&mut self, clock: &dyn Clock) -> bool {
        self.send(page::INTERRUPT).await.is_ok() && self.until_prompt(self.timing.nudge, clock).await.is_ok()
    }

    /// Waits for a prompt; a further question is no prompt.
    async fn until_prompt(&mut self, limit: Duration, clock: &dyn Clock) -> Result<(), Broken> {
        let deadline = clock.elapsed() + limit;
        loop {
            match self.hear(deadline, clock, |_| false).await {
                Heard::Step(Step::Prompt) => return Ok(()),
                Heard::Step(Step::Line(_)) => {}
                Heard::Step(Step::Pager) => self.send(b"q").await?,
                Heard::Step(Step::Viewer { .. }) => self.send(page::VIEW_LEAVE).await?,
                Heard::Ended(why) => return Err(Broken::Lost { why, lines: vec![] }),
                Heard::Late | Heard::Step(Step::Question(_) | Step::Paste) => {
                    let tail = self.conversation.tail();
                    return Err(Broken::Late {
                        limit,
                        lines: vec![],
                        tail,
                    });
                }
            }
        }
    }

    /// Sends a text piece by piece, at a pace that the device's line editor follows, and the
    /// empty line that ends it.
    async fn paste(&mut self, text: &str, pace: Pace, clock: &dyn Clock) -> Result<(), Broken> {
        clock.sleep(self.timing.paste_pause).await;
        for line in text.lines().chain([""]) {
            self.conversation.pasted(line);
            let bytes = format!("{line}{}", page::ENTER).into_bytes();
            for piece in bytes.chunks(pace.characters()) {
                self.send(piece).await?;
                if self.heard_prompt(self.timing.paste_line, clock).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Takes what comes for a while; whether the device went back to its prompt, so that
    /// whatever were sent now would be a command.
    async fn heard_prompt(&mut self, pause: Duration, clock: &dyn Clock) -> Result<bool, Broken> {
        let until = clock.elapsed() + pause;
        loop {
            let left = until.saturating_sub(clock.elapsed());
            match within(clock, left, self.shell.read()).await {
                Err(_) => return Ok(self.conversation.rest(|_| false) != Rest::Busy),
                Ok(Ok(Some(bytes))) => self.steps.extend(self.conversation.feed(&bytes)),
                Ok(Ok(None)) => return Err(lost(&LinkError::Lost(CLOSED.to_owned()))),
                Ok(Err(error)) => return Err(lost(&error)),
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.shell.write(bytes).await.map_err(|error| lost(&error))
    }

    /// The next thing the device does, until `deadline`.
    async fn hear(&mut self, deadline: Duration, clock: &dyn Clock, also: impl Fn(&str) -> bool) -> Heard {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return Heard::Step(step);
            }
            let left = deadline.saturating_sub(clock.elapsed());
            let patience = match self.conversation.rest(&also) {
                Rest::Busy => left,
                Rest::Waits => self.timing.quiet.min(left),
                Rest::Doubtful => self.timing.nudge.min(left),
            };
            match within(clock, patience, self.shell.read()).await {
                Ok(Ok(Some(bytes))) => self.steps.extend(self.conversation.feed(&bytes)),
                Ok(Ok(None)) => return Heard::Ended(CLOSED.to_owned()),
                Ok(Err(error)) => return Heard::Ended(error.to_string()),
                Err(_) => {
                    return self.conversation.settle(&also).map_or(Heard::Late, Heard::Step);
                }
            }
        }
    }
}

fn lost(error: &LinkError) -> Broken {
    Broken::Lost {
        why: error.to_string(),
        lines: vec![],
    }
}
