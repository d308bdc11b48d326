//! Subscriptions to feeds, requests for them, and which node delivers.

use chrono::TimeDelta;
use url::Url;

use super::{Check, Flaw, Instant, unreadable};
use crate::{
    PersistenceError,
    row::column,
    websub::{
        REQUEST_COLUMNS, SUBSCRIPTION_COLUMNS, THE_ROW, WebsubSubscription, read_request,
        read_subscription,
    },
};

/// For how long a node may keep others from delivering, and some more for clocks that differ.
const HELD_AT_MOST: TimeDelta = TimeDelta::hours(1);
/// How long a SHA-256 is in hexadecimal.
const DIGEST: usize = 64;

impl Check<'_> {
    pub(super) async fn websub(&mut self) -> Result<(), PersistenceError> {
        let rows = self
            .wrong(&format!(
                "SELECT {REQUEST_COLUMNS} FROM websub_request ORDER BY id"
            ))
            .await?;
        for row in rows {
            let id: i64 = column(&row, 0)?;
            match read_request(&row) {
                Err(error) => self.find("websub_request", id, None, unreadable(error)),
                Ok(request) => {
                    // Of a feed that is no more, nothing is known.
                    let is_digest = request.delivered.is_empty() && !request.subscribes
                        || is_digest(&request.delivered);
                    let secret = request.secret.as_deref();
                    let flaw = flaw(&request.topic, &request.callback, secret, is_digest);
                    if let Some(flaw) = flaw {
                        self.find("websub_request", id, None, flaw);
                    }
                }
            }
        }
        let mut after = i64::MIN;
        loop {
            let mut sql = self.reader.sql("SELECT ");
            sql.text(SUBSCRIPTION_COLUMNS)
                .text(" FROM websub_subscription WHERE id > ")
                .value(after)
                .text(" ORDER BY id LIMIT ")
                .value(super::ROWS);
            let rows = self.reader.all(sql).await?;
            let Some(last) = rows.last() else { break };
            after = column(last, 0)?;
            for row in &rows {
                let WebsubSubscription {
                    id,
                    topic,
                    callback,
                    secret,
                    delivered,
                    ..
                } = read_subscription(row)?;
                let is_digest = is_digest(&delivered);
                if let Some(flaw) = flaw(&topic, &callback, secret.as_deref(), is_digest) {
                    self.find("websub_subscription", id, None, flaw);
                }
            }
        }
        let rows = self
            .wrong("SELECT id, held_until FROM websub_hub ORDER BY id")
            .await?;
        let held_at_most = self.reader.now().timestamp_millis() + HELD_AT_MOST.num_milliseconds();
        for row in rows {
            let (id, held_until): (i64, i64) = (column(&row, 0)?, column(&row, 1)?);
            if id != THE_ROW {
                self.find("websub_hub", id, None, Flaw::OneRowOnly);
            } else if held_until > held_at_most {
                let flaw = Flaw::PurgingHeld(Instant(Some(held_until)));
                self.find("websub_hub", id, None, flaw);
            }
        }
        Ok(())
    }
}

/// Whether it is a SHA-256 as the hub writes one: compared with another byte by byte.
fn is_digest(text: &str) -> bool {
    text.len() == DIGEST
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What is wrong with what somebody has asked for.
fn flaw(topic: &str, callback: &str, secret: Option<&str>, is_digest: bool) -> Option<Flaw> {
    let unreadable = |what: &str| Some(Flaw::Unreadable(what.to_owned()));
    if !topic.starts_with("/feeds/") {
        return unreadable("its topic is the path of no feed");
    }
    if Url::parse(callback).is_err() {
        return unreadable("its callback is no address");
    }
    // WebSub, section 5.1.
    if secret.is_some_and(|secret| secret.is_empty() || secret.len() >= 200) {
        return unreadable("its secret is empty, or 200 bytes or longer");
    }
    if !is_digest {
        return unreadable("delivered is no SHA-256");
    }
    None
}
