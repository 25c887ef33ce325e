//! One logged-in terminal: bytes in, bytes out, and the time is handed in.

pub(crate) mod greeting;
pub(crate) mod line;
pub(crate) mod output;
pub(crate) mod pager;
mod show;

use crate::command::reply::{Question, Reply, Target, Then};
use crate::command::run::{Desk, Settings};
use crate::estate::Estate;
use crate::log::What;
use crate::mischief::Mischief;
use crate::state::world::{NodeId, World};
use greeting::Greeting;
use line::{Echo, Line};
use output::Output;
use pager::View;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

const PROMPT: &[u8] = b"admin:";
const CTRL_C: u8 = 0x03;
/// Lines of a paste after which mischief drops the connection.
const DROPPED_AFTER: usize = 3;

/// A session at a node's command line. Times are those of the estate: since its start, never going
/// backwards. Dropping it ends the session.
pub struct Terminal {
    estate: Estate,
    id: NodeId,
    session: u64,
    mischief: Mischief,
    settings: Settings,
    columns: usize,
    rows: usize,
    output: Output,
    line: Line,
    mode: Mode,
    /// No input is read before this; what comes earlier waits.
    busy_until: Duration,
    waiting: VecDeque<u8>,
    greeted_at: Duration,
    heard_at: Duration,
    closed_at: Option<Duration>,
    /// The millisecond in which pasted bytes came last, and how many.
    pace: (u128, u32),
}

/// What the next byte of input is for.
enum Mode {
    Prompt,
    Answer(Question),
    Paste(Target, Vec<String>),
    /// Pager A with the text that is left, and what follows it.
    Pager(String, Then),
    View(View),
    Silent,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let (id, session) = (self.id, self.session);
        self.estate.at_rest(|world| {
            if world.sessions.drop_session(session) {
                world.record(id, What::SessionEnded);
            }
        });
    }
}

impl Terminal {
    pub(crate) fn new(estate: Estate, id: NodeId, session: u64, now: Duration) -> Terminal {
        let (mischief, greeting) = estate.at_rest(|world| {
            let node = world.node(id);
            let mischief = node.setup.spec.twin.mischief.clone();
            let earliest = world.since_start(node.state.power.prompt_at);
            let greeting = Greeting::new(&mischief, world.timing(), now, earliest);
            (mischief, greeting)
        });
        let mut terminal = Terminal {
            estate,
            id,
            session,
            mischief,
            settings: Settings { paginate: true },
            columns: 80,
            rows: 24,
            output: Output::default(),
            line: Line::default(),
            mode: Mode::Prompt,
            busy_until: greeting.prompt_at,
            waiting: VecDeque::new(),
            greeted_at: greeting.prompt_at,
            heard_at: greeting.prompt_at,
            closed_at: None,
            pace: (0, 0),
        };
        for (at, text) in greeting.texts {
            terminal.print(at, &text);
        }
        terminal.prompt(greeting.prompt_at, false);
        terminal
    }

    /// The size of the client's window; 80 by 24 until it is told. A nought says nothing.
    pub fn resize(&mut self, columns: u32, rows: u32) {
        let told = |size: u32| usize::try_from(size).ok().filter(|size| *size > 0);
        self.columns = told(columns).unwrap_or(self.columns);
        self.rows = told(rows).unwrap_or(self.rows);
    }

    /// Bytes from the client.
    pub fn input(&mut self, now: Duration, bytes: &[u8]) {
        self.catch_up(now);
        if self.ended(now) {
            return;
        }
        self.heard_at = self.heard_at.max(now);
        for byte in bytes {
            if self.lost_in_paste(now) {
                continue;
            }
            if *byte == CTRL_C {
                self.interrupt(now);
            } else if now < self.busy_until {
                self.waiting.push_back(*byte);
            } else {
                self.key(now, *byte);
            }
        }
    }

    /// What the client gets to see by now. After the end of the session, what was due before it.
    pub fn output(&mut self, now: Duration) -> Vec<u8> {
        self.catch_up(now);
        let end = self.end(now);
        if end.is_some_and(|end| end <= now) {
            self.leave();
        }
        self.output.take(end.map_or(now, |end| end.min(now)))
    }

