//! `masthead health`.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, ValueHint};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::print;
use crate::{
    configuration::{Configuration, Flag},
    failure::Failure,
};

/// How long a server has to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ask a running server on this machine whether it is ready
///
/// Exits with 0 if it is and with 1 if it is not: for a container's health check, where no other program is.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead health
      Ask the server at the address that is configured.
  masthead health --listen 127.0.0.1:8081
      Ask the one that was started with this address.")]
pub(super) struct Health {
    #[arg(
        long, value_name = "ADDRESS", value_hint = ValueHint::Other,
        help = "The address that the server was told to listen on \
                [default: 127.0.0.1:8080] [environment: MASTHEAD_LISTEN]"
    )]
    listen: Option<String>,
}

impl Health {
    /// The settings that its flags give.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let listen = self.listen.iter().map(|text| Flag {
            name: "--listen",
            key: "http.listen",
            text: text.clone(),
        });
        listen.collect()
    }

    pub(super) async fn run(&self, configuration: &Configuration) -> Result<ExitCode, Failure> {
        let address = reachable(configuration.listen);
        let status = timeout(PATIENCE, status_of(address))
            .await
            .map_err(|_| Failure::Failed(format!("the server at {address} does not answer")))?
            .map_err(|error| Failure::Failed(format!("no server answers at {address}: {error}")))?;
        if status.starts_with("200") {
            print("ready\n")?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(Failure::Failed(format!(
            "the server at {address} is not ready: it answers {status}"
        )))
    }
}

/// Where a server that listens on this address is reached from its own machine: one that listens on all
/// addresses, on the loopback one.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let mut address = listen;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The status of an answer to `/readyz`: '200 OK'. One request of HTTP/1.1 (RFC 9112, section 3) needs no client.
async fn status_of(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    Ok(line.strip_prefix("HTTP/1.1 ").unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[test]
    fn a_server_that_listens_on_all_addresses_is_asked_on_the_loopback_one() {
        for (listen, asked) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
