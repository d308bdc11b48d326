//! In the making.

pub mod body;
pub mod image;
pub mod reading;
pub mod web_url;
