//! Exit codes: Ansible's where it has one.

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// All is done.
    Done = 0,
    /// An error before or outside the hosts: a missing file, no hosts left.
    Error = 1,
    /// A task failed.
    Failed = 2,
    /// Suspended: the window is closed, something is awaited, or the first Ctrl-C.
    Suspended = 3,
    /// A host is unreachable, or a file does not parse or check.
    Unreachable = 4,
    /// Bad options.
    Usage = 5,
    /// Whether a change was made is not known.
    Unknown = 6,
    /// Another run holds a lock.
    Locked = 8,
    /// Interrupted by a second Ctrl-C.
    Interrupted = 99,
    /// A fault in cutover.
    Internal = 250,
}

impl Exit {
    /// All of them, by their numbers.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Error,
        Self::Failed,
        Self::Suspended,
        Self::Unreachable,
        Self::Usage,
        Self::Unknown,
        Self::Locked,
        Self::Interrupted,
        Self::Internal,
    ];

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Error => "error before any host",
            Self::Failed => "a task failed",
            Self::Suspended => "suspended",
            Self::Unreachable => "host unreachable or a file that does not check",
            Self::Usage => "bad options",
            Self::Unknown => "outcome of a change unknown",
            Self::Locked => "another run holds a lock",
            Self::Interrupted => "interrupted",
            Self::Internal => "a fault in cutover",
        }
    }

    /// A file that does not parse or check.
    pub const INVALID: Self = Self::Unreachable;

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The worse of two endings: what an engineer must hear first.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if other.weight() > self.weight() {
            other
        } else {
            self
        }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Suspended => 1,
            Self::Failed => 2,
            Self::Unreachable => 3,
            Self::Unknown => 4,
            Self::Error | Self::Usage | Self::Locked => 5,
            Self::Interrupted => 6,
            Self::Internal => 7,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
