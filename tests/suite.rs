//! The command as an engineer meets it: whole stories with their whole outputs.
//!
//! Every test has a folder of its own for state and files, a cleared
//! environment, and talks to loopback only.

#[path = "suite/as_ansible.rs"]
mod as_ansible;
#[path = "suite/asking.rs"]
mod asking;
#[path = "suite/boundaries.rs"]
mod boundaries;
#[path = "suite/by_hand.rs"]
mod by_hand;
#[path = "suite/calling.rs"]
mod calling;
#[path = "suite/differences.rs"]
mod differences;
#[path = "suite/explaining.rs"]
mod explaining;
#[path = "suite/linting.rs"]
mod linting;
#[path = "suite/listing.rs"]
mod listing;
#[path = "suite/logging_in.rs"]
mod logging_in;
#[path = "suite/looking.rs"]
mod looking;
#[path = "suite/mistakes.rs"]
mod mistakes;
#[path = "suite/rehearsing.rs"]
mod rehearsing;
#[path = "suite/running.rs"]
mod running;
#[path = "suite/site_modules.rs"]
mod site_modules;
#[path = "suite/stopping.rs"]
mod stopping;
#[path = "suite/support.rs"]
mod support;
#[path = "suite/texts.rs"]
mod texts;
#[path = "suite/vault.rs"]
mod vault;
#[path = "suite/watching.rs"]
mod watching;
