//! Ctrl-C: the first finishes the current change, the second drops everything.

use crate::run::Stop;

/// Passes the signals on to `stop` for as long as it is polled. A request to
/// terminate counts like a Ctrl-C.
pub(super) async fn escalate(stop: Stop) {
    signalled().await;
    stop.finish_change();
    signalled().await;
    stop.drop_everything();
    std::future::pending::<()>().await;
}

/// Waits for one signal.
#[cfg(unix)]
pub(super) async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    // Without a handler the signal ends the process, which is the next best thing.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits for one signal.
#[cfg(not(unix))]
pub(super) async fn signalled() {
    let _ = tokio::signal::ctrl_c().await;
}
