//! The files of this machine, through its own calls.

mod look;
mod steps;

pub(super) use look::answer;
pub(crate) use look::at_home;
pub(super) use steps::carry_out;
