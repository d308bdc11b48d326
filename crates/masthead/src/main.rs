//! Masthead: the content API that a news magazine runs behind its websites, its apps and its partners.
//!
//! In reading order:
//!
//! - [`commands`]: what can be asked of the program, a command a file;
//! - [`configuration`]: its settings, from a file, the environment and flags;
//! - [`telemetry`]: its log;
//! - [`failure`]: how a command ends that did not do what it should.

mod commands;
mod configuration;
mod failure;
mod telemetry;

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    masthead_api::tokens::install_cryptography();
    match commands::run().await {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
