//! Telling whoever asks for it of every statement that is made: for figures, and for tests.

use std::{fmt, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, Statement};

use super::Database;

/// What is called with every statement that reads.
#[derive(Clone)]
pub(crate) struct Observe(Arc<dyn Fn(&ObservedStatement<'_>) + Send + Sync>);

impl Observe {
    pub(crate) fn tell(&self, statement: &Statement, elapsed: Duration) {
        (self.0)(&ObservedStatement { statement, elapsed });
    }

    /// Has a connection tell of each of its statements.
    fn follow(self, connection: &mut DatabaseConnection) {
        connection.set_metric_callback(move |info| self.tell(info.statement, info.elapsed));
    }
}

impl fmt::Debug for Observe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observe")
    }
}

/// A statement that has been made.
#[derive(Debug)]
pub struct ObservedStatement<'statement> {
    statement: &'statement Statement,
    /// How long it took.
    pub elapsed: Duration,
}

impl ObservedStatement<'_> {
    /// Its text, placeholders in place of values.
    pub fn text(&self) -> &str {
        &self.statement.sql
    }

    /// Its text with its values written out, to have a database explain it. Never for a log.
    pub fn with_values(&self) -> String {
        self.statement.to_string()
    }
}

impl Database {
    /// Calls `observe` with every statement that reads, for figures and tests.
    #[must_use]
    pub fn observed(
        mut self,
        observe: impl Fn(&ObservedStatement<'_>) + Send + Sync + 'static,
    ) -> Self {
        let observe = Observe(Arc::new(observe));
        self.observe = Some(observe.clone());
        observe.follow(&mut self.readers);
        self
    }

    /// Calls `observe` with every statement that is made in a write, for tests.
    #[must_use]
    pub fn observed_writing(
        mut self,
        observe: impl Fn(&ObservedStatement<'_>) + Send + Sync + 'static,
    ) -> Self {
        Observe(Arc::new(observe)).follow(&mut self.writer);
        self
    }
}
