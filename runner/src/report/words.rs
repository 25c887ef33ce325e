//! Small spellings that every view shares.

use std::time::Duration;

/// A duration as people say it: `0.4s`, `12s`, `3m10s`, `2h05m`.
pub fn duration(it: Duration) -> String {
    let seconds = it.as_secs();
    match seconds {
        0 => format!("0.{}s", it.subsec_millis() / 100),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// Text that came from elsewhere, fit for a terminal: control characters other
/// than newline and tab are spelt out, so that no device can move the cursor.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c.to_string(),
            '\r' => String::new(),
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        })
        .collect()
}

/// A pause as it begins, in whole seconds, as Ansible says it.
pub fn pausing(it: Duration) -> String {
    format!("Pausing for {} seconds", it.as_secs())
}

/// `1 host`, `3 hosts`.
pub fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_and_never_ambiguous() {
        let said = [0, 420, 1_000, 59_900, 190_000, 3_600_000, 7_500_000]
            .map(|millis| duration(Duration::from_millis(millis)));
        assert_eq!(said, ["0.0s", "0.4s", "1s", "59s", "3m10s", "1h00m", "2h05m"]);
    }

    #[test]
    fn a_device_cannot_move_the_cursor() {
        assert_eq!(
            harmless("ok\r\n\u{1b}[2Jgone\u{9b}1m"),
            "ok\n\\u{1b}[2Jgone\\u{9b}1m"
        );
    }
}
