//! `cutover run`.

use std::sync::Arc;

use super::fault::Fault;
use super::listing;
use super::options::PlayArgs;
use super::start::{self, Session, Setting, View};
use crate::clock::RealClock;
use crate::exit::Exit;
use crate::policy::Policy;

/// Run playbooks against the hosts of an inventory
///
/// Reads and checks every file first; no host is touched before that is done. What is due is changed, what is
/// not due is left alone: the same command again does exactly the rest. Ctrl-C finishes the current change and
/// stops; a second Ctrl-C drops the connections. `--check` only says what would change.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    play: PlayArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let session = Session::of(&args.play, "run")?;
    if args.play.only_lists() {
        return Ok(listing::show(&args.play, &session.look()?));
    }
    let setting = Setting {
        policy: Policy::default(),
        state: start::state()?,
    };
    let clock = Arc::new(RealClock::system());
    let show = &args.play.run.show;
    start::block_on(start::play(show, View::Plays, session, setting, clock))
}
