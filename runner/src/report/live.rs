//! The live view: a row per lane on a terminal, below the lines that scroll.
//!
//! One interval redraws everything, five times a second; there is no thread per
//! row, and never more rows than fit. What must stay on screen (failures, the
//! recap) is printed by [`plain`](super::plain) through [`Above`].

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cutover_kit::Clock;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::summary::{Doing, LaneView, Summary};
use super::words::{count, duration, harmless};
use crate::bus::Sink;
use crate::event::{Cause, Ending, Event, EventKind};

/// Between two drawings.
const TICK: Duration = Duration::from_millis(200);

/// Drawings a second that reach the terminal.
const HERTZ: u8 = 5;

/// More rows than this are not looked at.
const MOST_ROWS: usize = 12;

/// The live rows of a terminal. Cloning shares them: who redraws them, hides them or writes above them
/// does so under one lock, so that none finds them half-way of another.
#[derive(Clone, Debug)]
pub struct Rows(Arc<Mutex<Drawing>>);

/// The sink behind the live view.
pub struct Live(Rows);

/// Redraws the live view.
pub struct Ticker(Rows);

/// A stream whose lines go above the live rows.
pub struct Above<W> {
    rows: Rows,
    out: W,
}

/// The live rows, off the screen until this is dropped: what is written meanwhile stands alone.
pub struct Hidden(Rows);

#[derive(Debug)]
struct Drawing {
    summary: Summary,
    /// Where rows are drawn.
    target: fn() -> ProgressDrawTarget,
    bars: MultiProgress,
    total: ProgressBar,
    rows: Vec<ProgressBar>,
    /// Nothing is drawn meanwhile.
    hidden: bool,
    over: bool,
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

impl Rows {
    /// Rows on standard error.
    pub fn on_stderr() -> Self {
        Self::on(|| ProgressDrawTarget::stderr_with_hz(HERTZ))
    }

    fn on(target: fn() -> ProgressDrawTarget) -> Self {
        let bars = MultiProgress::with_draw_target(target());
        let total = ProgressBar::new(0).with_style(style("{bar:24} {msg}"));
        Self(Arc::new(Mutex::new(Drawing {
            summary: Summary::default(),
            target,
            total: bars.add(total),
            bars,
            rows: Vec::new(),
            hidden: false,
            over: false,
        })))
    }

    /// What keeps them up to date.
    pub fn sink(&self) -> Live {
        Live(self.clone())
    }

    /// What redraws them.
    pub fn ticker(&self) -> Ticker {
        Ticker(self.clone())
    }

    /// Lines of `out`, written while the rows are out of the way.
    pub fn above<W>(&self, out: W) -> Above<W> {
        Above {
            rows: self.clone(),
            out,
        }
    }

    /// Takes them off the screen.
    pub fn hide(&self) -> Hidden {
        let mut drawing = self.lock();
        // A terminal that has gone away has nothing to clear.
        let _ = drawing.bars.clear();
        drawing.bars.set_draw_target(ProgressDrawTarget::hidden());
        drawing.hidden = true;
        Hidden(self.clone())
    }

