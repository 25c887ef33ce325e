//! Release, status, clock, account locking (`vos-cli.md` §1.2, §5.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;

use super::{ReadError, field, pattern};

/// The active release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// `12.6.2.10000-1`.
    pub active: String,
    /// Installed options (COP files), without `.sgn`.
    pub options: Vec<String>,
}

impl Version {
    /// Whether a COP file is installed; its name with or without `.sgn`.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        let bare = |name: &str| name.trim_end_matches(".sgn").to_ascii_lowercase();
        self.options.iter().any(|known| bare(known) == bare(option))
    }
}

/// `show version active`.
pub(crate) fn version(lines: &[String]) -> Result<Version, ReadError> {
    let active = field(lines, "Active Master Version").ok_or_else(|| ReadError::missing("version"))?;
    let options = lines
        .iter()
        .skip_while(|line| !line.to_ascii_lowercase().contains("installed software options"))
        .skip(1)
        .map(|line| line.trim())
        .filter(|line| !line.is_empty() && !line.contains(char::is_whitespace));
    Ok(Version {
        active: active.to_owned(),
        options: options.map(str::to_owned).collect(),
    })
}

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its short name.
    pub host: String,
    /// Its release.
    pub version: Option<String>,
    /// How long it has been up; whole minutes.
    #[serde(serialize_with = "seconds")]
    pub uptime: Duration,
    /// Its own clock, where its time zone is known here.
    pub clock: Option<Timestamp>,
}

fn seconds<S: serde::Serializer>(it: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(it.as_secs())
}

/// `show status`.
pub(crate) fn status(lines: &[String]) -> Result<Status, ReadError> {
    let uptime = lines
        .iter()
        .find_map(|line| uptime(line))
        .ok_or_else(|| ReadError::missing("uptime"))?;
    Ok(Status {
        host: field(lines, "Host Name").unwrap_or_default().to_owned(),
        version: field(lines, "Product Ver").map(str::to_owned),
        uptime,
        clock: clock(lines),
    })
}

/// ` 11:02:36 up 46 days, 13:57,  1 user,  load average: ...`, as `uptime` writes it.
fn uptime(line: &str) -> Option<Duration> {
    let parts = pattern!(r"^\s*\d+:\d\d(?::\d\d)?\s+up\s+(.*?)(?:,\s*\d+\s+users?\b.*|,?\s*load average.*)$")
        .captures(line)?;
    let text = &parts[1];
    let number = |pattern: &regex::Regex| -> Option<u64> { pattern.captures(text)?[1].parse().ok() };
    let days = number(pattern!(r"(\d+)\s+day"));
    let hours = number(pattern!(r"(\d+):\d\d")).or_else(|| number(pattern!(r"(\d+)\s+h(?:r|our)")));
    let minutes = number(pattern!(r"\d+:(\d\d)")).or_else(|| number(pattern!(r"(\d+)\s+min")));
    let seconds = number(pattern!(r"(\d+)\s+sec"));
    if [days, hours, minutes, seconds].iter().all(Option::is_none) {
        return None;
    }
    let minutes = (days
        .unwrap_or(0)
        .checked_mul(24)?
        .checked_add(hours.unwrap_or(0))?)
    .checked_mul(60)?
    .checked_add(minutes.unwrap_or(0))?;
    Some(Duration::from_secs(
        minutes.checked_mul(60)?.checked_add(seconds.unwrap_or(0))?,
    ))
}

/// `Date : Tue Mar 14, 2017 11:02:34` in `Time Zone : Central Standard Time (America/Chicago)`.
/// A zone that is only abbreviated says nothing certain, UTC aside.
fn clock(lines: &[String]) -> Option<Timestamp> {
    let date = field(lines, "Date")?;
    let zone = field(lines, "Time Zone")?;
    let zone = zone
        .rsplit_once('(')
        .map_or(zone, |(_, name)| name.trim_end_matches(')'))
        .trim();
    let date = date.split_once(' ').map_or(date, |(_, rest)| rest.trim());
    let civil = DateTime::strptime("%b %d, %Y %H:%M:%S", date).ok()?;
    civil.in_tz(zone).ok().map(|zoned| zoned.timestamp())
}

/// The state of the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ntp {
    /// Whether it follows a server.
    pub synchronised: bool,
    /// The server it follows.
    pub server: Option<String>,
}

/// `utils ntp status`.
pub(crate) fn ntp(lines: &[String]) -> Result<Ntp, ReadError> {
    let word =
        pattern!(r"(?i)^\s*(un)?synchroni[sz]ed(?:\s+to\s+(?:NTP server|local net|.*?)\s*(?:\(([^)]*)\))?)?");
    let parts = lines
        .iter()
        .find_map(|line| word.captures(line))
        .ok_or_else(|| ReadError::missing("word about synchronisation"))?;
    Ok(Ntp {
        synchronised: parts.get(1).is_none(),
        server: parts.get(2).map(|server| server.as_str().to_owned()),
    })
}

/// Whether and when accounts are locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Locking {
    /// Whether they are at all.
    pub enabled: bool,
    /// For how long, in seconds.
    pub unlock_seconds: Option<u32>,
    /// After how many wrong passwords.
    pub attempts: Option<u32>,
}

/// `show accountlocking`.
pub(crate) fn locking(lines: &[String]) -> Result<Locking, ReadError> {
    let enabled = pattern!(r"(?i)account lock(?:out|ing) is (enabled|disabled)");
    let parts = lines
        .iter()
        .find_map(|line| enabled.captures(line))
        .ok_or_else(|| ReadError::missing("word about account locking"))?;
    let number = |name: &str| -> Option<u32> { field(lines, name)?.split_whitespace().next()?.parse().ok() };
    Ok(Locking {
        enabled: parts[1].eq_ignore_ascii_case("enabled"),
        unlock_seconds: number("Unlock Time"),
        attempts: number("Retry Count"),
    })
}
