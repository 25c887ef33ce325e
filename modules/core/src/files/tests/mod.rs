//! Stories of the file modules, each played on this machine and in shells of it.

mod bed;
mod copying;
mod files;
mod reading;
mod revising;
mod sshd;

use bed::{Bed, everywhere, here_and_there};
