use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::report::recordings;

/// The rows after each event of a recording that changed them.
fn film(events: &[Event], most: usize, width: usize) -> String {
    let mut summary = Summary::default();
    let mut shots: Vec<String> = Vec::new();
    for event in events {
        summary.take(event);
        let now = summary.elapsed + Duration::from_millis(500);
        let rows = rows(&summary, now, most, width);
        let (position, length) = progress(&summary);
        let shot = format!(
            "{}\n{position}/{length} {}\n",
            rows.join("\n"),
            total(&summary, now)
        );
        shots.push(shot);
    }
    shots.join("\n")
}

#[test]
fn a_good_rehearsal() {
    insta::assert_snapshot!(film(&recordings::good(), 12, 100));
}

#[test]
fn a_troubled_run_on_a_small_terminal() {
    insta::assert_snapshot!(film(&recordings::troubled(), 2, 48));
}

/// What rows are drawn on: whether any stand there.
#[derive(Debug)]
struct Glass;

static ROWS_STAND: AtomicBool = AtomicBool::new(false);

impl Glass {
    fn target() -> ProgressDrawTarget {
        ProgressDrawTarget::term_like_with_hz(Box::new(Self), 255)
    }
}

impl indicatif::TermLike for Glass {
    fn width(&self) -> u16 {
        80
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        if text.contains("lanes done") {
            ROWS_STAND.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        ROWS_STAND.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_row_stands_above_what_it_is_hidden_for() {
    let rows = Rows::on(Glass::target);
    let redrawing = rows.clone();
    let drawing = std::thread::spawn(move || {
        let mut now = Duration::ZERO;
        while !redrawing.lock().over {
            now += Duration::from_secs(1);
            redrawing.redraw(now);
        }
    });
    for _ in 0..2000 {
        let hidden = rows.hide();
        assert!(!ROWS_STAND.load(Ordering::SeqCst));
        drop(hidden);
        // Until rows stand again, there is nothing to hide.
        while !ROWS_STAND.load(Ordering::SeqCst) {
            assert!(!drawing.is_finished(), "nobody draws any more");
            std::thread::yield_now();
        }
    }
    rows.lock().close();
    drawing.join().unwrap();
}
