//! The one place where the engine is called.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cutover_kit::secret::Origin;
use cutover_kit::{Clock, Secret, Secrets};
use cutover_language::vault::Keyring;
use cutover_language::yaml::Mapping;
use cutover_reach::{AddressMap, Reacher, TcpTransport};

use super::config;
use super::fault::Fault;
use super::interrupt::Signals;
use super::options::{Given, PlayArgs, RunArgs, ShowArgs};
use super::passwords::{self, VaultArgs};
use super::terminal::{Console, Modes};
use super::{open_files, ui};
use crate::bus::Sink;
use crate::catalog::{self, SiteFolders};
use crate::clock::RealClock;
use crate::devices::Platforms;
use crate::event::Options;
use crate::exit::Exit;
use crate::journal::State;
use crate::policy::Policy;
use crate::report::call::Call;
use crate::report::jsonl::JsonLines;
use crate::report::live::{Rows, Ticker};
use crate::report::plain::{Look, Plain};
use crate::run::{Asked, Refusal, Request, Run, Stop};
use crate::settings::Settings;

/// What was typed, understood.
pub(super) struct Session {
    pub(super) options: Options,
    /// What `-e` gives, as it is written.
    pub(super) extra: Mapping,
    /// How results look.
    look: Look,
    pub(super) secrets: Secrets,
    pub(super) password: Option<Secret>,
    pub(super) become_password: Option<Secret>,
    pub(super) keyring: Arc<Keyring>,
    /// Playbooks that stand in no file.
    pub(super) texts: Vec<(PathBuf, String)>,
    pub(super) strict: bool,
    /// Folders of roles and of modules.
    pub(super) site: SiteFolders,
}

/// Against what it runs.
pub(super) struct Setting {
    pub(super) policy: Policy,
    pub(super) state: State,
}

/// What everything that reads files needs before: the settings, and what opens what is encrypted.
pub(super) struct Ground {
    pub(super) settings: Settings,
    pub(super) secrets: Secrets,
    pub(super) keyring: Arc<Keyring>,
}

impl Ground {
    /// Reads the settings, tells what is odd about them, and asks for passwords, where it was asked to.
    pub(super) fn of(vault: &VaultArgs) -> Result<Self, Fault> {
        let settings = config::settings()?;
        ui::diagnostics(&settings.warnings);
        let secrets = Secrets::default();
        Ok(Self {
            keyring: Arc::new(vault.keyring(&settings, &secrets)?),
            settings,
            secrets,
        })
    }
}

impl Session {
    /// The session of playbooks under `verb`. Asks for passwords, where it was asked to.
    pub(super) fn of(args: &PlayArgs, verb: &str) -> Result<Self, Fault> {
        Self::with(&args.run, |ground| args.understand(verb, ground))
    }

    /// The session of one playbook that stands in no file.
    pub(super) fn of_text(args: &RunArgs, verb: &str, path: &str, text: String) -> Result<Self, Fault> {
        let mut session = Self::of_run(args, verb, vec![path.to_owned()])?;
        session.texts.push((PathBuf::from(path), text));
        Ok(session)
    }

    /// The session of `playbooks` under `verb`.
    pub(super) fn of_run(args: &RunArgs, verb: &str, playbooks: Vec<String>) -> Result<Self, Fault> {
        Self::with(args, |ground| {
            let mut given = args.understand(verb, ground)?;
            given.options.playbooks = playbooks;
            Ok(given)
        })
    }

    fn with(args: &RunArgs, understand: impl FnOnce(&Ground) -> Result<Given, Fault>) -> Result<Self, Fault> {
        args.show.set_colours();
        // Nobody types a password for what cannot be.
        let odd = args.login.check()?;
        if args.strict && !odd.is_empty() {
            return Err(Fault::invalid(odd));
        }
        ui::diagnostics(&odd);
        let ground = Ground::of(&args.vault)?;
        let given = understand(&ground)?;
        let Ground {
            settings,
            secrets,
            keyring,
        } = ground;
        let ask = |wanted: bool, prompt| wanted.then(|| ask_password(&secrets, prompt)).transpose();
        let filed = |path: Option<PathBuf>| path.map(|path| passwords::of_file(&path, &secrets)).transpose();
        let password = match ask(args.login.ask_pass, "SSH password: ")? {
            None => filed(args.login.password_file(&settings))?,
            typed => typed,
        };
        let default = if password.is_some() {
            "BECOME password[defaults to SSH password]: "
        } else {
            "BECOME password: "
        };
        let become_password = match ask(args.becoming.ask_become_pass, default)? {
            Some(typed) if typed.expose().is_empty() => password.clone(),
            None => filed(args.becoming.password_file(&settings))?,
            typed => typed,
        };
        Ok(Self {
            options: given.options,
            extra: given.extra,
            password,
            become_password,
            keyring,
            secrets,
            texts: Vec::new(),
            strict: args.strict,
            site: args.site_folders(&settings),
            look: args.show.look(&settings),
        })
    }

