//! In the making.

pub mod bikram_sambat;
pub mod slug;
