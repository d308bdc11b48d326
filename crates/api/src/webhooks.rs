//! Telling webhooks of changes: each in the order of the log, at least once, from its own place.
//!
//! In reading order:
//!
//! - [`WebhookSettings`]: when a delivery is tried again, and when no more;
//! - [`Deliverer`]: finds the webhooks to which something is to be delivered, and delivers to each by itself;
//! - `delivery`: one delivery, from the claim of the webhook to what came of it;
//! - `event`: what is delivered, asked for as the webhook's owner would ask;
//! - `signature`: how a delivery is signed (Standard Webhooks).
//!
//! No write waits for it. What has still to be delivered is what the log has after the webhook's place in the database: so
//! nothing is lost with a process, nothing grows while a receiver fails, and of many nodes one at a time delivers to a
//! webhook. The place moves once the receiver has acknowledged; where a process ends in between, it is told again, with
//! the same `webhook-id`.

mod deliverer;
mod delivery;
mod event;
mod settings;
mod signature;

pub use deliverer::Deliverer;
pub use settings::WebhookSettings;
