//! The one place where the engine is called.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Clock, Secret, Secrets};
use cutover_language::vault::Keyring;
use cutover_reach::{AddressMap, Reacher, TcpTransport};
use tokio::runtime::Runtime;

use super::fault::Fault;
use super::interrupt::Signals;
use super::options::PlayArgs;
use super::{listing, open_files, ui};
use crate::bus::Sink;
use crate::catalog;
use crate::devices::Platforms;
use crate::event::Options;
use crate::exit::Exit;
use crate::journal::State;
use crate::policy::Policy;
use crate::report::jsonl::JsonLines;
use crate::report::live::{self, Above, Ticker};
use crate::report::plain::Plain;
use crate::run::{Refusal, Request, Run, Stop};

/// What was typed, understood.
pub(super) struct Session {
    pub(super) options: Options,
    pub(super) secrets: Secrets,
    pub(super) password: Option<Secret>,
    pub(super) become_password: Option<Secret>,
    pub(super) keyring: Arc<Keyring>,
}

/// Against what it runs.
pub(super) struct Setting {
    pub(super) policy: Policy,
    pub(super) state: State,
}

impl Session {
    /// The session of `args` under `verb`. Asks for the password, where it was asked to.
    pub(super) fn of(args: &PlayArgs, verb: &str) -> Result<Self, Fault> {
        let secrets = Secrets::default();
        let options = args.understand(verb, &secrets)?;
        let keyring = Arc::new(args.vault.keyring(&secrets)?);
        let password = if args.ask_pass {
            Some(ask_password("SSH password", &secrets)?)
        } else {
            None
        };
        let become_password = if args.ask_become_pass {
            let typed = ask_password("BECOME password", &secrets)?;
            let given = (!typed.expose().is_empty()).then_some(typed);
            given.or_else(|| password.clone())
        } else {
            None
        };
        Ok(Self {
            options,
            secrets,
            password,
            become_password,
            keyring,
        })
    }
}

fn ask_password(what: &str, secrets: &Secrets) -> Result<Secret, Fault> {
    let typed = rpassword::prompt_password(format!("{what}: ")).map_err(Fault::io("ask for the password"))?;
    Ok(secrets.learn(typed, Origin::Prompt(what.into())))
}

/// The runtime under everything that waits.
pub(super) fn runtime() -> Result<Runtime, Fault> {
    open_files::allow_as_many_as_possible();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Fault::io("start the runtime"))
}

/// The state folder of this user.
pub(super) fn state() -> Result<State, Fault> {
    State::of_user().map_err(|error| {
        Fault::error(format!("the state folder cannot be used: {error}"))
            .hint("set CUTOVER_STATE to a folder of your own")
    })
}

/// Prepares the run and carries it out, or only lists what it would do.
pub(super) async fn play(
    args: &PlayArgs,
    session: Session,
    setting: Setting,
    clock: Arc<dyn Clock>,
) -> Result<Exit, Fault> {
    let stop = Stop::default();
    let screen = if args.only_lists() {
        Screen::default()
    } else {
        Screen::of(args)?
    };
    let run = Run::prepare(Request {
        options: session.options,
        dialer: Arc::new(dialer(&setting.policy, clock.clone())),
        policy: setting.policy,
        sinks: screen.sinks,
        state: setting.state,
        clock: clock.clone(),
        devices: Arc::new(Platforms),
        modules: catalog::built_in(),
        secrets: session.secrets,
        stop: stop.clone(),
        vault: session.keyring,
        password: session.password,
        become_password: session.become_password,
        key_file: None,
        strict: args.strict,
    })?;
    if args.only_lists() {
        return Ok(listing::show(args, &run));
    }
    let ticking = screen.ticker.map(|ticker| tokio::spawn(ticker.run(clock)));
    let watching = tokio::spawn(Signals::listen()?.escalate(stop));
    let exit = run.execute().await;
    watching.abort();
    if let Some(ticking) = ticking {
        ticking.abort();
    }
    Ok(exit)
}

/// What opens connections under `policy`.
fn dialer(policy: &Policy, clock: Arc<dyn Clock>) -> Reacher {
    let map: AddressMap = policy
        .addresses
        .iter()
        .map(|(from, to)| (from.clone(), *to))
        .collect();
    let transport = TcpTransport::new(clock.clone()).mapped(map);
    let transport = if policy.loopback_only {
        transport.loopback_only()
    } else {
        transport
    };
    let files = if policy.known_hosts.is_empty() {
        users_known_hosts()
    } else {
        policy.known_hosts.clone()
    };
    Reacher::new(clock)
        .through(Arc::new(transport))
        .known_hosts(files)
}

/// The files OpenSSH reads, the user's own first.
fn users_known_hosts() -> Vec<std::path::PathBuf> {
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let own = home.map(|home| home.join(".ssh/known_hosts"));
    own.into_iter()
        .chain(["/etc/ssh/ssh_known_hosts".into()])
        .collect()
}

/// Where events are shown.
#[derive(Default)]
struct Screen {
    sinks: Vec<Box<dyn Sink>>,
    ticker: Option<Ticker>,
}

impl Screen {
    fn of(args: &PlayArgs) -> Result<Self, Fault> {
        let mut screen = Self::default();
        let mut main: Box<dyn Write + Send> = if args.events_to_stdout() {
            Box::new(io::stderr())
        } else {
            Box::new(io::stdout())
        };
        let mut err: Box<dyn Write + Send> = Box::new(io::stderr());
        if ui::stderr_is_terminal() {
            let (live, ticker, bars) = live::on_stderr();
            main = Box::new(Above::new(bars.clone(), main));
            err = Box::new(Above::new(bars, err));
            screen.sinks.push(Box::new(live));
            screen.ticker = Some(ticker);
        }
        screen.sinks.push(Box::new(Plain::new(main, err, args.look())));
        if let Some(path) = &args.events {
            screen.sinks.push(if args.events_to_stdout() {
                Box::new(JsonLines::new(io::stdout()))
            } else {
                let shown = path.display();
                let file = File::create(path).map_err(Fault::io(format!("write {shown}")))?;
                Box::new(JsonLines::new(BufWriter::new(file)))
            });
        }
        Ok(screen)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.diagnostics, refusal.exit)
    }
}
