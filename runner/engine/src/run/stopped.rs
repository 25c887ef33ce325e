//! Why a host goes no further in a play.

use cutover_kit::{Failure, FailureKind};

/// Why a host goes no further in a play.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stopped {
    /// A task failed, and nothing rescued it.
    Failed(Failure),
    /// Another host's failure ends it for this one, too.
    Doomed(Failure),
    /// So many failed, or a file is so wrong, that the play is over for everybody, at once.
    Over(Failure),
    /// It cannot be reached.
    Unreachable(Failure),
    /// Somebody else has to act first, or the window is closed.
    Suspended(Failure),
    /// The playbook said so; not a failure.
    Ended,
    /// The playbook said that the role is over; it goes on behind it.
    RoleEnded,
}

impl Stopped {
    /// What a task's failure means for its host.
    pub(super) fn by(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::Unreachable => Self::Unreachable(failure),
            FailureKind::Invalid => Self::Over(failure),
            FailureKind::Awaiting | FailureKind::Stopped => Self::Suspended(failure),
            _ => Self::Failed(failure),
        }
    }

    /// Whether `rescue` may take care of it.
    pub(super) fn can_be_rescued(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Doomed(_))
    }

    /// Whether `always` still runs.
    pub(super) fn runs_always(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Doomed(_) | Self::Suspended(_))
    }

    /// Whether it ends the run as failed.
    pub(super) fn is_a_failure(&self) -> bool {
        matches!(
            self,
            Self::Failed(_) | Self::Doomed(_) | Self::Over(_) | Self::Unreachable(_)
        )
    }

    /// The failure behind it.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure)
            | Self::Doomed(failure)
            | Self::Over(failure)
            | Self::Unreachable(failure)
            | Self::Suspended(failure) => Some(failure),
            Self::Ended | Self::RoleEnded => None,
        }
    }
}
