//! How much a partner asks for.

use std::ops::AddAssign;

use chrono::NaiveDate;

use crate::identifier::PartnerId;

/// How much was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// HTTP requests.
    pub requests: u64,
    /// Those of them that were refused, since they came too often.
    pub refused: u64,
    /// Bytes of the bodies that were sent, as they were sent: compressed where they were.
    pub bytes: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.refused = self.refused.saturating_add(other.refused);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// How much a partner asked for on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyUsage {
    /// Whose it is.
    pub partner: PartnerId,
    /// The day, in UTC.
    pub day: NaiveDate,
    /// How much it was.
    pub usage: Usage,
}
