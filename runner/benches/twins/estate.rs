//! Many twins in one process.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, Result};
use cutover_twins::{Account, DeviceSpec, Estate, EstateSpec, Servers, Timing};
use serde::{Deserialize, Serialize};

/// The account of every twin.
pub(crate) const USER: &str = "admin";
/// Its password.
pub(crate) const PASSWORD: &str = "rehearsal";

/// Where a twin listens, and the key it shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Twin {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) host_key: String,
}

/// The work of the twins' process: tells where they are, and serves until its
/// standard input ends.
pub(crate) fn serve(count: usize) -> Result<()> {
    let devices = (1..=count).map(device).collect();
    let spec = EstateSpec { devices, seed: 1 };
    let estate = Estate::new(&spec, Timing::fast(), SystemTime::now())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let servers = runtime.block_on(Servers::start(estate))?;
    let twins: Vec<Twin> = servers
        .addresses()
        .iter()
        .map(|((name, _), address)| Twin {
            name: name.clone(),
            port: address.port(),
            host_key: servers.host_key(name),
        })
        .collect();
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &twins)?;
    writeln!(out)?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}

fn device(number: usize) -> DeviceSpec {
    let name = format!("twin-{number:04}");
    DeviceSpec {
        fqdn: format!("{name}.example.test"),
        address: format!("10.0.{}.{}", number / 250, number % 250 + 1),
        cluster: name.clone(),
        name,
        products: vec!["finesse".into()],
        version: "12.6.2".into(),
        primary: true,
        accounts: vec![Account {
            name: USER.into(),
            password: Some(PASSWORD.into()),
        }],
        ports: Some(Vec::new()),
        ..DeviceSpec::default()
    }
}

/// The twins' process, as its parent sees it. Ended when dropped.
pub(crate) struct Process {
    child: Child,
    /// The twins in it.
    pub(crate) twins: Vec<Twin>,
}

impl Process {
    /// Starts `count` twins.
    pub(crate) fn start(count: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let twins = serde_json::from_str(&line).context("the twins did not start")?;
        Ok(Self { child, twins })
    }

    /// The most memory it has held, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        most_memory(&self.child.id().to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory that a process has held, in bytes; `self` is this one.
pub(crate) fn most_memory(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
