//! What the peers share: how they listen, and how they say so.

use std::{
    error::Error,
    io::{self, Write as _},
};

use axum::{Router, serve::ListenerExt as _};
use tokio::net::TcpListener;

/// Anything that ends a peer.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Serves on a free port of the loopback interface, and writes its address to standard output once it listens.
///
/// # Errors
/// When it cannot listen, or serving ends.
pub async fn serve(router: Router) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    writeln!(io::stdout(), "Listens on http://{address}/")?;
    let listener = listener.tap_io(|stream| {
        // Without it an answer in two packets may wait for an acknowledgement. Where it cannot be set, it is slower.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}
