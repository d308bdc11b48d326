//! In the making.

pub mod bikram_sambat;