    fn redraw(&self, now: Duration) {
        let mut drawing = self.lock();
        if !drawing.hidden && !drawing.over {
            drawing.draw(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Drawing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let mut drawing = self.0.lock();
        drawing.bars.set_draw_target((drawing.target)());
        drawing.hidden = false;
    }
}

impl<W: Write> Write for Above<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            let out = &mut self.out;
            let drawing = self.rows.lock();
            drawing
                .bars
                .suspend(|| out.write_all(bytes).and_then(|()| out.flush()))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Sink for Live {
    fn take(&mut self, event: &Event, _: &str) -> io::Result<()> {
        let mut drawing = self.0.lock();
        drawing.summary.take(event);
        if matches!(event.kind, EventKind::RunFinished { .. }) {
            drawing.close();
        }
        Ok(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.lock().close();
    }
}

impl Ticker {
    /// Redraws until the run is over.
    pub async fn run(self, clock: Arc<dyn Clock>) {
        loop {
            clock.sleep(TICK).await;
            if self.0.lock().over {
                return;
            }
            self.0.redraw(clock.elapsed());
        }
    }
}

impl Drawing {
    /// Takes everything off the screen, so that what is printed afterwards stands alone.
    fn close(&mut self) {
        self.over = true;
        // A terminal that has gone away has nothing to clear.
        let _ = self.bars.clear();
        for bar in self.rows.drain(..) {
            self.bars.remove(&bar);
        }
        self.bars.remove(&self.total);
    }

    fn draw(&mut self, now: Duration) {
        let (height, width) = console::Term::stderr().size();
        let most = usize::from(height).saturating_sub(4).clamp(1, MOST_ROWS);
        let rows = rows(&self.summary, now, most, usize::from(width));
        while self.rows.len() > rows.len() {
            if let Some(row) = self.rows.pop() {
                self.bars.remove(&row);
            }
        }
        while self.rows.len() < rows.len() {
            let row = ProgressBar::new_spinner().with_style(style("{msg}"));
            self.rows.push(self.bars.insert_before(&self.total, row));
        }
        for (bar, text) in self.rows.iter().zip(rows) {
            bar.set_message(text);
        }
        let (position, length) = progress(&self.summary);
        self.total.set_length(length);
        self.total.set_position(position);
        self.total.set_message(total(&self.summary, now));
    }
}

/// Phases done by all lanes together, of how many. A lane that ended counts whole.
fn progress(summary: &Summary) -> (u64, u64) {
    let phases = summary.phases.len().max(1);
    let done = summary.lanes.values().map(|lane| match lane.ending {
        Some(_) => phases,
        None => lane.begun.saturating_sub(1).min(phases),
    });
    (done.sum::<usize>() as u64, (phases * summary.lanes.len()) as u64)
}

/// The line beside the bar: what came of the lanes so far.
fn total(summary: &Summary, now: Duration) -> String {
    let number = |wanted: fn(&Ending) -> bool| {
        let endings = summary.lanes.values().filter_map(|lane| lane.ending.as_ref());
        endings.filter(|ending| wanted(ending)).count()
    };
    let done = number(|ending| *ending == Ending::Done);
    let stopped = number(|ending| matches!(ending, Ending::Stopped { .. }));
    let suspended = number(|ending| matches!(ending, Ending::Suspended { .. }));
    let mut parts = vec![
        duration(now),
        format!("{done} of {} done", count(summary.lanes.len(), "lane")),
    ];
    parts.extend((stopped > 0).then(|| format!("{stopped} stopped")));
    parts.extend((suspended > 0).then(|| format!("{suspended} suspended")));
    parts.join("  ")
}

/// One row of text per lane that is not over, busy ones first.
fn rows(summary: &Summary, now: Duration, most: usize, width: usize) -> Vec<String> {
    let mut open: Vec<Row<'_>> = summary
        .lanes
        .iter()
        .filter(|(_, lane)| lane.ending.is_none())
        .map(|(name, lane)| (name, lane, longest_busy(summary, lane)))
        .collect();
    // Otherwise in the play's order, so that rows keep their places.
    open.sort_by_key(|(_, lane, busy)| busy.is_none() && lane.waiting.is_some());
    let hidden = open.len().saturating_sub(most);
    let shown = if hidden > 0 { most - 1 } else { open.len() };
    let name_width = open
        .iter()
        .map(|(name, ..)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(24);
    let phase_width = summary
        .phases
        .iter()
        .map(|phase| phase.chars().count())
        .max()
        .unwrap_or(0)
        .min(24);
    let mut rows: Vec<String> = open
        .iter()
        .take(shown)
        .map(|(name, lane, busy)| {
            let phase = lane.phase.as_deref().unwrap_or_default();
            let state = state(summary, lane, *busy, now);
            format!("{name:<name_width$}  {phase:<phase_width$}  {state}")
        })
        .collect();
    if hidden > 0 {
        rows.push(format!("and {}", count(open.len() - shown, "more lane")));
    }
    rows.iter()
        .map(|row| console::truncate_str(harmless(row).trim_end(), width.saturating_sub(1), "…").into_owned())
        .collect()
}

/// A lane that is not over, with its longest busy host.
type Row<'a> = (&'a String, &'a LaneView, Option<(&'a String, &'a Doing)>);

fn longest_busy<'a>(summary: &'a Summary, lane: &LaneView) -> Option<(&'a String, &'a Doing)> {
    lane.hosts
        .iter()
        .filter_map(|host| summary.busy.get_key_value(host))
        .min_by_key(|(_, doing)| doing.since)
}

/// What a lane does or waits for.
fn state(summary: &Summary, lane: &LaneView, busy: Option<(&String, &Doing)>, now: Duration) -> String {
    match (&lane.waiting, busy) {
        (Some(Cause::Turn { host, holder }), _) => format!("{host}  waits for its turn after {holder}"),
        (_, Some((host, doing))) => {
            let others = lane
                .hosts
                .iter()
                .filter(|name| summary.busy.contains_key(*name))
                .count()
                - 1;
            let others = if others > 0 {
                format!(" +{others}")
            } else {
                String::new()
            };
            let spent = duration(now.saturating_sub(doing.since));
            match &doing.wait {
                Some((what, limit)) => {
                    format!(
                        "{host}{others}  {}: {what}  {spent} of at most {}",
                        doing.task,
                        duration(*limit)
                    )
                }
                None => format!("{host}{others}  {}  {spent}", doing.task),
            }
        }
        (Some(Cause::Barrier { phase }), None) => format!("waits for the other lanes, before {phase}"),
        (Some(Cause::Wave { .. }), None) => "waits for the waves before it".to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests;
