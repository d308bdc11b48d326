//! Copying a SQLite database while others write to it.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    str::FromStr as _,
};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, query, query_scalar,
    sqlite::SqliteConnectOptions,
};

use crate::{
    PersistenceError,
    database::{address_error, is_in_memory},
};

/// A database that has been copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file that was copied.
    pub source: PathBuf,
    /// How many articles the copy holds.
    pub articles: u64,
    /// How many bytes the copy has.
    pub bytes: u64,
}

/// Why a database was not copied. The text says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is on PostgreSQL, which has its own tools.
    #[error(
        "the database is on PostgreSQL, which brings its own backup: run 'pg_dump --format=custom --file=FILE' \
         with the address that --database-url has"
    )]
    Postgres,
    /// The database is in memory: only the process that made it can read it.
    #[error(
        "the database is in memory, where no other process can read it: keep it in a file, with \
         --database-url sqlite://masthead.db"
    )]
    InMemory,
    /// There is no database to copy.
    #[error("there is no database '{}': name the one to copy with --database-url", .0.display())]
    NoSource(PathBuf),
    /// The copy's name is taken.
    #[error("'{}' exists and is not written over: give the copy another name, or move it away", .0.display())]
    Exists(PathBuf),
    /// The copy's name cannot be used.
    #[error("'{}' cannot be written: {reason}", target.display())]
    Target {
        /// The copy's name.
        target: PathBuf,
        /// Why, and how to mend it.
        reason: String,
    },
    /// The copy was read again, and is damaged.
    #[error(
        "the copy was damaged and has been removed ({0}): check the disk it was written to, then the database with \
         'PRAGMA integrity_check'"
    )]
    Damaged(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PersistenceError),
}

impl BackupError {
    fn target(target: &Path, reason: impl Into<String>) -> Self {
        Self::Target {
            target: target.to_owned(),
            reason: reason.into(),
        }
    }

    /// Whether it was asked for wrongly, so that trying again cannot help.
    pub const fn is_wrong_argument(&self) -> bool {
        matches!(
            self,
            Self::Postgres | Self::InMemory | Self::NoSource(_) | Self::Exists(_)
        )
    }
}

/// Copies the SQLite database at an address to a new file.
///
/// The copy holds what had been committed when it was begun. Readers and writers go on meanwhile. The file
/// has its name only once it is whole, checked and on the disk; until then a hidden file stands beside it.
///
/// # Errors
/// When the database is no SQLite file, the name is taken, or copying fails; then there is no new file.
pub async fn back_up(url: &str, target: &Path) -> Result<Backup, BackupError> {
    let options = source_options(url)?;
    let source = options.get_filename().to_owned();
    let permissions = match fs::metadata(&source) {
        Ok(metadata) => metadata.permissions(),
        Err(_) => return Err(BackupError::NoSource(source)),
    };
    if fs::symlink_metadata(target).is_ok() {
        return Err(BackupError::Exists(target.to_owned()));
    }
    let unfinished = Unfinished::create(target, permissions)?;
    // With a read-only connection nothing that happens here can harm what is copied.
    let mut connection = open(options.read_only(true)).await?;
    query("VACUUM INTO ?")
        .bind(unfinished.name(target)?)
        .execute(&mut connection)
        .await
        .map_err(failed)?;
    connection.close().await.map_err(failed)?;
    unfinished.sync(target)?;
    let articles = check(&unfinished.path).await?;
    let bytes = fs::metadata(&unfinished.path)
        .map_err(|error| BackupError::target(target, error.to_string()))?
        .len();
    unfinished.finish(target)?;
    Ok(Backup {
        source,
        articles,
        bytes,
    })
}

/// How to reach the file at an address, without making one.
fn source_options(url: &str) -> Result<SqliteConnectOptions, BackupError> {
    match url.split(':').next().unwrap_or_default() {
        "sqlite" if is_in_memory(url) => Err(BackupError::InMemory),
        "sqlite" => Ok(SqliteConnectOptions::from_str(url)
            .map_err(|_| address_error(url))?
            .create_if_missing(false)),
        "postgres" | "postgresql" => Err(BackupError::Postgres),
        _ => Err(address_error(url).into()),
    }
}

