//! A database for one test.

use std::fs;

use sea_orm::{ConnectionTrait as _, Database, Statement};
use tempfile::TempDir;

use super::postgres;

/// A fresh, empty database, gone when it is dropped or with the process.
pub(crate) enum Store {
    /// A file in a folder of its own.
    Sqlite(TempDir),
    /// A database of the tests' server, by its address.
    Postgres(String),
}

impl Store {
    /// A SQLite file, not yet made.
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// An empty PostgreSQL database.
    pub(crate) fn postgres() -> Self {
        Self::Postgres(postgres::fresh_database())
    }

    /// Another fresh database of the same kind.
    pub(crate) fn another(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite(),
            Self::Postgres(_) => Self::postgres(),
        }
    }

    /// A copy of it, while nobody has it open.
    pub(crate) fn copy(&self) -> Self {
        match self {
            Self::Sqlite(folder) => {
                let copy = tempfile::tempdir().unwrap();
                for file in fs::read_dir(folder).unwrap() {
                    let file = file.unwrap();
                    fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
                }
                Self::Sqlite(copy)
            }
            Self::Postgres(address) => Self::Postgres(postgres::copy_of_database(address)),
        }
    }

    /// What the binary calls this kind of database.
    pub(crate) fn product(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// The address to hand to the binary.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Sqlite(folder) => {
                format!("sqlite://{}", folder.path().join("archive.db").display())
            }
            Self::Postgres(address) => address.clone(),
        }
    }

    /// Executes statements behind the product's back, as another node or an operator would.
    pub(crate) fn execute(&self, statements: &str) {
        execute(&self.address(), statements);
    }

    /// The one integer that a query answers.
    pub(crate) fn number(&self, query: &str) -> i64 {
        runtime().block_on(async {
            let connection = Database::connect(self.address()).await.unwrap();
            let statement = Statement::from_string(connection.get_database_backend(), query);
            let row = connection
                .query_one_raw(statement)
                .await
                .unwrap()
                .expect("a row");
            let number = row.try_get_by_index(0).unwrap();
            connection.close().await.unwrap();
            number
        })
    }
}

/// Executes statements in the database at an address.
pub(super) fn execute(address: &str, statements: &str) {
    runtime().block_on(async {
        let connection = Database::connect(address).await.unwrap();
        connection.execute_unprepared(statements).await.unwrap();
        connection.close().await.unwrap();
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
