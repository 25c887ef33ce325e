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
