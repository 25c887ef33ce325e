//! The change window: disruptive phases start only inside it, and only if what
//! the lane still has to do fits what is left.

use std::time::Duration;

use cutover_kit::{Failure, FailureKind};
use cutover_language::playbook::{Body, Nodes};
use jiff::{SignedDuration, Timestamp};

use super::play::PlayRun;
use crate::event::Lane;
use crate::sync::lock;

/// When a host may be taken out of service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Timestamp,
    /// Everything is done by then.
    pub until: Timestamp,
    /// Nothing starts in the last stretch of this length.
    pub cutoff: Duration,
}

/// What the window says at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// It fits.
    Go,
    /// The window opens only then.
    NotYet,
    /// It is over, or its cutoff has passed.
    Over,
    /// What is left to do needs longer than what is left of it.
    TooShort {
        /// What is left of the window.
        left: Duration,
    },
}

impl Window {
    /// Whether work that takes `needed` may start at `now`.
    pub fn says(&self, now: Timestamp, needed: Duration) -> Says {
        if now < self.from {
            return Says::NotYet;
        }
        let left = Duration::try_from(self.until.duration_since(now)).unwrap_or_default();
        if left <= self.cutoff {
            return Says::Over;
        }
        if needed > left.saturating_sub(self.cutoff) {
            Says::TooShort { left }
        } else {
            Says::Go
        }
    }
}

/// Whether the node `host` of `lane` may begin its part of `phase`.
pub(super) fn allows(
    play: &PlayRun,
    lane: &Lane,
    lanes: &[Lane],
    phase: usize,
    host: &str,
) -> Result<(), Failure> {
    if play.world.check {
        return Ok(());
    }
    let Some(window) = play.variables.window(host) else {
        return Ok(());
    };
    let ahead = lanes
        .iter()
        .take_while(|other| other.name != lane.name)
        .filter(|other| same_pool(play, lane, other));
    let mut needed = Duration::ZERO;
    for lane in ahead.chain([lane]) {
        needed += remaining(play, lane, phase)?;
    }
    let now = play.world.clock.now();
    let message = match window.says(now, needed) {
        Says::Go => return Ok(()),
        Says::NotYet => format!("the window of {host} opens at {}", window.from),
        Says::Over => format!("the window of {host} is over at {}", window.until),
        Says::TooShort { left } => format!(
            "{:#} are left of the window of {host}, and {:#} are needed",
            short(left),
            short(needed)
        ),
    };
    Err(Failure::new(FailureKind::Awaiting, message)
        .hint("run the same command again inside the window; what is done stays done"))
}

/// Whether two lanes back each other up.
fn same_pool(play: &PlayRun, one: &Lane, other: &Lane) -> bool {
    let pools = |lane: &Lane| -> Vec<String> {
        lane.hosts
            .iter()
            .filter_map(|host| play.world.estate().host(host)?.pool.clone())
            .collect()
    };
    pools(one).iter().any(|pool| pools(other).contains(pool))
}

/// What a lane still has to do inside the window, from `phase` on. A lane that has stopped does nothing more.
fn remaining(play: &PlayRun, lane: &Lane, phase: usize) -> Result<Duration, Failure> {
    let Body::Phases(phases) = &play.play.body else {
        return Ok(Duration::ZERO);
    };
    let gone = lock(&play.stopped).clone();
    if lane.hosts.iter().all(|host| gone.contains_key(host)) {
        return Ok(Duration::ZERO);
    }
    let finished = lock(&play.finished).clone();
    let terms = play.variables.play_terms(&play.layers);
    let mut needed = Duration::ZERO;
    for (index, it) in phases.iter().enumerate().skip(phase).filter(|(_, it)| it.window) {
        let chosen = play.narrowed(&it.hosts)?;
        let takes_part = |host: &&String| {
            chosen.as_ref().is_none_or(|chosen| chosen.contains(*host))
                && !finished.contains(&(index, (*host).clone()))
                && has_role(play, host, &it.nodes)
        };
        let nodes = u32::try_from(lane.hosts.iter().filter(takes_part).count()).unwrap_or(u32::MAX);
        let estimate = terms.setting(it.estimate.as_ref())?.unwrap_or_default();
        needed += estimate
            * if it.nodes == Nodes::All {
                nodes.min(1)
            } else {
                nodes
            };
    }
    Ok(needed)
}

fn has_role(play: &PlayRun, host: &str, nodes: &Nodes) -> bool {
    let role = play.world.estate().host(host).map(|host| host.node);
    match nodes {
        Nodes::All => true,
        Nodes::InTurn(roles) => role.is_none_or(|role| roles.contains(&role)),
    }
}

fn short(duration: Duration) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_starts_inside_the_window_and_only_if_it_fits() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window {
            from: at("2026-11-22T01:00:00Z"),
            until: at("2026-11-22T03:00:00Z"),
            cutoff: Duration::from_secs(15 * 60),
        };
        let hour = Duration::from_secs(3600);
        assert_eq!(window.says(at("2026-11-22T00:59:59Z"), hour), Says::NotYet);
        assert_eq!(window.says(at("2026-11-22T01:00:00Z"), 7 * hour / 4), Says::Go);
        assert_eq!(
            window.says(at("2026-11-22T02:30:00Z"), hour),
            Says::TooShort { left: hour / 2 }
        );
        assert_eq!(
            window.says(at("2026-11-22T02:45:00Z"), Duration::ZERO),
            Says::Over
        );
        assert_eq!(
            window.says(at("2026-11-23T00:00:00Z"), Duration::ZERO),
            Says::Over
        );
    }
}
