//! The log: what happens, on standard error, as text or as JSON, with times in UTC (RFC 3339).

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::failure::Failure;

/// These write statements, with what stands in them: drafts too. They are heard only when asked for by name.
const STATEMENT_LOGS: &str = "sqlx=warn,sea_orm=warn,sea_orm_migration=warn";

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// How a line is written.
    pub(crate) format: LogFormat,
    /// The least level that is logged, or such levels for parts of the program: `info,masthead_api=debug`.
    pub(crate) level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".to_owned(),
        }
    }
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs: a JSON object a line.
    Json,
}

impl LogFormat {
    /// Its name in settings.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Begins to log. To be called once.
///
/// # Errors
/// When the level cannot be read, or a log has begun already.
pub(crate) fn start(settings: &LogSettings) -> Result<(), Failure> {
    let filter = filter(&settings.level)
        .map_err(|problem| Failure::Setting(format!("log.level: {problem}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match settings.format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::Failed(format!("the log cannot be started: {error}")))
}

/// Reads levels in tracing-subscriber's syntax: directives between commas, the most exact one holds.
///
/// # Errors
/// When it is none. A lone word that names no level would be taken for a part of the program, and
/// silence all the others: it is refused too.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, String> {
    let wrong = |part: &str| {
        format!(
            "'{part}' is no log level: write off, error, warn, info, debug or trace, \
             for a part of the program with its name, as in 'info,masthead_api=debug'"
        )
    };
    if text.trim().is_empty() {
        return Err(wrong(text));
    }
    let lone_words = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.contains(['=', '[']));
    for word in lone_words {
        word.parse::<LevelFilter>().map_err(|_| wrong(word))?;
    }
    EnvFilter::builder()
        .parse(format!("{STATEMENT_LOGS},{text}"))
        .map_err(|_| wrong(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'writer> MakeWriter<'writer> for Written {
        type Writer = Self;

        fn make_writer(&'writer self) -> Self {
            self.clone()
        }
    }

    /// What the log holds at this level after a statement was logged as the database's libraries do.
    fn logged(level: &str) -> String {
        let written = Written::default();
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter(level).unwrap())
            .with_writer(written.clone())
            .finish();
        tracing::subscriber::with_default(log, || {
            tracing::info!(target: "sqlx::query", "SELECT headline FROM article");
            tracing::debug!(target: "sea_orm::driver", "INSERT INTO article");
            tracing::info!(target: "masthead_api::http", "a request");
        });
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn statements_are_logged_only_when_they_are_asked_for_by_name() {
        for level in ["info", "debug", "trace", "warn,masthead_api=info"] {
            let log = logged(level);
            assert!(log.contains("a request"), "{level}: {log}");
            assert!(!log.contains("article"), "{level}: {log}");
        }
        assert!(logged("info,sqlx=info").contains("SELECT headline"));
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for level in ["", " ", "verbose", "info,chatty", "masthead=loud"] {
            let problem = filter(level).unwrap_err();
            assert!(
                problem.contains("is no log level: write off, error"),
                "{level}: {problem}"
            );
        }
        for level in [
            "off",
            "INFO",
            "debug",
            "info,masthead_api=debug",
            "warn,[request]=trace",
        ] {
            assert!(filter(level).is_ok(), "{level}");
        }
    }
}
