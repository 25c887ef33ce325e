//! `cutover twins`.

use std::sync::Arc;

use cutover_kit::Secrets;
use cutover_language::vault::Keyring;
use cutover_language::yaml::Mapping;

use super::fault::Fault;
use super::interrupt::Signals;
use super::options::InventoryArgs;
use super::passwords::VaultArgs;
use super::start::{self, Ground};
use super::ui;
use crate::clock::RealClock;
use crate::event::Options;
use crate::exit::Exit;
use crate::journal::State;
use crate::rehearsal::{Home, Pace, Stage, StageError, Survey};

/// Keep the simulated devices of an inventory up, and say how to reach them
///
/// Log in with `ssh`, look at the certificates with `openssl s_client`, and rehearse against them meanwhile:
/// `cutover rehearse` with the same inventory uses them. Ctrl-C keeps their state and stops them.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    inventory: InventoryArgs,

    #[command(flatten)]
    vault: VaultArgs,

    #[command(flatten)]
    twins: TwinArgs,
}

/// Options of everything that starts twins.
#[derive(clap::Args, Debug)]
pub(super) struct TwinArgs {
    /// Forget the twins of this inventory, their requests and signatures, and the CA that signed: start anew.
    #[arg(long)]
    pub(super) fresh: bool,

    /// Let everything take as long as on a real device; a restart takes about ten minutes then.
    #[arg(long)]
    real_time: bool,
}

impl TwinArgs {
    pub(super) fn pace(&self) -> Pace {
        if self.real_time { Pace::Real } else { Pace::Fast }
    }
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let ground = Ground::of(&args.vault)?;
    let options = Options {
        verb: "twins".into(),
        inventories: args.inventory.sources(&ground.settings),
        forks: 1,
        ..Options::default()
    };
    let (survey, home) = survey(&options, Mapping::default(), &ground.secrets, ground.keyring)?;
    start::block_on(async {
        let mut signals = Signals::listen()?;
        let clock = Arc::new(RealClock::system());
        let stage = Stage::set(&survey, &home, args.twins.pace(), args.twins.fresh, &*clock).await?;
        if !stage.is_own() {
            ui::print(&table(&survey, &home, &stage));
            return Err(Fault::error(
                "these twins are up already; this is how to reach them",
            ));
        }
        stage.announce().map_err(Fault::io("say where the twins are"))?;
        ui::print(&table(&survey, &home, &stage));
        ui::say("Ctrl-C keeps their state and stops them.");
        let kept = tokio::select! {
            _ = signals.next() => Ok(()),
            error = stage.keep_keeping(&*clock) => Err(error),
        };
        let struck = stage.strike().await;
        kept.and(struck).map_err(Fault::io("keep the twins' state"))?;
        Ok(Exit::Done)
    })
}

/// What the inventory says of its twins, and where they live.
pub(super) fn survey(
    options: &Options,
    extra: Mapping,
    secrets: &Secrets,
    keyring: Arc<Keyring>,
) -> Result<(Survey, Home), Fault> {
    if options.inventories.is_empty() {
        return Err(Fault::new(Exit::Usage, "there is no inventory").hint("give one with -i"));
    }
    let scratch = tempfile::tempdir().map_err(Fault::io("make a folder for a moment"))?;
    let state = State::at(scratch.path()).map_err(Fault::io("make a folder for a moment"))?;
    let survey = Survey::of(options, extra, state, secrets, keyring)?;
    if survey.hosts.is_empty() {
        return Err(Fault::error("no host of this inventory has a twin")
            .hint("a twin needs `platform: vos` and a `product`"));
    }
    let home = Home::of(&start::state()?, &options.inventories).map_err(Fault::io("use the state folder"))?;
    Ok((survey, home))
}

/// How to reach each twin with ordinary clients.
fn table(survey: &Survey, home: &Home, stage: &Stage) -> String {
    let known_hosts = home.known_hosts();
    let mut text = String::new();
    for surveyed in &survey.hosts {
        let name = &surveyed.host.name;
        let (ssh, tls): (Vec<_>, Vec<_>) = stage
            .addresses()
            .iter()
            .filter(|address| address.host == *name)
            .partition(|address| address.port == 22);
        let products: Vec<&str> = surveyed
            .host
            .products
            .iter()
            .map(|product| product.name())
            .collect();
        text.push_str(&format!("{name} ({})\n", products.join(", ")));
        for address in ssh {
            text.push_str(&format!(
                "  ssh -p {} -o UserKnownHostsFile={} {}@{}\n",
                address.at.port(),
                known_hosts.display(),
                surveyed.user,
                address.at.ip(),
            ));
        }
        for address in tls {
            text.push_str(&format!("  port {} is {}\n", address.port, address.at));
        }
    }
    if survey.hosts.iter().any(|surveyed| surveyed.password.is_none()) {
        text.push_str("where the inventory has no password, any will do\n");
    }
    if !survey.without.is_empty() {
        text.push_str(&format!("without a twin: {}\n", survey.without.join(", ")));
    }
    text
}

impl From<StageError> for Fault {
    fn from(error: StageError) -> Self {
        let message = error.to_string();
        match error {
            StageError::Spec(_) => Self::new(Exit::INVALID, message),
            StageError::Io(_) => Self::error(format!("the twins cannot be started: {message}")),
            StageError::Taken => Self::new(Exit::Locked, message)
                .hint("wait for it, or keep the twins up with `cutover twins` and rehearse against those"),
            StageError::Up { .. } => {
                Self::new(Exit::Locked, message).hint("stop it with Ctrl-C before --fresh")
            }
        }
    }
}
