//! The limit of open files.

/// Raises the soft limit to the hard one: every connection, and in a rehearsal
/// every listener, is an open file, and 1,024 of them are soon used up.
#[cfg(unix)]
pub(super) fn allow_as_many_as_possible() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Where it may not be raised, the old one stays, and a large estate says so when it is reached.
    let _ = setrlimit(Resource::Nofile, raised);
}

/// There is no such limit here.
#[cfg(not(unix))]
pub(super) fn allow_as_many_as_possible() {}
