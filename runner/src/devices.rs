//! How to talk to a host of each platform: what the engine is handed and does
//! not know itself.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use cutover_core::PosixConnection;
use cutover_kit::session::{Dialer, SshSettings};
use cutover_kit::{Clock, Failure, FailureKind, Host, Platform, Reach, Read};
use cutover_vos::VosConnection;

use crate::run::{Devices, Standing};

/// The platforms this build knows.
pub struct Platforms;

#[async_trait]
impl Devices for Platforms {
    fn connect(
        &self,
        host: &Host,
        settings: SshSettings,
        dialer: Arc<dyn Dialer>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        match host.platform {
            Platform::Vos => Ok(Arc::new(VosConnection::new(settings, dialer, clock))),
            Platform::Posix => Ok(Arc::new(PosixConnection::new(settings, dialer))),
            Platform::Local => self.here(host, clock),
            Platform::Windows => Err(refused(
                host,
                "is a Windows server, and those cannot be reached yet",
            )),
        }
    }

    fn here(&self, host: &Host, clock: Arc<dyn Clock>) -> Result<Arc<dyn Any + Send + Sync>, Failure> {
        Ok(Arc::new(PosixConnection::here(&host.name, clock)))
    }

    async fn standing(&self, reach: &Reach<Read>, host: &str) -> Result<Standing, Failure> {
        match reach.estate().host(host).map(|host| host.platform) {
            Some(Platform::Vos) => {}
            Some(Platform::Local) => return Ok(Standing::InService),
            _ => {
                let message = format!("whether {host} is in service cannot be read yet");
                return Err(Failure::new(FailureKind::NotProved, message));
            }
        }
        Ok(match cutover_vos::standing(reach, host).await? {
            cutover_vos::Standing::InService => Standing::InService,
            cutover_vos::Standing::Out(reasons) => Standing::Out(reasons),
        })
    }
}

fn refused(host: &Host, why: &str) -> Failure {
    Failure::new(FailureKind::Arguments, format!("{} {why}", host.name))
}
