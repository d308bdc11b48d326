//! In the making.

mod block_builder;
mod embed_provider;
pub mod html;
pub mod markdown;
pub mod plain_text;
