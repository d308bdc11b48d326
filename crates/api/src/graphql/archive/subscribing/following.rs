//! A subscriber's way along the log.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use masthead_domain::{audience::Audience, change::Change, identifier::ArticleId, node_id::NodeId};
use masthead_persistence::{ChangePage, ChangePosition, PersistenceError, Reader, Standing};
use tokio::sync::watch;

use super::{
    Event, EventAnswer,
    event::{Asked, Made},
    shared::{Key, Value},
};
use crate::{
    cache::LogEnd,
    graphql::{
        Archive, QueryError,
        archive::refuse,
        cursor,
        subscription::{Occurrence, Source},
    },
};

/// How many changes are read at a time.
const PAGE: u16 = 100;
/// How soon the log is looked at again for changes that are dated ahead of this node's clock.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How long it is waited when the database does not answer.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// A subscriber's place in the log.
pub(super) struct Following {
    archive: Archive,
    asked: Arc<Asked>,
    source: Source,
    /// Whose stream of the log is followed.
    audience: Audience,
    position: ChangePosition,
    ends: watch::Receiver<LogEnd>,
    /// What is being given out, and which of its changes is next.
    page: Option<(Arc<ChangePage>, usize)>,
    is_over: bool,
}

impl Following {
    /// Follows the log after a place in it, or from where it stands now.
    pub(super) async fn from(
        archive: Archive,
        asked: Asked,
        source: Source,
        after: Option<ChangePosition>,
    ) -> Result<Self, QueryError> {
        let mut ends = archive.follower.log_end();
        let end = *ends.borrow_and_update();
        // What is published everyone may know.
        let audience = match source {
            Source::Changes { .. } => asked.audience.clone(),
            Source::Latest { .. } => Audience::EVERYONE,
        };
        let (position, page) = if let Some(after) = after {
            let page = archive.page(&audience, after, end).await;
            let page = page.map_err(Arc::new)?.ok_or(QueryError::StartAgain)?;
            (after, Some((page, 0)))
        } else {
            let present = archive.present(&audience, end).await;
            (present.map_err(Arc::new)?, None)
        };
        Ok(Self {
            archive,
            asked: Arc::new(asked),
            source,
            audience,
            position,
            ends,
            page,
            is_over: false,
        })
    }

    /// The place after which it goes on.
    pub(super) fn position(&self) -> ChangePosition {
        self.position
    }

    /// The next event, as soon as there is one.
    pub(super) async fn next(mut self) -> Option<(Event, Self)> {
        while !self.is_over {
            if let Some((page, place)) = self.page.take() {
                match page.changes.get(place) {
                    Some(change) => {
                        self.position = page.after(change);
                        let made = self.happened(&page, place).boxed().await;
                        self.page = Some((page, place + 1));
                        if let Some(event) = self.event(made) {
                            return Some((event, self));
                        }
                    }
                    None if page.more => {}
                    None => self.wait(page.ahead).await,
                }
                continue;
            }
            let end = *self.ends.borrow_and_update();
            match self
                .archive
                .page(&self.audience, self.position, end)
                .boxed()
                .await
            {
                Ok(Some(page)) => self.page = Some((page, 0)),
                Ok(None) => {
                    self.is_over = true;
                    let answer = EventAnswer::Response(refuse(QueryError::StartAgain));
                    let event = Event {
                        cursor: None,
                        told_through: None,
                        answer,
                    };
                    return Some((event, self));
                }
                Err(error) => {
                    tracing::warn!(%error, "the change log could not be read for a subscriber; trying again");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
            }
        }
        None
    }

    /// Waits until the log goes on.
    async fn wait(&mut self, is_ahead: bool) {
        // Where nobody follows the log any more, the process ends.
        self.is_over = if is_ahead {
            let goes_on = tokio::time::timeout(LOOK_AGAIN, self.ends.changed()).await;
            matches!(goes_on, Ok(Err(_)))
        } else {
            self.ends.changed().await.is_err()
        };
    }

    /// What a change is to the subscriber.
    async fn happened(&self, page: &Arc<ChangePage>, place: usize) -> Option<Arc<Made>> {
        let change = page.changes.get(place)?;
        let end = *self.ends.borrow();
        let occurrence = match &self.source {
            Source::Changes { .. } => Occurrence::Changed(page.clone(), place),
            Source::Latest { section } => {
                Occurrence::Published(self.published(change, section.as_deref(), end).await?)
            }
        };
        Some(
            self.archive
                .event(&self.asked, change.number, occurrence, end)
                .await,
        )
    }

    /// The article that a change has published, in a section or in any.
    async fn published(
        &self,
        change: &Change,
        section: Option<&str>,
        end: LogEnd,
    ) -> Option<ArticleId> {
        let NodeId::Article(id) = change.node else {
            return None;
        };
        if !change.appeared {
            return None;
        }
        if section.is_some() {
            let standing = self.archive.standing(id, end).await?;
            if standing.section_slug() != section {
                return None;
            }
        }
        Some(id)
    }

    fn event(&mut self, made: Option<Arc<Made>>) -> Option<Event> {
        let made = made?;
        let answer = made.answer()?;
        self.is_over = made.is_lost();
        Some(Event {
            // Whoever goes on from here would miss what was lost.
            cursor: (!self.is_over).then(|| cursor::of_change(self.position)),
            told_through: matches!(self.source, Source::Changes { .. }).then_some(self.position),
            answer,
        })
    }
}

impl Archive {
    /// A page of an audience's stream after a place; none where that cannot be told from there any more.
    async fn page(
        &self,
        audience: &Audience,
        after: ChangePosition,
        end: LogEnd,
    ) -> Result<Option<Arc<ChangePage>>, PersistenceError> {
        let read = async {
            let page = self.read_now(audience).changes(Some(after), PAGE).await?;
            let page = page.map(Arc::new);
            // What is ahead of this clock comes without the log going on.
            let holds = !page.as_ref().is_some_and(|page| page.ahead);
            Ok((Value::Page(page), holds))
        };
        match self
            .shared
            .value(Key::Page(audience.clone(), after, end), read)
            .await?
        {
            Value::Page(page) => Ok(page),
            _ => Ok(None),
        }
    }

    /// Where an audience's stream stands now.
    async fn present(
        &self,
        audience: &Audience,
        end: LogEnd,
    ) -> Result<ChangePosition, PersistenceError> {
        let read = async {
            let position = self.read_now(audience).last_change_told().await?;
            Ok((Value::Position(position), true))
        };
        match self
            .shared
            .value(Key::Present(audience.clone(), end), read)
            .await?
        {
            Value::Position(position) => Ok(position),
            _ => self.read_now(audience).last_change_told().await,
        }
    }

    /// Where an article stands, as far as everyone may know; nowhere where it is not published.
    async fn standing(&self, id: ArticleId, end: LogEnd) -> Option<Arc<Standing>> {
        loop {
            let read = async {
                let reader = self.read_now(&Audience::EVERYONE);
                let mut standings = reader.public_standings(&[id]).await?;
                Ok((Value::Standing(standings.remove(&id)), true))
            };
            match self.shared.value(Key::Standing(id, end.public), read).await {
                Ok(Value::Standing(standing)) => return standing,
                Ok(_) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a published article could not be read for a subscriber; trying again");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
            }
        }
    }

    fn read_now(&self, audience: &Audience) -> Reader<'static> {
        self.database
            .snapshot()
            .reader(audience.clone(), self.clock.now())
    }
}
