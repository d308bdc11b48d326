//! The one client by which the server delivers to addresses that others have named: webhooks and subscribers.
//!
//! In reading order:
//!
//! - [`OutgoingSettings`]: where deliveries may go, and how long one may take;
//! - [`Outgoing`]: sends one request and reads what comes back, within bounds;
//! - [`OutgoingError`]: why none came, in words that may be shown to whoever named the address;
//! - `resolver`: what makes a host's name lead only to where deliveries may go;
//! - `retry_after`: for how long an answer asks to be left alone.
//!
//! Use: when an address is handed in, ask [`Outgoing::policy`] whether its form is one
//! ([`TargetPolicy::parse`](masthead_domain::target::TargetPolicy::parse)), so that whoever hands it in is told; then have
//! [`Outgoing::send`] deliver to it, which checks all that again and, at each connection, what the host's name leads to.
//! So between the check and the connection nothing can come to lead elsewhere.
//!
//! Redirects are not followed: an answer of 3xx is an answer like any other that is no success. Both Standard Webhooks
//! and WebSub (W3C Recommendation, section 5.3) count it as a failure, and an address that has not been checked is never
//! asked. Proxies named in the environment are not used: one would be asked to connect in the server's place, past all
//! checks. An operator who wants deliveries to go out by another way routes them.

mod client;
mod resolver;
mod retry_after;
mod settings;

pub use client::{Answer, LARGEST_ANSWER, Outgoing, OutgoingError};
pub(crate) use retry_after::retry_after;
pub use settings::OutgoingSettings;
