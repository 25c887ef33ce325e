//! Waiting for a node to come back, and knowing that it was away.

use std::time::Duration;

use cutover_kit::{Failure, FailureKind, Host, Note, Reach, Read};

use crate::device::{Reader, Vos};
use crate::presence::settle;

/// Uptime is told in whole minutes.
const MINUTE: Duration = Duration::from_secs(60);

/// A node that was told to restart.
pub(super) struct Wait<'a> {
    pub(super) host: &'a Host,
    /// When it was told.
    pub(super) sent: Duration,
    /// How long it had been up by then.
    pub(super) before: Duration,
    /// Whether it said that it would.
    pub(super) accepted: bool,
}

/// What the node says of itself.
enum Now {
    /// It has been restarted since.
    Restarted,
    /// It has been up all the time.
    UpAllTheTime,
    /// It cannot be asked.
    Away(Failure),
}

impl Wait<'_> {
    /// Waits until the node has been restarted and is in service.
    pub(super) async fn until_back(&self, reach: &Reach<Read>) -> Result<(), Failure> {
        let timing = &self.host.timing;
        let limit = timing.restart;
        reach.note(Note::Waiting {
            what: format!("{} to come back", self.host.name),
            limit,
        });
        reach.wait(timing.first_probe).await;
        loop {
            let now = self.ask(reach).await;
            let late = reach.clock().elapsed() + timing.poll > self.sent + limit;
            match now {
                Now::Restarted => return settle(reach, self.host, self.sent, limit).await,
                Now::UpAllTheTime if !self.accepted => return Err(self.not_carried_out()),
                Now::UpAllTheTime if late => return Err(self.never_went()),
                Now::Away(failure) if late => return Err(self.never_returned(failure)),
                Now::UpAllTheTime | Now::Away(_) => {}
            }
            reach.wait(timing.poll).await;
        }
    }

    async fn ask(&self, reach: &Reach<Read>) -> Now {
        let asked = async {
            let reader = reach.reader::<Vos>(&self.host.name).await?;
            reader.status().await
        };
        match asked.await {
            Err(failure) => Now::Away(failure),
            Ok(status) => {
                let since = reach.clock().elapsed().saturating_sub(self.sent);
                if status.uptime + MINUTE < self.before || status.uptime <= since {
                    Now::Restarted
                } else {
                    Now::UpAllTheTime
                }
            }
        }
    }

    fn not_carried_out(&self) -> Failure {
        let message = format!(
            "the session with {} ended before it accepted the restart, and its uptime shows that it did not restart",
            self.host.name
        );
        Failure::new(FailureKind::Refused, message).hint("nothing was changed; run the playbook again")
    }

    fn never_went(&self) -> Failure {
        let message = format!(
            "{} accepted the restart, and after {:?} its uptime shows that it did not",
            self.host.name, self.host.timing.restart
        );
        Failure::new(FailureKind::NotProved, message)
    }

    fn never_returned(&self, failure: Failure) -> Failure {
        let message = format!(
            "{} did not come back within {:?}",
            self.host.name, self.host.timing.restart
        );
        Failure::new(FailureKind::Late, message)
            .seen(failure.message)
            .seen_all(failure.seen)
            .hint(
                "look at the console of its virtual machine; the other nodes are left alone until it is back",
            )
    }
}

/// Why a restart now would leave the database's replication unable to complete, where it would.
pub(super) async fn replicating(
    reach: &Reach<Read>,
    host: &Host,
    reader: &Reader,
) -> Result<Option<String>, Failure> {
    if reach.estate().cluster(&host.cluster).len() < 2 {
        return Ok(None);
    }
    let state = reader.replication().await?;
    let short = host.fqdn.split('.').next().unwrap_or(&host.fqdn);
    let own = state.own(short).filter(|row| row.state != 2);
    Ok(own.map(|row| format!("its replication is at ({}) {}", row.state, row.text)))
}
