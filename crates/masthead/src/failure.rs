//! How a command ends that did not do what it should: one sentence on standard error, and an exit code.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use masthead_persistence::PersistenceError;

/// Why a command did not do what it should. The text is a whole sentence's worth: what, and how to mend it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// A setting is wrong; trying again cannot help. Exit code 2.
    #[error("{0}")]
    Setting(String),
    /// It was asked for rightly and went wrong. Exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// Says it on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "error: {self}");
        match self {
            Self::Setting(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }
}

impl From<PersistenceError> for Failure {
    fn from(error: PersistenceError) -> Self {
        Self::Failed(error.to_string())
    }
}
