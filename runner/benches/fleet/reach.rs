//! The same course over cutover's own connections, without the engine above
//! them: tells which of the two a difference comes from.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use cutover::clock::RealClock;
use cutover_kit::session::{Credential, Dialer, Endpoint, Exec, HostKeyPolicy, SshSettings};
use cutover_kit::timing::Timing;
use cutover_reach::Reacher;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::course::{Course, Host};

/// A task per host, as many at work as the course is wide.
pub(crate) fn run(course: &Course) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(visit_all(course))
}

async fn visit_all(course: &Course) -> Result<()> {
    let reacher = Reacher::new(Arc::new(RealClock::system())).known_hosts(vec![course.known_hosts.clone()]);
    let reacher = Arc::new(reacher);
    let places = Arc::new(Semaphore::new(course.width));
    let mut visits = JoinSet::new();
    for host in course.hosts() {
        let (reacher, places, course) = (Arc::clone(&reacher), Arc::clone(&places), course.clone());
        visits.spawn(async move {
            let _place = places.acquire().await?;
            visit(&*reacher, &course, &host).await.context(host.name)
        });
    }
    while let Some(visit) = visits.join_next().await {
        visit??;
    }
    Ok(())
}

async fn visit(dialer: &dyn Dialer, course: &Course, host: &Host) -> Result<()> {
    let settings = SshSettings {
        name: host.name.clone(),
        endpoint: Endpoint::new(&host.address, course.port),
        user: course.user.clone(),
        credential: Credential::Key {
            file: course.key.clone(),
            passphrase: None,
        },
        host_keys: HostKeyPolicy::Strict,
        legacy: false,
        timing: Timing::real(),
    };
    let mut link = dialer.dial(&settings).await?;
    let command = Exec {
        command: "true".into(),
        ..Exec::default()
    };
    for _ in 0..course.commands {
        let executed = link.exec(&command).await?;
        ensure!(
            executed.status == Some(0),
            "`true` ended with {:?}",
            executed.status
        );
    }
    link.close().await;
    Ok(())
}
