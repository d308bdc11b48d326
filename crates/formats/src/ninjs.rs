//! ninjs 3.1, News in JSON (IPTC, 2025): how an article is written for a partner.
//!
//! In reading order:
//!
//! - [`article`]: what an article has to say for itself, and how each of its parts is written;
//! - [`item`]: the item, as the standard's JSON Schema has it;
//! - [`concept`]: what items name by its URI - a section, a contributor, a topic, an issue, the publication;
//! - [`list`]: several items in one answer, for which the standard has no form.
//!
//! The standard leaves the values of roles and relations to the provider. These are ours:
//!
//! | where | value | what |
//! | --- | --- | --- |
//! | `headlines` | `main`, `kicker` | the headline, and the short line above it |
//! | `descriptions` | `summary`, `correction` | the standfirst; a correction, to be printed |
//! | `bodies` | `html`, `text` | the whole text, twice |
//! | `people`, `organisations`, `infoSources` | `author`, `agency`, `desk` | who is credited |
//! | `subjects` | `section`, `about` | the section it stands in; a topic |
//! | `places` | `dateline` | where it was written |
//! | `associations` | `leadImage`, `picture`, `related`, `printedIn` | its pictures, what an editor has put beside it, its printed issue |
//! | `renditions` | `web` | its page on the publication's website |
//! | `altIds` | `id` | its identity in this API |

pub mod article;
pub mod concept;
pub mod item;
pub mod list;

#[cfg(test)]
mod tests;
