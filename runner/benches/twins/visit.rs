//! One client process that logs in to every twin, holds all sessions open at
//! once, and runs commands on each.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cutover::clock::RealClock;
use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Credential, Dialer, Endpoint, HostKeyPolicy, Shell, SshSettings, Terminal};
use cutover_kit::timing::Timing;
use cutover_reach::Reacher;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::estate::{PASSWORD, Twin, USER, most_memory};

const PROMPT: &[u8] = b"admin:";
/// What is asked of every twin.
pub(crate) const COMMAND: &str = "show version active";

/// What the visit cost.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Visit {
    /// Logging in, until every twin shows its prompt.
    pub(crate) login: Phase,
    /// The commands on all of them.
    pub(crate) commands: Phase,
    /// The most memory held, in bytes.
    pub(crate) memory: u64,
}

/// Time and processor time of this process alone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Phase {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

/// Since when a phase lasts.
struct Begun {
    at: Instant,
    cpu: Duration,
}

impl Begun {
    fn now() -> Result<Self> {
        Ok(Self {
            at: Instant::now(),
            cpu: own_cpu()?,
        })
    }

    fn end(&self) -> Result<Phase> {
        Ok(Phase {
            wall: self.at.elapsed(),
            cpu: own_cpu()? - self.cpu,
        })
    }
}

fn own_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let cpu = usage.user_time() + usage.system_time();
    Ok(Duration::from_micros(u64::try_from(cpu.num_microseconds())?))
}

/// Visits `twins`, with `commands` on each.
pub(crate) fn run(twins: Vec<Twin>, known_hosts: &Path, commands: usize) -> Result<Visit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let reacher = Reacher::new(Arc::new(RealClock::system())).known_hosts(vec![known_hosts.to_owned()]);
    let reacher = Arc::new(reacher);
    runtime.block_on(async {
        let begun = Begun::now()?;
        let logins = twins.into_iter().map(|twin| {
            let reacher = Arc::clone(&reacher);
            async move { log_in(&*reacher, &twin).await.context(twin.name) }
        });
        let shells = all(logins).await?;
        let login = begun.end()?;
        let begun = Begun::now()?;
        let shells = all(shells.into_iter().map(|shell| work(shell, commands))).await?;
        let commands = begun.end()?;
        let memory = most_memory("self");
        all(shells.into_iter().map(close)).await?;
        Ok(Visit {
            login,
            commands,
            memory,
        })
    })
}

/// Does everything at once.
async fn all<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = Result<T>> + Send + 'static>,
) -> Result<Vec<T>> {
    let mut tasks: JoinSet<Result<T>> = work.collect();
    let mut done = Vec::with_capacity(tasks.len());
    while let Some(outcome) = tasks.join_next().await {
        done.push(outcome??);
    }
    Ok(done)
}

async fn log_in(dialer: &dyn Dialer, twin: &Twin) -> Result<Box<dyn Shell>> {
    let settings = SshSettings {
        name: twin.name.clone(),
        endpoint: Endpoint::new("127.0.0.1", twin.port),
        user: USER.into(),
        credential: Credential::Password(Secret::new(PASSWORD, Origin::Argument)),
        host_keys: HostKeyPolicy::Strict,
        legacy: false,
        timing: Timing::real(),
    };
    let mut link = dialer.dial(&settings).await?;
    let terminal = Terminal {
        kind: "vt100",
        columns: 200,
        rows: 50,
    };
    let mut shell = link.shell(terminal).await?;
    until_prompt(&mut *shell).await?;
    Ok(shell)
}

async fn work(mut shell: Box<dyn Shell>, commands: usize) -> Result<Box<dyn Shell>> {
    for _ in 0..commands {
        shell.write(format!("{COMMAND}\r").as_bytes()).await?;
        let said = until_prompt(&mut *shell).await?;
        ensure!(said.len() > COMMAND.len() + PROMPT.len(), "no answer");
    }
    Ok(shell)
}

async fn close(shell: Box<dyn Shell>) -> Result<()> {
    shell.close().await;
    Ok(())
}

async fn until_prompt(shell: &mut dyn Shell) -> Result<Vec<u8>> {
    let mut said = Vec::new();
    while !said.trim_ascii_end().ends_with(PROMPT) {
        said.extend(shell.read().await?.context("the twin has closed")?);
    }
    Ok(said)
}
