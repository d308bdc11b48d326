//! How much is kept.

use serde::{Deserialize, Serialize};

use super::memory;

/// How much is kept between requests. What is kept is never older than the change log allows, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// Bytes of memory for all that is kept. 0 keeps nothing.
    pub bytes: u64,
    /// Whether responses are kept, with their compressed forms.
    pub responses: bool,
    /// Whether articles, lists and lookups are kept, and parts of responses that show them.
    pub entities: bool,
}

impl CacheSettings {
    /// Keeps nothing.
    pub const NOTHING: Self = Self {
        bytes: 0,
        responses: false,
        entities: false,
    };

    /// Keeps responses and what they are made of in so many bytes together.
    pub const fn of(bytes: u64) -> Self {
        Self {
            bytes,
            responses: true,
            entities: true,
        }
    }

    /// The bytes for responses: half of them, or all where nothing else is kept.
    pub const fn for_responses(&self) -> u64 {
        match (self.responses, self.entities) {
            (true, true) => self.bytes / 2,
            (true, false) => self.bytes,
            (false, _) => 0,
        }
    }

    /// The bytes for what responses are made of: what is left.
    pub const fn for_entities(&self) -> u64 {
        if self.entities {
            self.bytes - self.for_responses()
        } else {
            0
        }
    }
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self::of(memory::for_caches())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_shared_among_what_is_kept() {
        let shares = |responses, entities| {
            let settings = CacheSettings {
                bytes: 101,
                responses,
                entities,
            };
            (settings.for_responses(), settings.for_entities())
        };
        assert_eq!(shares(true, true), (50, 51));
        assert_eq!(shares(true, false), (101, 0));
        assert_eq!(shares(false, true), (0, 101));
        assert_eq!(shares(false, false), (0, 0));
    }
}