async fn open(options: SqliteConnectOptions) -> Result<SqliteConnection, BackupError> {
    options
        .disable_statement_logging()
        .connect()
        .await
        .map_err(failed)
}

fn failed(error: sqlx::Error) -> BackupError {
    PersistenceError::Database(sea_orm::DbErr::Exec(sea_orm::RuntimeErr::SqlxError(
        error.into(),
    )))
    .into()
}

/// Reads a copy from end to end, and answers how many articles it holds.
async fn check(copy: &Path) -> Result<u64, BackupError> {
    let options = SqliteConnectOptions::new().filename(copy).read_only(true);
    let mut connection = open(options).await?;
    let verdict: String = query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| BackupError::Damaged(error.to_string()))?;
    if verdict != "ok" {
        return Err(BackupError::Damaged(verdict));
    }
    // A database that no command has brought up to date yet has no articles, and no table of them.
    let migrated: bool =
        query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'article')")
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
    let articles: i64 = if migrated {
        query_scalar("SELECT COUNT(*) FROM article")
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?
    } else {
        0
    };
    connection.close().await.map_err(failed)?;
    Ok(u64::try_from(articles).unwrap_or_default())
}

/// The hidden file beside the target that the copy is written to; removed when it is dropped.
struct Unfinished {
    path: PathBuf,
    folder: PathBuf,
}

impl Unfinished {
    /// Makes it, empty. Whoever may read the database may read its copy, and nobody else: it holds drafts.
    fn create(target: &Path, permissions: fs::Permissions) -> Result<Self, BackupError> {
        let refused = |error: io::Error| {
            let reason = format!("{error}; its folder must exist and be writable");
            BackupError::target(target, reason)
        };
        // Absolute, since SQLite reads a name that begins with 'file:' as an address.
        let absolute = std::path::absolute(target).map_err(refused)?;
        let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(BackupError::target(
                target,
                "it names no file: give the copy a name",
            ));
        };
        // One that was broken off may have left its hidden file: the next number then is free.
        let mut attempt = 1_u32;
        let (path, file) = loop {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{attempt}.unfinished"));
            let path = folder.join(hidden);
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
                created => break (path, created.map_err(refused)?),
            }
        };
        let unfinished = Self {
            path,
            folder: folder.to_owned(),
        };
        file.set_permissions(permissions).map_err(refused)?;
        Ok(unfinished)
    }

    fn name(&self, target: &Path) -> Result<&str, BackupError> {
        self.path.to_str().ok_or_else(|| {
            BackupError::target(
                target,
                "its path is not in UTF-8, which SQLite needs: give the copy another",
            )
        })
    }

    /// Waits until what was written is on the disk.
    fn sync(&self, target: &Path) -> Result<(), BackupError> {
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(|error| BackupError::target(target, error.to_string()))
    }

    /// Gives it its name, unless another file has come to have that in the meantime.
    fn finish(self, target: &Path) -> Result<(), BackupError> {
        let named = match fs::hard_link(&self.path, target) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // A file system without links: the name is taken first, by an empty file, then moved onto.
                File::create_new(target).and_then(|_| fs::rename(&self.path, target))
            }
            linked => linked,
        };
        named
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => BackupError::Exists(target.to_owned()),
                _ => BackupError::target(target, error.to_string()),
            })
            .and_then(|()| {
                File::open(&self.folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(|error| BackupError::target(target, error.to_string()))
            })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the move there is none; and what cannot be removed does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    #[tokio::test]
    async fn a_copy_is_never_written_over_another_file() {
        let folder = std::env::temp_dir().join(format!("masthead-backup-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let target = folder.join("copy.db");
        let permissions = fs::metadata(&folder).unwrap().permissions();
        let unfinished = Unfinished::create(&target, permissions).unwrap();
        // Somebody else takes the name while the copy is being made.
        fs::write(&target, "theirs").unwrap();
        let error = unfinished.finish(&target).unwrap_err();
        assert!(matches!(error, BackupError::Exists(_)), "{error}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
