//! What any module may do with any VOS host.

use std::sync::Arc;

use cutover_kit::failure::{Failure, FailureKind};
use cutover_kit::note::Notes;
use cutover_kit::timing::Timing;
use cutover_x509::{Request, read_request};

use super::command::Command;
use super::connection::{Kind, VosConnection};
use super::refusal::{CertError, Refusal};
use super::show::{NotAFile, Show, TrustFile};
use crate::read::{
    self, Cluster, Listed, LiveData, Locking, Ntp, ReadError, Replication, Services, Shown, Status, Version,
};
use crate::unit::Unit;

/// Reads a VOS host. It has no way to send anything but a [`Show`].
pub struct Reader {
    connection: Arc<VosConnection>,
    notes: Arc<dyn Notes>,
}

impl Reader {
    pub(crate) fn new(connection: Arc<VosConnection>, notes: Arc<dyn Notes>) -> Self {
        Self { connection, notes }
    }

    /// The host's name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.connection.host()
    }

    /// The host's waits.
    #[must_use]
    pub fn timing(&self) -> &Timing {
        self.connection.timing()
    }

    /// The output of a command, line by line.
    ///
    /// # Errors
    /// Where the host cannot be reached or does not come back to its prompt. What the
    /// device itself says of a failure is in the lines.
    pub async fn show(&self, show: &Show) -> Result<Vec<String>, Failure> {
        self.line(show.line()).await
    }

    /// The output of a command, or what the device refused it with; a second spelling is
    /// tried where releases differ.
    async fn ask(&self, show: &Show) -> Result<Result<Vec<String>, Refusal>, Failure> {
        let lines = self.show(show).await?;
        let Some(refusal) = Refusal::general(&lines) else {
            return Ok(Ok(lines));
        };
        if let Some(other) = show.other_line() {
            let lines = self.line(other).await?;
            if Refusal::general(&lines).is_none() {
                return Ok(Ok(lines));
            }
        }
        Ok(Err(refusal))
    }

    async fn line(&self, line: String) -> Result<Vec<String>, Failure> {
        let command = Command::reading(line, self.timing().command);
        let reply = self.connection.run(&command, Kind::Reads, &*self.notes).await?;
        Ok(reply.lines)
    }

    async fn parsed<T>(
        &self,
        show: &Show,
        parse: impl FnOnce(&[String]) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        let lines = self.ask(show).await?.map_err(|it| self.refused(show, &it))?;
        parse(&lines).map_err(|error| self.unread(show, &error, lines))
    }

    fn refused(&self, show: &Show, refusal: &Refusal) -> Failure {
        let message = format!("{} refused `{}`: {refusal}", self.host(), show.line());
        Failure::new(FailureKind::Refused, message)
    }

    fn unread(&self, show: &Show, error: &ReadError, lines: Vec<String>) -> Failure {
        let message = format!("the answer of {} to `{}`: {error}", self.host(), show.line());
        Failure::new(FailureKind::NotProved, message).seen_all(lines)
    }

    /// The certificates of all units.
    pub async fn own_certificates(&self) -> Result<Vec<Listed>, Failure> {
        self.parsed(&Show::OwnCertificates, read::listed).await
    }

    /// The files of all trust stores.
    pub async fn trust_certificates(&self) -> Result<Vec<Listed>, Failure> {
        self.parsed(&Show::TrustCertificates, read::listed).await
    }

    /// The certificate in a unit; `None` where the node has no such unit.
    pub async fn own_certificate(&self, unit: &Unit) -> Result<Option<Shown>, Failure> {
        self.optional(&Show::OwnCertificate(unit.clone()), read::shown)
            .await
    }

    /// A certificate of a trust store; `None` where it is not there (any more). What was
    /// read before on this connection is taken from memory where `remembered` is set.
    pub async fn trust_certificate(
        &self,
        listed: &Listed,
        remembered: bool,
    ) -> Result<Option<Shown>, Failure> {
        let file = TrustFile::new(&listed.store, &listed.file).map_err(|error| self.odd(&error))?;
        if remembered && let Some(certificate) = self.connection.seen(&file) {
            return Ok(Some(Shown::Whole(Box::new(certificate))));
        }
        let show = Show::TrustCertificate(file.clone());
        let shown = self.optional(&show, read::shown).await?;
        if let Some(Shown::Whole(certificate)) = &shown {
            self.connection.remember(file, (**certificate).clone());
        }
        Ok(shown)
    }

    fn odd(&self, error: &NotAFile) -> Failure {
        let message = format!(
            "{} lists a certificate that cannot be asked for: {error}",
            self.host()
        );
        Failure::new(FailureKind::NotProved, message)
    }

    /// The request that waits in a unit; `None` where there is none.
    pub async fn request(&self, unit: &Unit) -> Result<Option<Request>, Failure> {
        let lines = self
            .ask(&Show::Requests)
            .await?
            .unwrap_or_else(|refusal| vec![refusal.line]);
        if !read::requests(&lines).contains(unit) {
            return Ok(None);
        }
        let read = |lines: &[String]| {
            read_request(lines.join("\n").as_bytes()).map_err(|error| ReadError(error.to_string()))
        };
        self.optional(&Show::Request(unit.clone()), read).await
    }

    /// What a command shows, or `None` where the device says that there is no such thing.
    async fn optional<T>(
        &self,
        show: &Show,
        parse: impl FnOnce(&[String]) -> Result<T, ReadError>,
    ) -> Result<Option<T>, Failure> {
        match self.ask(show).await? {
            Ok(lines) => parse(&lines)
                .map(Some)
                .map_err(|error| self.unread(show, &error, lines)),
            Err(refusal) if refusal.error == CertError::UnknownCommand => Err(self.refused(show, &refusal)),
            Err(_) => Ok(None),
        }
    }

    /// All services and their states.
    pub async fn services(&self) -> Result<Services, Failure> {
        self.parsed(&Show::Services, read::services).await
    }

    /// Release and installed options.
    pub async fn version(&self) -> Result<Version, Failure> {
        self.parsed(&Show::Version, read::version).await
    }

    /// Name, date, uptime.
    pub async fn status(&self) -> Result<Status, Failure> {
        self.parsed(&Show::Status, read::status).await
    }

    /// The nodes of the cluster.
    pub async fn cluster(&self) -> Result<Cluster, Failure> {
        self.parsed(&Show::Cluster, read::cluster).await
    }

    /// The state of the database's replication.
    pub async fn replication(&self) -> Result<Replication, Failure> {
        let lines = self.show(&Show::Replication).await?;
        read::replication(&lines).map_err(|error| self.unread(&Show::Replication, &error, lines))
    }

    /// The state of the clock.
    pub async fn ntp(&self) -> Result<Ntp, Failure> {
        let lines = self.show(&Show::Ntp).await?;
        read::ntp(&lines).map_err(|error| self.unread(&Show::Ntp, &error, lines))
    }

    /// Live Data's side and state.
    pub async fn live_data(&self) -> Result<LiveData, Failure> {
        self.parsed(&Show::LiveData, read::live_data).await
    }

    /// Whether and when accounts are locked.
    pub async fn locking(&self) -> Result<Locking, Failure> {
        self.parsed(&Show::AccountLocking, read::locking).await
    }
}
