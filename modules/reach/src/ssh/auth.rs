//! Logging in: one attempt per connection, by one method chosen beforehand.

use std::path::Path;
use std::sync::Arc;

use cutover_kit::Secret;
use cutover_kit::session::{DialError, SshSettings};
use ssh2::{KeyboardInteractivePrompt, Prompt};

use super::agent::{AgentKey, AgentSocket};
use super::wire::{Fault, Wire};
use crate::gate::{Outcome, Password, PasswordGate};
use crate::socket::Socket;

const KEYBOARD_INTERACTIVE: &str = "keyboard-interactive";
const PASSWORD: &str = "password";
const PUBLIC_KEY: &str = "publickey";

/// What the account proves itself with, on one connection.
pub(crate) enum Proof<'a> {
    /// The flag says that the host was told to restart and may still boot.
    Password(&'a Secret, &'a PasswordGate, bool),
    KeyFile(&'a Path, Option<&'a Secret>),
    AgentKey(&'a AgentSocket, &'a AgentKey),
}

/// Logs in on a connection whose host key has been checked.
pub(crate) async fn log_in(wire: &Wire, settings: &SshSettings, proof: &Proof<'_>) -> Result<(), DialError> {
    let login = Login { wire, settings };
    let Some(methods) = login.methods().await? else {
        return Ok(());
    };
    let wanted: &[&'static str] = match proof {
        Proof::Password(..) => &[KEYBOARD_INTERACTIVE, PASSWORD],
        Proof::KeyFile(..) | Proof::AgentKey(..) => &[PUBLIC_KEY],
    };
    let offered = wanted
        .iter()
        .find(|&&method| methods.iter().any(|offered| offered == method));
    let method = offered.ok_or_else(|| login.not_offered(wanted, &methods))?;
    match proof {
        Proof::Password(secret, gate, booting) => login.password(method, secret, gate, *booting).await,
        Proof::KeyFile(file, passphrase) => login.key(file, passphrase.map(Secret::expose)).await,
        Proof::AgentKey(agent, key) => {
            let done = agent.log_in(wire, &settings.user, key).await;
            done.map_err(|fault| login.verdict(PUBLIC_KEY, &fault))
        }
    }
}

struct Login<'a> {
    wire: &'a Wire,
    settings: &'a SshSettings,
}

