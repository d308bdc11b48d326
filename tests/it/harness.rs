//! What every test from outside stands on: a database, the binary's commands, a running server and pages to
//! import.

mod answer;
mod cdn;
mod command;
mod identity_provider;
mod key_pair;
mod page;
mod postgres;
mod receiver;
mod server;
mod store;
mod subscriber;
mod token;

pub(crate) use answer::{headlines, instant, list, texts};
pub(crate) use cdn::Cdn;
pub(crate) use command::{Masthead, Output, import};
pub(crate) use identity_provider::IdentityProvider;
pub(crate) use key_pair::KeyPair;
pub(crate) use page::{Listed, Page, Part};
pub(crate) use receiver::{Received, Receiver, Says};
pub(crate) use server::Server;
pub(crate) use store::Store;
pub(crate) use subscriber::{Heard, Manner, Subscriber};
pub(crate) use token::{SECRET, Token, now, token};

/// Makes two tests of each named function: one on SQLite, one on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                super::$test(&crate::harness::Store::sqlite());
            })+
        }

        mod postgres {
            $(#[test]
            fn $test() {
                super::$test(&crate::harness::Store::postgres());
            })+
        }
    };
}

pub(crate) use on_both_databases;