    /// The run that this asks for.
    pub(super) fn request(
        self,
        setting: Setting,
        clock: Arc<dyn Clock>,
        sinks: Vec<Box<dyn Sink>>,
        console: Console,
        stop: Stop,
    ) -> Result<Request, Fault> {
        let console = Arc::new(console);
        let (modules, warnings) = catalog::of_site(&self.options.playbooks, &self.site);
        if self.strict && !warnings.is_empty() {
            return Err(Fault::invalid(warnings));
        }
        ui::diagnostics(&warnings);
        Ok(Request {
            extra: self.extra,
            key_file: self.options.private_key.clone(),
            steps: self.options.step.then(|| console.clone() as Arc<dyn Asked>),
            options: self.options,
            dialer: Arc::new(dialer(&setting.policy, clock.clone())),
            policy: setting.policy,
            sinks,
            state: setting.state,
            clock,
            devices: Arc::new(Platforms),
            modules,
            roles_path: self.site.roles,
            terminal: console,
            secrets: self.secrets,
            stop,
            vault: self.keyring,
            password: self.password,
            become_password: self.become_password,
            given: self.texts,
            strict: self.strict,
        })
    }

    /// The run, read and checked; nothing is written and nobody is reached.
    pub(super) fn look(self) -> Result<Run, Fault> {
        let setting = Setting {
            policy: Policy::default(),
            state: state()?,
        };
        let clock = Arc::new(RealClock::system());
        let request = self.request(setting, clock, Vec::new(), Console::default(), Stop::default())?;
        Ok(Run::look(request)?)
    }
}

fn ask_password(secrets: &Secrets, prompt: &str) -> Result<Secret, Fault> {
    let typed = rpassword::prompt_password(prompt).map_err(Fault::io("ask for the password"))?;
    Ok(secrets.learn(
        typed,
        Origin::Prompt(prompt.split([':', '[']).next().unwrap_or_default().into()),
    ))
}

/// How long the end waits for threads that still work: those that talk to devices must have ended
/// before OpenSSL is put away, one that hangs in a file system may never.
const LAST_WORK: Duration = Duration::from_secs(10);

/// Carries out what waits for others, and leaves the terminal as it was before.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    open_files::allow_as_many_as_possible();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Fault::io("start the runtime"))?;
    let modes = Modes::now();
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WORK);
    modes.restore();
    result
}

/// The state folder of this user.
pub(super) fn state() -> Result<State, Fault> {
    State::of_user().map_err(|error| {
        Fault::error(format!("the state folder cannot be used: {error}"))
            .hint("set CUTOVER_STATE to a folder of your own")
    })
}

/// How a run is told of on standard output.
#[derive(Clone, Copy)]
pub(super) enum View {
    /// As playbooks are: plays, tasks, results, a recap.
    Plays,
    /// As one call is: a result of each host; on one line each where that is asked for.
    Call { one_line: bool },
}

/// Prepares the run and carries it out.
pub(super) async fn play(
    show: &ShowArgs,
    view: View,
    session: Session,
    setting: Setting,
    clock: Arc<dyn Clock>,
) -> Result<Exit, Fault> {
    let stop = Stop::default();
    let screen = Screen::of(show, view, session.look, ui::stderr_is_terminal())?;
    let request = session.request(setting, clock.clone(), screen.sinks, screen.console, stop.clone())?;
    let run = Run::prepare(request)?;
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
        .key_files(users_keys())
}

/// The files OpenSSH reads, the user's own first.
fn users_known_hosts() -> Vec<std::path::PathBuf> {
    let own = cutover_engine::home::of_user().map(|home| home.join(".ssh/known_hosts"));
    own.into_iter()
        .chain(["/etc/ssh/ssh_known_hosts".into()])
        .collect()
}

/// The private keys OpenSSH tries where it is told of none.
fn users_keys() -> Vec<std::path::PathBuf> {
    let Some(home) = cutover_engine::home::of_user() else {
        return Vec::new();
    };
    ["id_rsa", "id_ecdsa", "id_ed25519"]
        .map(|name| home.join(".ssh").join(name))
        .into()
}

/// Where events are shown.
#[derive(Default)]
struct Screen {
    sinks: Vec<Box<dyn Sink>>,
    ticker: Option<Ticker>,
    console: Console,
}

impl Screen {
    fn of(show: &ShowArgs, view: View, look: Look, live: bool) -> Result<Self, Fault> {
        let mut screen = Self::default();
        let mut main: Box<dyn Write + Send> = if show.events_to_stdout() {
            Box::new(io::stderr())
        } else {
            Box::new(io::stdout())
        };
        let mut err: Box<dyn Write + Send> = Box::new(io::stderr());
        if live {
            let rows = Rows::on_stderr();
            main = Box::new(rows.above(main));
            err = Box::new(rows.above(err));
            screen.sinks.push(Box::new(rows.sink()));
            screen.ticker = Some(rows.ticker());
            screen.console = Console::over(rows);
        }
        screen.sinks.push(match view {
            View::Plays => Box::new(Plain::new(main, err, look)),
            View::Call { one_line } => Box::new(Call::new(main, err, look, one_line)),
        });
        if let Some(path) = &show.events {
            screen.sinks.push(if show.events_to_stdout() {
                Box::new(JsonLines::new(io::stdout()))
            } else {
                let file = Written::open(path).map_err(Fault::io(format!("write {}", path.display())))?;
                Box::new(JsonLines::new(BufWriter::new(file)))
            });
        }
        Ok(screen)
    }
}

/// A file whose old content stays until something is written. A new one is for its owner only:
/// events tell a lot of an estate.
struct Written {
    file: File,
    begun: bool,
}

impl Written {
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self {
            file: options.open(path)?,
            begun: false,
        })
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Pipes and devices hold nothing that could be in the way.
        if !std::mem::replace(&mut self.begun, true) && self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.diagnostics, refusal.exit)
    }
}
