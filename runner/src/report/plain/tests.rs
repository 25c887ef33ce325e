use std::io;
use std::sync::{Arc, Mutex};

use super::*;
use crate::event::Status;
use crate::report::recordings;

/// A stream that the test reads afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What a recording looks like: standard output, then standard error.
fn shown(events: &[Event], look: Look) -> String {
    let (out, err) = (Shared::default(), Shared::default());
    recordings::play(events, &mut Plain::new(out.clone(), err.clone(), look));
    format!("{}\n--- stderr\n{}", out.text(), err.text())
}

fn verbose(verbosity: u8) -> Look {
    Look {
        verbosity,
        ..Look::PLAIN
    }
}

#[test]
fn a_good_rehearsal() {
    insta::assert_snapshot!(shown(&recordings::good(), Look::PLAIN));
}

#[test]
fn a_good_rehearsal_with_everything_shown() {
    insta::assert_snapshot!(shown(&recordings::good(), verbose(3)));
}

#[test]
fn a_troubled_run() {
    insta::assert_snapshot!(shown(&recordings::troubled(), Look::PLAIN));
}

#[test]
fn a_troubled_run_with_task_paths() {
    insta::assert_snapshot!(shown(&recordings::troubled(), verbose(2)));
}

#[test]
fn no_name_moves_the_cursor() {
    let mut events = recordings::troubled();
    for event in &mut events {
        if let EventKind::Retrying { task, .. } = &mut event.kind {
            task.name = "wait for \u{1b}[2J".into();
        }
    }
    let text = shown(&events, Look::PLAIN);
    assert!(
        text.contains("FAILED - RETRYING: [vvb-1]: wait for \\u{1b}[2J (2 retries left)."),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn who_says_that_it_is_not_unreachable_has_failed() {
    let mut events = recordings::troubled();
    let failed = events.iter_mut().find_map(|event| match &mut event.kind {
        EventKind::TaskFinished {
            status: Status::Failed,
            result,
            ..
        } => Some(result),
        _ => None,
    });
    failed.unwrap()["unreachable"] = false.into();
    let text = shown(&events, Look::PLAIN);
    let line = text.lines().find(|line| line.contains("\"unreachable\": false"));
    assert!(line.unwrap().contains(": FAILED! => {"), "{text}");
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let coloured = Look {
        colour: true,
        ..Look::PLAIN
    };
    for events in [recordings::good(), recordings::troubled()] {
        let text = shown(&events, coloured);
        assert!(text.contains("\u{1b}[33mchanged: ["), "{text}");
        assert_eq!(console::strip_ansi_codes(&text), shown(&events, Look::PLAIN));
    }
}
