//! What can be asked of the program, a command a file.

mod backup;
mod check;
mod completions;
mod generate;
mod health;
mod import;
mod migrate;
mod prune;
mod publication;
mod schema;
mod serve;
mod settings;
mod token;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand, ValueHint, error::ErrorKind};
use masthead_domain::clock::Clock;
use masthead_persistence::{Database, PersistenceError};

use crate::{
    configuration::{self, Configuration, Flag, without_password},
    failure::Failure,
    telemetry::{self, LogFormat},
};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "masthead",
    version,
    about = "The content API of a news magazine: its archive over GraphQL",
    long_about = "Masthead holds a news magazine's archive and serves it over GraphQL. It keeps it in a SQLite file \
                  that it makes itself, or in PostgreSQL.",
    after_long_help = "\
Examples:
  masthead serve --with-sample-content
      Serve a sample magazine from ./masthead.db; open http://127.0.0.1:8080/ to explore it.
  masthead publication --title 'My Magazine' --url https://magazine.example
      Tell it whose archive it is.
  masthead import saved-pages/
      Take in a folder of saved article pages.
  masthead --database-url postgres://masthead@database.example/masthead serve --listen 0.0.0.0:8080
      Serve an archive in PostgreSQL to the network.

Settings come from a TOML file (--config), then from the environment, then from flags; the later wins. \
'masthead settings' prints all that are in force. Each has an environment variable, MASTHEAD_ with section \
and key in capitals: 'depth' in [limits] is MASTHEAD_LIMITS_DEPTH.

Exit codes: 0 done; 1 it went wrong; 2 a setting or an argument is wrong.",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
struct GlobalOptions {
    #[arg(
        long, global = true, value_name = "URL", value_hint = ValueHint::Other,
        help = "The database: sqlite://FILE (made if missing) or postgres://USER@HOST/NAME \
                [default: sqlite://masthead.db] [environment: MASTHEAD_DATABASE_URL]"
    )]
    database_url: Option<String>,
    #[arg(
        long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath,
        help = "A TOML file of settings; 'masthead settings' prints one [environment: MASTHEAD_CONFIG]"
    )]
    config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        help = "How the log on standard error is written [default: text] [environment: MASTHEAD_LOG_FORMAT]"
    )]
    log_format: Option<LogFormat>,
    #[arg(
        long, global = true, value_name = "LEVEL", value_hint = ValueHint::Other,
        help = "What is logged: a level, or levels for parts of the program, as in 'info,masthead_api=debug' \
                [default: info] [environment: MASTHEAD_LOG]"
    )]
    log_level: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Import(import::Import),
    Backup(backup::Backup),
    Check(check::Check),
    Migrate(migrate::Migrate),
    Publication(publication::PublicationCommand),
    Generate(generate::Generate),
    Prune(prune::Prune),
    Token(token::Token),
    Schema(schema::Schema),
    Health(health::Health),
    Settings(settings::Settings),
    Completions(completions::Completions),
}

/// Does what the command line asks for.
///
/// # Errors
/// When it cannot be done.
pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return end_of_parsing(&error),
    };
    let clock = Clock::system();
    match &cli.command {
        Command::Schema(command) => command.run(),
        Command::Health(command) => {
            command
                .run(&cli.options.configuration(&command.flags())?)
                .await
        }
        Command::Completions(command) => command.run(),
        Command::Settings(command) => command.run(&cli.options.configuration(&[])?),
        Command::Serve(command) => {
            let configuration = cli.options.start(&command.flags())?;
            command.run(&configuration, clock).await
        }
        Command::Import(command) => command.run(&cli.options.start(&[])?, &clock).await,
        Command::Backup(command) => command.run(&cli.options.start(&[])?).await,
        Command::Check(command) => command.run(&cli.options.start(&[])?, &clock).await,
        Command::Migrate(command) => command.run(&cli.options.start(&[])?).await,
        Command::Generate(command) => command.run(&cli.options.start(&[])?, &clock).await,
        Command::Prune(command) => command.run(&cli.options.start(&[])?, &clock).await,
        Command::Publication(command) => command.run(&cli.options.start(&[])?, &clock).await,
        Command::Token(command) => command.run(&cli.options, &clock).await,
    }
}

fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments)
}

/// Help and version are printed; what is wrong becomes one sentence.
fn end_of_parsing(error: &clap::Error) -> Result<ExitCode, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Styled for a terminal, plain elsewhere. A reader that has gone has seen enough.
            let _ = error.print();
            Ok(ExitCode::SUCCESS)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            Ok(ExitCode::from(2))
        }
        _ => Err(Failure::Setting(one_sentence(&error.render().to_string()))),
    }
}

/// A message of clap's in one line, without the usage.
fn one_sentence(message: &str) -> String {
    let paragraphs = message
        .trim_start_matches("error: ")
        .split("\n\n")
        .filter(|paragraph| {
            !paragraph.starts_with("Usage:") && !paragraph.starts_with("For more information")
        })
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty());
    let mut sentence = paragraphs.collect::<Vec<_>>().join("; ");
    sentence.push_str(" (--help tells more)");
    sentence
}

impl GlobalOptions {
    /// The settings in force: the file's, the environment's, these and the command's own.
    fn configuration(&self, flags: &[Flag]) -> Result<Configuration, Failure> {
        let flag = |name, key, text: Option<&str>| {
            text.map(|text| Flag {
                name,
                key,
                text: text.to_owned(),
            })
        };
        let mut all: Vec<Flag> = [
            flag(
                "--database-url",
                "database.url",
                self.database_url.as_deref(),
            ),
            flag(
                "--log-format",
                "log.format",
                self.log_format.map(LogFormat::as_str),
            ),
            flag("--log-level", "log.level", self.log_level.as_deref()),
        ]
        .into_iter()
        .flatten()
        .collect();
        all.extend_from_slice(flags);
        Ok(Configuration::read(
            self.config.as_deref(),
            configuration::environment,
            &all,
        )?)
    }

    /// Reads the settings, and begins to log as they say.
    fn start(&self, flags: &[Flag]) -> Result<Configuration, Failure> {
        let configuration = self.configuration(flags)?;
        telemetry::start(&configuration.log)?;
        Ok(configuration)
    }
}

/// Opens the database that the settings name.
async fn open_database(configuration: &Configuration) -> Result<Database, Failure> {
    let section = &configuration.database;
    Database::open(&section.settings()).await.map_err(|error| {
        let shown = without_password(&section.url);
        match error {
            PersistenceError::Address { .. } => {
                Failure::Setting(format!("--database-url: {error}"))
            }
            // A file that cannot be opened now can neither be later; a server may come back.
            error if shown.starts_with("sqlite") => Failure::Setting(format!(
                "--database-url: '{shown}': {error}; its folder must exist and be writable"
            )),
            error => Failure::Failed(format!(
                "'{shown}': {error}; check --database-url and that the server runs"
            )),
        }
    })
}

/// Opens the database, and brings its schema up to date.
async fn open_migrated_database(configuration: &Configuration) -> Result<Database, Failure> {
    let database = open_database(configuration).await?;
    migrate(&database).await?;
    Ok(database)
}

/// Brings the schema up to date, and answers how many steps that took.
async fn migrate(database: &Database) -> Result<usize, Failure> {
    let steps = database.migrate().await?;
    if steps > 0 {
        tracing::info!(steps, "the database's schema has been brought up to date");
    }
    Ok(steps)
}

/// Reads a duration: `8h`, `90d`, `1h 30m`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|error| {
        format!("{error}: write a number and its unit, as in '8h', '90m' or '30d'")
    })
}

/// Prints to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        // Whoever read it has seen enough, as in `masthead schema | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| {
            Failure::Failed(format!("standard output cannot be written: {error}"))
        }),
    }
}

#[cfg(test)]
mod tests;
