//! The signals that stop the server.

use std::future::Future;

use crate::failure::Failure;

/// Begins to listen; the future ends at the first signal.
///
/// # Errors
/// When the system does not let this program listen for signals.
#[cfg(unix)]
pub(super) fn listen() -> Result<impl Future<Output = ()> + Send, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let deaf = |error| Failure::Failed(format!("signals cannot be listened for: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Begins to listen; the future ends at the first Ctrl+C.
///
/// # Errors
/// None where there are no Unix signals.
#[cfg(not(unix))]
pub(super) fn listen() -> Result<impl Future<Output = ()> + Send, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            tracing::error!("Ctrl+C cannot be listened for: end the process to stop it");
            std::future::pending::<()>().await;
        }
    })
}
