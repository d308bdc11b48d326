//! Masthead from outside: the real binary, over real HTTP on the loopback interface, on SQLite and on a real
//! PostgreSQL that the tests start themselves.
//!
//! Every test that touches data runs on both databases, as `….sqlite.…` and `….postgres.…`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::needless_pass_by_value,
    reason = "a test may fail by panicking, and says aloud what it skips"
)]

mod backup;
mod caching;
mod check;
mod commands;
mod concurrency;
mod connections;
mod desk;
mod documents;
mod feeds;
mod generated;
mod harness;
mod import_again;
mod import_folder;
mod import_issues;
mod import_pages;
mod import_times;
mod killed;
mod leaks;
mod moments;
mod named_documents;
mod newsroom;
mod ninjs;
mod nodes;
mod paging;
mod partners;
mod purging;
mod rate_limits;
mod related_lists;
mod sample_content;
mod seed_page;
mod selections;
mod serving;
mod settings;
mod sitemaps;
mod slugs;
mod statements;
mod subscriptions;
mod tokens;
mod visibility;
mod webhooks;
mod websub;
mod withdrawal_drill;
