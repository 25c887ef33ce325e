//! This machine as a host like any other: a link whose far side is its own shell.

use std::process::Stdio;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_kit::becoming::{Answer, Porter};
use cutover_kit::clock::{Clock, within};
use cutover_kit::local::Local;
use cutover_kit::session::{
    DialError, Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, Link, LinkError, Offer, Shell,
    SshSettings, Terminal,
};
use cutover_kit::{Secret, secret::Origin};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

/// Opens links to this machine.
pub(super) struct Here {
    clock: Arc<dyn Clock>,
}

impl Here {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

#[async_trait]
impl Dialer for Here {
    async fn dial(&self, _to: &SshSettings) -> Result<Box<dyn Link>, DialError> {
        Ok(Box::new(Near {
            clock: self.clock.clone(),
        }))
    }

    async fn handshake(&self, to: &Endpoint, _offer: &Offer) -> Result<Handshake, HandshakeError> {
        Err(HandshakeError::Protocol {
            endpoint: to.clone(),
            reason: "commands of this machine shake no hands".into(),
        })
    }
}

struct Near {
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Link for Near {
    async fn shell(&mut self, _terminal: Terminal) -> Result<Box<dyn Shell>, LinkError> {
        Err(LinkError::Refused("this machine needs no terminal".into()))
    }

    async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
        let work = execute(command);
        match command.limit {
            Some(limit) => within(&*self.clock, limit, work)
                .await
                .unwrap_or(Err(LinkError::Late(limit))),
            None => work.await,
        }
    }

    fn alive(&self) -> bool {
        true
    }

    fn host_key(&self) -> &str {
        ""
    }

    async fn close(self: Box<Self>) {}
}

async fn execute(command: &Exec) -> Result<Executed, LinkError> {
    let lost = |error: std::io::Error| LinkError::Lost(error.to_string());
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", &command.command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Local::spawn(shell).map_err(|error| LinkError::Refused(error.to_string()))?;
    let mut input = Input(child.stdin());
    let (out, err) = (child.stdout(), child.stderr());
    let feed = async {
        match &command.gate {
            None => {
                input.finish(command.stdin.as_ref()).await;
                drain(err).await
            }
            Some(gate) => attend(&mut Porter::new(gate), err, &mut input, command).await,
        }
    };
    let (stderr, stdout, status) = tokio::join!(feed, drain(out), child.wait());
    Ok(Executed {
        status: status.map_err(lost)?.code(),
        stdout: stdout.map_err(lost)?,
        stderr: stderr.map_err(lost)?,
    })
}

/// Reads standard error and does what the porter says.
async fn attend(
    porter: &mut Porter<'_>,
    from: Option<impl AsyncRead + Unpin>,
    input: &mut Input,
    command: &Exec,
) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let Some(mut from) = from else { return Ok(all) };
    let mut chunk = vec![0; 4096];
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            return Ok(all);
        }
        all.extend(&chunk[..count]);
        match porter.hear(&chunk[..count]) {
            None => {}
            Some(Answer::Say(password)) => input.say(&line(&password)).await,
            Some(Answer::Begin) => input.finish(command.stdin.as_ref()).await,
            Some(Answer::HangUp) => input.finish(None).await,
        }
    }
}

async fn drain(from: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(mut from) = from {
        from.read_to_end(&mut all).await?;
    }
    Ok(all)
}

fn line(password: &Secret) -> Secret {
    Secret::new(format!("{}\n", password.expose()), Origin::Argument)
}

/// A process may end without reading; that is its right.
struct Input(Option<ChildStdin>);

impl Input {
    async fn say(&mut self, text: &Secret) {
        if let Some(stdin) = &mut self.0 {
            let _ = stdin.write_all(text.expose().as_bytes()).await;
            let _ = stdin.flush().await;
        }
    }

    async fn finish(&mut self, text: Option<&Secret>) {
        if let Some(text) = text {
            self.say(text).await;
        }
        self.0 = None;
    }
}
