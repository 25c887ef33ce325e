//! How often what happened on a host.

use crate::event::Status;

/// Ansible's counts of one host, and ours beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ok, changed and ignored tasks.
    pub ok: usize,
    /// Changed ones.
    pub changed: usize,
    /// The host could not be reached.
    pub unreachable: usize,
    /// Failed.
    pub failed: usize,
    /// Skipped.
    pub skipped: usize,
    /// Failed and rescued.
    pub rescued: usize,
    /// Failed and ignored.
    pub ignored: usize,
    /// Decided only after an earlier step (check mode).
    pub later: usize,
    /// Listed and not run (check mode, rehearsal).
    pub listed: usize,
    /// Waiting for somebody.
    pub awaiting: usize,
}

impl Counts {
    /// Ansible's rules: changed and ignored tasks count as ok too, and what was ignored
    /// may have changed something.
    pub(super) fn add(&mut self, status: Status, changed: bool) {
        self.each(status, changed, |count| *count += 1);
    }

    /// Takes an end back that was added: the task was run again.
    pub(super) fn take_back(&mut self, status: Status, changed: bool) {
        self.each(status, changed, |count| *count = count.saturating_sub(1));
    }

    fn each(&mut self, status: Status, changed: bool, change: fn(&mut usize)) {
        let counts = match status {
            Status::Ok => vec![&mut self.ok],
            Status::Changed => vec![&mut self.ok, &mut self.changed],
            Status::Ignored if changed => vec![&mut self.ok, &mut self.ignored, &mut self.changed],
            Status::Ignored => vec![&mut self.ok, &mut self.ignored],
            Status::Skipped => vec![&mut self.skipped],
            Status::Failed => vec![&mut self.failed],
            Status::Unreachable => vec![&mut self.unreachable],
            Status::Later => vec![&mut self.later],
            Status::Listed => vec![&mut self.listed],
            Status::Awaiting => vec![&mut self.awaiting],
        };
        counts.into_iter().for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_does_not_count_is_taken_back() {
        let mut counts = Counts::default();
        let ends = [
            (Status::Changed, true),
            (Status::Ignored, true),
            (Status::Failed, false),
            (Status::Skipped, false),
        ];
        ends.iter()
            .for_each(|(status, changed)| counts.add(*status, *changed));
        assert_eq!((counts.ok, counts.changed, counts.ignored), (2, 2, 1));
        ends.iter()
            .for_each(|(status, changed)| counts.take_back(*status, *changed));
        assert_eq!(counts, Counts::default());
    }
}