    /// When there will be more output, or an end, without input.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        let reading = (!self.waiting.is_empty()).then_some(self.busy_until);
        let end = self.estate.at_rest(|world| self.end_in(world));
        [self.output.next(), reading, end].into_iter().flatten().min()
    }

    /// Whether the session is over by now. Output that was due before its end may still be taken.
    #[must_use]
    pub fn ended(&self, now: Duration) -> bool {
        self.end(now).is_some_and(|end| end <= now)
    }

    fn end(&self, now: Duration) -> Option<Duration> {
        self.estate.at(now, |world| self.end_in(world))
    }

    fn end_in(&self, world: &World) -> Option<Duration> {
        let node = world.node(self.id);
        let ended = world.sessions.ended_at(self.session);
        let down = ended.or(node.state.power.down_at);
        let down = down.map(|at| world.since_start(at));
        let idle =
            self.heard_at.max(self.busy_until) + Duration::from_secs(node.setup.spec.twin.idle_minutes * 60);
        [self.closed_at, down, Some(idle)].into_iter().flatten().min()
    }

    /// Gives the session back, once.
    fn leave(&self) {
        let (id, session) = (self.id, self.session);
        self.estate.at_rest(|world| {
            let now = world.now();
            if world.sessions.end(session, now) {
                world.record(id, What::SessionEnded);
            }
        });
    }

    /// Reads what was typed while the node was busy, unless the session ended before it could be.
    fn catch_up(&mut self, now: Duration) {
        while !self.waiting.is_empty() && self.busy_until <= now {
            if self.end(now).is_some_and(|end| end <= self.busy_until) {
                self.waiting.clear();
                break;
            }
            let Some(byte) = self.waiting.pop_front() else {
                break;
            };
            self.key(self.busy_until, byte);
        }
    }

    fn key(&mut self, at: Duration, byte: u8) {
        match &self.mode {
            Mode::Silent => {}
            Mode::Pager(..) => self.pager_key(at, byte),
            Mode::View(_) => self.view_key(at, byte),
            Mode::Prompt => self.typed(at, byte, Echo::Plain, PROMPT.len()),
            Mode::Answer(question) if question.hidden() => self.typed(at, byte, Echo::Stars, 0),
            Mode::Answer(_) | Mode::Paste(..) => self.typed(at, byte, Echo::Plain, 0),
        }
    }

    fn typed(&mut self, at: Duration, byte: u8, echo: Echo, start: usize) {
        let typed = self.line.byte(byte, echo, start, self.columns);
        self.output.put(at, &typed.echo);
        if let Some(line) = typed.line {
            self.entered(at, &line);
        }
    }

    fn entered(&mut self, at: Duration, line: &str) {
        match std::mem::replace(&mut self.mode, Mode::Prompt) {
            Mode::Prompt if line.trim().is_empty() => self.prompt(at, true),
            Mode::Prompt => {
                let id = self.id;
                let command = What::Command(line.trim().to_owned());
                self.estate.at(at, |world| world.record(id, command));
                let reply = self.desk(at, |desk| desk.line(line));
                self.play(at, reply);
            }
            Mode::Answer(question) => {
                let reply = self.desk(at, |desk| desk.answer(question, line));
                self.play(at, reply);
            }
            Mode::Paste(target, lines) => self.pasted(at, target, lines, line),
            other => self.mode = other,
        }
    }

    fn pasted(&mut self, at: Duration, target: Target, mut lines: Vec<String>, line: &str) {
        let blank = line.trim().is_empty();
        if blank && !lines.is_empty() {
            let text = lines.join("\n");
            let reply = self.desk(at, |desk| desk.pasted(target, &text));
            self.play(at, reply);
            return;
        }
        if !blank {
            lines.push(line.to_owned());
        }
        let long = lines.len() == DROPPED_AFTER;
        self.mode = Mode::Paste(target, lines);
        if long && self.drops_paste() {
            self.closed_at = Some(at);
        }
    }

    fn drops_paste(&self) -> bool {
        self.mischief.drops_paste
            && self.estate.at_rest(|world| {
                let spent = &mut world.node_mut(self.id).state.spent.paste;
                !std::mem::replace(spent, true)
            })
    }

    /// Mischief: what is pasted too fast is lost.
    fn lost_in_paste(&mut self, now: Duration) -> bool {
        let Some(limit) = self.mischief.paste_limit else {
            return false;
        };
        if !matches!(self.mode, Mode::Paste(..)) {
            return false;
        }
        let millisecond = now.as_millis();
        if self.pace.0 != millisecond {
            self.pace = (millisecond, 0);
        }
        self.pace.1 += 1;
        self.pace.1 > limit
    }

    fn interrupt(&mut self, now: Duration) {
        if now < self.greeted_at || matches!(self.mode, Mode::Silent) {
            return;
        }
        let idle = matches!(self.mode, Mode::Prompt) && now >= self.busy_until;
        self.output.cut(now);
        self.waiting.clear();
        self.line.clear();
        self.mode = Mode::Prompt;
        self.busy_until = now;
        let text = if idle { "\n" } else { "\nControl-C pressed\n" };
        self.print(now, text);
        self.prompt(now, false);
    }

    fn desk(&mut self, at: Duration, ask: impl FnOnce(&mut Desk<'_>) -> Reply) -> Reply {
        let (id, settings) = (self.id, &mut self.settings);
        self.estate.at(at, |world| ask(&mut Desk { world, id, settings }))
    }
}
