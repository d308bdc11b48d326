//! Where a magazine is kept: the same on an embedded SQLite file and on PostgreSQL.
//!
//! In reading order:
//!
//! - [`Database`]: opening one, bringing its schema up to date, telling whether it can answer;
//! - [`Reader`]: every read, for one [`Audience`](masthead_domain::audience::Audience) at one instant;
//!   nothing is read without one. Its methods stand with their concepts: articles, their lists, sections,
//!   contributors, topics, the printed magazine, the publication;
//! - [`Snapshot`]: many reads of one moment, and its [`Edition`];
//! - [`Beside`] and [`Companions`]: what hangs on articles, read in the same statement;
//! - [`Transaction`]: every write. What it saved is there after [`Transaction::commit`], or not at all, with its
//!   revision and its change in the log;
//! - [`ChangePage`]: the change log, read from a [`ChangePosition`] on;
//! - usage and receipts: how much partners ask for, and which of them a withdrawal has reached;
//! - [`KeptWebhook`]: a webhook with its place in the log, and what was delivered to it;
//! - [`IdempotentWrite`]: what must not be done twice;
//! - [`back_up`]: a copy of a SQLite file while others write to it;
//! - [`check`]: whether a database holds what saves leave behind, and nothing else;
//! - [`PersistenceError`]: what can go wrong.
//!
//! Invariant: SeaORM's entities and all SQL stay in here. Reads are statements written out, since each is
//! held to a fixed number, an index and the columns it needs; writes go through the entities.

mod access;
mod archive;
mod article_lists;
mod articles;
mod backup;
mod change_log;
mod check;
mod classification;
mod companions;
mod database;
mod entities;
mod error;
mod idempotency;
mod keyset;
mod magazine;
mod partners;
mod postgres_readers;
mod postgres_wave;
mod publication;
mod reader;
mod receipts;
mod record;
mod row;
mod snapshot;
mod sqlite_readers;
mod statement;
mod stories;
mod surroundings;
mod transaction;
mod usage;
mod webhooks;
mod websub;
mod withdrawals;

pub use archive::{ArticleFilter, ArticleOrder};
pub use article_lists::{CountKey, ListKey, Membership};
pub use backup::{Backup, BackupError, back_up};
pub use change_log::{
    ChangePage, ChangePosition, FollowedChange, Notices, Pruned, Standing, Unpurged,
};
pub use check::{CheckError, Checked, Finding, Flaw, Instant, check};
pub use companions::{Beside, Companions};
pub use database::{Database, DatabaseSettings, ObservedStatement, PoolFigures};
pub use error::PersistenceError;
pub use idempotency::{FormerAnswer, FormerRequest, IdempotentWrite};
pub use magazine::IssueListKey;
pub use partners::BoundToken;
pub use reader::Reader;
pub use snapshot::{Changed, Edition, Snapshot};
pub use surroundings::{ListsAround, Surroundings};
pub use transaction::Transaction;
pub use webhooks::{ClaimedWebhook, KeptWebhook, WebhookAttempt};
pub use websub::{WebsubCounts, WebsubOutcome, WebsubRequest, WebsubSubscription, WebsubWork};
