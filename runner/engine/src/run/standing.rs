//! Who still takes part in a play, who does not, and why it is over for everybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover_kit::Failure;
use cutover_language::scope::{Layer, Rank};

use super::play::PlayRun;
use super::stopped::Stopped;
use crate::event::{EventKind, Lane};
use crate::sync::{lock, write};

impl PlayRun {
    /// Whether nobody of a batch is left; then the next one does not begin.
    pub(super) fn all_failed(&self, batch: &[String]) -> bool {
        let stopped = lock(&self.stopped);
        batch.iter().all(|host| {
            stopped
                .get(host)
                .is_some_and(|stopped| *stopped != Stopped::Ended)
        })
    }

    /// The play cannot begin for anybody.
    pub(super) fn fail_all(&self, failure: &Failure) {
        self.world.bus.emit(EventKind::Warned {
            place: None,
            message: failure.message.clone(),
        });
        for host in &self.hosts {
            self.host_stopped(host, Stopped::by(failure.clone()));
        }
    }

    /// A host goes no further in this and later plays.
    pub(super) fn host_stopped(&self, host: &str, stopped: Stopped) {
        if let Stopped::Doomed(failure) | Stopped::Over(failure) = &stopped {
            self.world.bus.emit(EventKind::Doomed {
                host: host.to_owned(),
                why: failure.message.clone(),
            });
        }
        let failed = matches!(stopped, Stopped::Failed(_) | Stopped::Unreachable(_));
        let stopped = match failed && lock(&self.forgiven).contains(host) {
            true => Stopped::Ended,
            false => stopped,
        };
        if stopped != Stopped::Ended {
            let reason = stopped
                .failure()
                .map(|failure| failure.message.clone())
                .unwrap_or_default();
            self.world.turns.stopped([host], &reason);
            self.world.give_turn_back(host);
        }
        lock(&self.stopped).insert(host.to_owned(), stopped);
        self.tell_active();
    }

    /// A lane goes no further in this and later plays.
    pub(super) fn remember_stop(&self, lane: &Lane, stopped: &Stopped) {
        let hosts = lane.hosts.iter().map(|host| (host.clone(), stopped.clone()));
        lock(&self.stopped).extend(hosts);
        self.tell_active();
    }

    /// Who takes part has changed: templates are told.
    pub(super) fn tell_active(&self) {
        // Held from the look at who has stopped, so that a later look is not overwritten by this one.
        let mut layer = write(&self.active);
        let stopped = lock(&self.stopped).clone();
        let active = |hosts: &[String]| -> Vec<String> {
            let hosts = hosts.iter();
            let active = hosts.filter(|host| matches!(stopped.get(*host), None | Some(Stopped::Ended)));
            active.cloned().collect()
        };
        let batch = active(&lock(&self.batch).hosts);
        let told = Layer::new(Rank::Magic, "magic")
            .with("ansible_play_hosts", active(&self.listed))
            .with("ansible_play_batch", batch.clone())
            .with("play_hosts", batch);
        *layer = Arc::new(told);
    }

    /// Why the play is over for everybody, if it is.
    pub(super) fn doom(&self) -> Option<String> {
        lock(&self.doomed).clone()
    }

    pub(super) fn doom_all(&self, why: String) {
        lock(&self.doomed).get_or_insert(why);
    }

    /// What this host came upon ends the play for everybody.
    pub(super) fn ends_for_all(&self, host: &str) {
        self.doom_all(format!("{host} came upon a file that does not parse or check"));
    }

    /// What a failure that nothing rescued means for the others: `any_errors_fatal`,
    /// `max_fail_percentage`. That a host cannot be reached does not count for the latter.
    pub(super) fn host_failed(&self, host: &str, stopped: &Stopped, fatal: bool) {
        lock(&self.failing).insert(host.to_owned());
        if fatal {
            self.doom_all(format!("{host} failed, and any_errors_fatal is set"));
        }
        let share = {
            let mut batch = lock(&self.batch);
            if matches!(stopped, Stopped::Failed(_) | Stopped::Doomed(_)) {
                batch.failed.insert(host.to_owned());
            }
            batch.failed.len() as f64 * 100.0 / batch.hosts.len().max(1) as f64
        };
        let terms = self.variables.play_terms(&self.layers);
        match terms.setting(self.play.max_fail_percentage.as_ref()) {
            Ok(Some(limit)) if share > limit => {
                let why = format!("more than {limit} % of the hosts failed");
                lock(&self.too_many).get_or_insert(why.clone());
                self.doom_all(why);
            }
            Ok(_) => {}
            Err(failure) => self.doom_all(format!("max_fail_percentage: {}", failure.message)),
        }
    }

    /// How the play ended for each host that went no further.
    pub(super) fn endings(&self) -> BTreeMap<String, Stopped> {
        lock(&self.stopped).clone()
    }
}
