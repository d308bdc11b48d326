//! In the making.

pub mod byline;
pub mod saved_page;