impl Login<'_> {
    /// What the server offers; `None` where it asks for nothing.
    async fn methods(&self) -> Result<Option<Vec<String>>, DialError> {
        let session = &self.wire.session;
        let list = self
            .wire
            .drive(|| session.auth_methods(&self.settings.user).map(str::to_owned))
            .await;
        if session.authenticated() {
            return Ok(None);
        }
        let list = list.map_err(|fault| self.failed(&fault))?;
        Ok(Some(list.split(',').map(str::to_owned).collect()))
    }

    async fn password(
        &self,
        method: &'static str,
        secret: &Secret,
        gate: &PasswordGate,
        booting: bool,
    ) -> Result<(), DialError> {
        let (user, endpoint) = (&self.settings.user, &self.settings.endpoint);
        let password = Password::of(user, secret);
        let entered = gate.enter(password, endpoint, booting).await;
        let mut turn = entered.map_err(|bar| DialError::Barred {
            endpoint: endpoint.clone(),
            user: user.clone(),
            reason: bar.to_string(),
        })?;
        turn.sent();
        let result = match method {
            KEYBOARD_INTERACTIVE => self.keyboard_interactive(secret).await,
            _ => self.plain_password(secret).await,
        };
        turn.settle(match &result {
            Ok(()) => Outcome::Accepted,
            Err(DialError::Refused { .. }) => Outcome::Refused,
            Err(_) => Outcome::Unanswered,
        });
        result
    }

    async fn plain_password(&self, secret: &Secret) -> Result<(), DialError> {
        let session = &self.wire.session;
        let done = self
            .wire
            .drive(|| session.userauth_password(&self.settings.user, secret.expose()))
            .await;
        done.map_err(|fault| match fault {
            Fault::Said(libssh2_sys::LIBSSH2_ERROR_PASSWORD_EXPIRED, _) => {
                self.refused("password (it has expired)")
            }
            fault => self.verdict(PASSWORD, &fault),
        })
    }

    async fn keyboard_interactive(&self, secret: &Secret) -> Result<(), DialError> {
        let session = &self.wire.session;
        let mut answers = Answers::new(secret, &self.wire.socket);
        let done = self
            .wire
            .drive(|| session.userauth_keyboard_interactive(&self.settings.user, &mut answers))
            .await;
        match (done, answers.second_question) {
            (_, Some(question)) => Err(self.refused(&format!(
                "{KEYBOARD_INTERACTIVE} (after the password it asked {question:?})"
            ))),
            (Err(fault), None) => Err(self.verdict(KEYBOARD_INTERACTIVE, &fault)),
            (Ok(()), None) => Ok(()),
        }
    }

    async fn key(&self, file: &Path, passphrase: Option<&str>) -> Result<(), DialError> {
        let text = tokio::fs::read_to_string(file).await;
        let text = text.map_err(|error| self.protocol(format!("the key {}: {error}", file.display())))?;
        let public = public_part(&text);
        let session = &self.wire.session;
        let user = &self.settings.user;
        let done = self
            .wire
            .drive(|| session.userauth_pubkey_memory(user, public.as_deref(), &text, passphrase))
            .await;
        done.map_err(|fault| match fault {
            Fault::Said(libssh2_sys::LIBSSH2_ERROR_FILE, text) => {
                self.protocol(format!("the key {} cannot be used: {text}", file.display()))
            }
            fault => self.verdict(PUBLIC_KEY, &fault),
        })
    }

    /// What an attempt's failure means.
    fn verdict(&self, method: &str, fault: &Fault) -> DialError {
        match fault {
            Fault::Said(
                libssh2_sys::LIBSSH2_ERROR_AUTHENTICATION_FAILED
                | libssh2_sys::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED,
                _,
            ) => self.refused(method),
            fault => self.failed(fault),
        }
    }

    fn refused(&self, method: &str) -> DialError {
        DialError::Refused {
            endpoint: self.settings.endpoint.clone(),
            user: self.settings.user.clone(),
            method: method.to_owned(),
        }
    }

    fn failed(&self, fault: &Fault) -> DialError {
        super::login::failed(self.settings, "log in", fault)
    }

    fn not_offered(&self, wanted: &[&str], methods: &[String]) -> DialError {
        self.protocol(format!(
            "it does not let {} log in by {}, only by {}",
            self.settings.user,
            wanted.join(" or "),
            methods.join(", ")
        ))
    }

    fn protocol(&self, reason: String) -> DialError {
        DialError::Protocol {
            endpoint: self.settings.endpoint.clone(),
            reason,
        }
    }
}

/// The public part of a private key in OpenSSH's own form, as `.pub` files have it. libssh2 would work
/// it out itself, by trying all that OpenSSL can read first. One behind a passphrase is left to it: it
/// opens the key before the server hears of it.
fn public_part(private: &str) -> Option<String> {
    let key = ssh_key::PrivateKey::from_openssh(private).ok()?;
    let public = key.public_key().to_openssh().ok()?;
    (!key.is_encrypted()).then_some(public)
}

/// Answers the first question with the password. A second one would count as
/// another attempt, or ask for a new password; the connection is ended instead.
struct Answers<'a> {
    secret: &'a Secret,
    socket: &'a Arc<Socket>,
    answered: bool,
    second_question: Option<String>,
}

impl<'a> Answers<'a> {
    fn new(secret: &'a Secret, socket: &'a Arc<Socket>) -> Self {
        Self {
            secret,
            socket,
            answered: false,
            second_question: None,
        }
    }
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _user: &str, _instructions: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        let Some(first) = prompts.first() else {
            return Vec::new();
        };
        if self.answered {
            self.second_question = Some(first.text.trim().to_owned());
            self.socket.shutdown();
            return Vec::new();
        }
        self.answered = true;
        prompts.iter().map(|_| self.secret.expose().to_owned()).collect()
    }
}
