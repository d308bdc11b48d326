//! In the making.

pub mod explorer;
