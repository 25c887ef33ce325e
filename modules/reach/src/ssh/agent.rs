//! The user's SSH agent. libssh2 talks to it over a socket that blocks, so
//! that happens beside the runtime's own threads.

use std::path::PathBuf;
use std::time::Duration;

use ssh2::{Agent, PublicKey, Session};

use super::wire::{Fault, Wire};

/// Where the agent listens; `None` is what `SSH_AUTH_SOCK` says.
#[derive(Clone, Debug, Default)]
pub(crate) struct AgentSocket(pub(crate) Option<PathBuf>);

/// One of the agent's keys: its public part as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentKey(Vec<u8>);

impl AgentKey {
    /// The key with this public part.
    pub(crate) fn new(public: Vec<u8>) -> Self {
        Self(public)
    }
}

impl AgentSocket {
    /// The keys the agent holds, in its order.
    pub(crate) async fn keys(&self) -> Result<Vec<AgentKey>, String> {
        let agent = self.clone();
        let list = move || {
            let session = Session::new()?;
            let (_, keys) = agent.open(&session)?;
            Ok(keys.iter().map(|key| AgentKey(key.blob().to_vec())).collect())
        };
        beside(list).await.map_err(|fault| fault.to_string())
    }

    /// Logs in with one key. The connection is nobody else's meanwhile.
    pub(crate) async fn log_in(&self, wire: &Wire, user: &str, key: &AgentKey) -> Result<(), Fault> {
        let (agent, session) = (self.clone(), wire.session.clone());
        let (user, key, limit) = (user.to_owned(), key.clone(), wire.patience);
        beside(move || agent.sign_in(&session, &user, &key, limit)).await
    }

    fn sign_in(
        &self,
        session: &Session,
        user: &str,
        key: &AgentKey,
        limit: Duration,
    ) -> Result<(), ssh2::Error> {
        let (agent, keys) = self.open(session)?;
        let Some(key) = keys.iter().find(|held| held.blob() == key.0) else {
            return Err(ssh2::Error::from_errno(ssh2::ErrorCode::Session(
                libssh2_sys::LIBSSH2_ERROR_AGENT_PROTOCOL,
            )));
        };
        session.set_timeout(limit.as_millis().try_into().unwrap_or(u32::MAX));
        session.set_blocking(true);
        let done = agent.userauth(user, key);
        session.set_blocking(false);
        done
    }

    fn open(&self, session: &Session) -> Result<(Agent, Vec<PublicKey>), ssh2::Error> {
        let mut agent = session.agent()?;
        if let Some(path) = &self.0 {
            agent.set_identity_path(path)?;
        }
        agent.connect()?;
        agent.list_identities()?;
        let keys = agent.identities()?;
        Ok((agent, keys))
    }
}

async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ssh2::Error> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Fault::from),
        Err(error) => Err(Fault::Said(
            libssh2_sys::LIBSSH2_ERROR_AGENT_PROTOCOL,
            error.to_string(),
        )),
    }
}
