//! `cutover rehearse`.

use std::sync::Arc;

use super::fault::Fault;
use super::options::PlayArgs;
use super::start::{self, Session, Setting, View};
use super::{listing, twins, ui};
use crate::clock::RealClock;
use crate::exit::Exit;
use crate::rehearsal::{Stage, any_password, policy};

/// Run playbooks against simulated devices instead of the real ones
///
/// Every host of the inventory gets a twin on this machine, reached over real SSH and TLS; no address outside
/// it is ever dialled, and a CA of cutover's own signs. The twins go on where the last rehearsal left them.
/// Twins that `cutover twins` keeps up are used.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    play: PlayArgs,

    #[command(flatten)]
    twins: twins::TwinArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let mut session = Session::of(&args.play, "rehearse")?;
    if args.play.only_lists() {
        return Ok(listing::show(&args.play, &session.look()?));
    }
    session.password.get_or_insert_with(any_password);
    let (survey, home) = twins::survey(
        &session.options,
        session.extra.clone(),
        &session.secrets,
        session.keyring.clone(),
    )?;
    start::block_on(async {
        let clock = Arc::new(RealClock::system());
        let stage = Stage::set(&survey, &home, args.twins.pace(), args.twins.fresh, &*clock).await?;
        announce(args, &stage);
        let setting = Setting {
            policy: policy(&survey, &home, stage.pace(), stage.addresses()),
            state: home.state().clone(),
        };
        let exit = tokio::select! {
            exit = start::play(&args.play.run.show, View::Plays, session, setting, clock.clone()) => exit,
            error = stage.keep_keeping(&*clock) => Err(Fault::error(format!("cannot keep the twins' state: {error}"))),
        };
        stage.strike().await.map_err(Fault::io("keep the twins' state"))?;
        exit
    })
}

fn announce(args: &Args, stage: &Stage) {
    let asked = args.twins.pace();
    if !stage.is_own() && stage.pace() != asked {
        ui::hint_line("the twins that are up were started at another pace; theirs is used");
    }
}
