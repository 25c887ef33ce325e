//! Stories of the file modules, each played on this machine and in shells of it.

mod bed;
mod copying;
mod files;
mod reading;
mod revising;
mod sshd;
mod undoing;
mod unpacking;

pub(super) use bed::connection;
use bed::{Bed, everywhere, here_and_there};
