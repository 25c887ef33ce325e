//! Durations as people write them.

use std::time::Duration;

use jiff::SignedDuration;

/// `25m`, `1h 30m`, `90 seconds`, `PT1H`; `None` for anything else and for
/// durations below zero.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let has_unit = text.chars().any(char::is_alphabetic);
    let signed: SignedDuration = has_unit.then(|| text.parse().ok()).flatten()?;
    Duration::try_from(signed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let minutes = |count: u64| Some(Duration::from_secs(count * 60));
        assert_eq!(parse("25m"), minutes(25));
        assert_eq!(parse("1h 30m"), minutes(90));
        assert_eq!(parse("90 seconds"), Some(Duration::from_secs(90)));
        for wrong in ["25", "", "soon", "-5m", "5 parsecs"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
