//! The files of a POSIX host, through its shell.
//!
//! What is needed there: `sh`, and `stat`, `readlink`, `find`, `mktemp`, `base64` and the like as
//! GNU's and BusyBox's tools have them. A script travels through standard input, so neither paths
//! nor content show in a process list; it changes nothing unless it is made by [`change`].

mod answer;
mod look;
mod steps;

pub(super) use answer::{answer, changed, refused};
pub(super) use look::look;
pub(super) use steps::change;
