//! `masthead generate`.

use std::{process::ExitCode, time::Instant};

use clap::Args;
use masthead_domain::clock::Clock;
use masthead_newsroom::generated::{GenerateError, Size, generate};

use super::{open_migrated_database, print};
use crate::{configuration::Configuration, failure::Failure};

/// Fill an empty database with a made-up magazine, to measure by
///
/// The same seed makes the same articles. They have the proportions of a real magazine's: bylines, sections, topics,
/// issues, bodies of 400 words, half of the times shared with another.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  masthead generate --articles 20000 --database-url sqlite://large.db
  masthead generate --articles 1000000 --seed 7 --database-url postgres://masthead@database.example/large")]
pub(super) struct Generate {
    /// How many articles
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    articles: u32,
    /// What the articles are made from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

impl Generate {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let database = open_migrated_database(configuration).await?;
        let begun = Instant::now();
        let size = Size {
            articles: self.articles,
            seed: self.seed,
        };
        let made = generate(&database, clock, size, |made| {
            tracing::info!(articles = made, "generated");
        })
        .await;
        database.close().await?;
        made.map_err(|error| match error {
            error @ GenerateError::NotEmpty => Failure::Setting(error.to_string()),
            GenerateError::Persistence(error) => error.into(),
        })?;
        let seconds = begun.elapsed().as_secs_f64();
        print(&format!(
            "{} articles in {seconds:.1} s, {:.0} a second.\n",
            self.articles,
            f64::from(self.articles) / seconds
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
