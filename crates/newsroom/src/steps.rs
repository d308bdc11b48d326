//! Taking an article from one status to the next: schedule, unschedule, publish, withdraw, correct.

use chrono::{DateTime, SubsecRound as _, Utc};
use masthead_domain::{
    article::Story,
    node_id::NodeId,
    publishing::{self, Refusal, Step},
    revision::RevisionPurpose,
};
use masthead_persistence::Transaction;

use crate::{
    desk::{Desk, WriteError, in_one_write},
    drafts::{BodyText, check_revision, load, save},
    input::{FaultCode, Faults, refusal},
};

const REASON: usize = 1_000;
const CORRECTION: usize = 2_000;

impl Desk {
    /// Has the clock publish an article at an instant, exact to the millisecond.
    ///
    /// # Errors
    /// When the caller is no publisher, the article stands at another revision or its status does not allow
    /// it, the instant is not to come, or the database fails.
    pub async fn schedule_article(
        &self,
        id: &str,
        revision: i32,
        at: DateTime<Utc>,
    ) -> Result<NodeId, WriteError> {
        let at = at.trunc_subsecs(3);
        self.step(id, revision, SCHEDULE, |story, now| {
            publishing::schedule(&mut story.article, at, now)
        })
        .await
    }

    /// Makes a scheduled article a draft again.
    ///
    /// # Errors
    /// As [`Desk::schedule_article`].
    pub async fn unschedule_article(&self, id: &str, revision: i32) -> Result<NodeId, WriteError> {
        self.step(id, revision, UNSCHEDULE, |story, now| {
            publishing::unschedule(&mut story.article, now)
        })
        .await
    }

    /// Publishes an article: now, or for an archive with the time at which it was.
    ///
    /// # Errors
    /// As [`Desk::schedule_article`].
    pub async fn publish_article(
        &self,
        id: &str,
        revision: i32,
        published_at: Option<DateTime<Utc>>,
    ) -> Result<NodeId, WriteError> {
        let published_at = published_at.map(|at| at.trunc_subsecs(3));
        self.step(id, revision, PUBLISH, |story, now| {
            publishing::publish(&mut story.article, published_at, now)
        })
        .await
    }

    /// Takes an article down everywhere, and tells those who follow its changes why.
    ///
    /// # Errors
    /// As [`Desk::schedule_article`], and when no reason is given.
    pub async fn withdraw_article(
        &self,
        id: &str,
        revision: i32,
        reason: &str,
    ) -> Result<NodeId, WriteError> {
        self.caller.require(Step::Withdraw.role())?;
        let mut faults = Faults::default();
        let reason = required_text(&mut faults, "reason", reason, REASON);
        let reason = faults.none_or(reason)?;
        self.step(id, revision, WITHDRAW, |story, now| {
            publishing::withdraw(&mut story.article, reason, now)
        })
        .await
    }

    /// Notes on an article what was wrong, and puts it right where a new text is given.
    ///
    /// # Errors
    /// When the caller is no editor, the article stands at another revision or is not published, the note is
    /// empty, or the database fails.
    pub async fn correct_article(
        &self,
        id: &str,
        revision: i32,
        text: &str,
        body: Option<&BodyText>,
    ) -> Result<NodeId, WriteError> {
        self.caller.require(Step::Correct.role())?;
        let mut faults = Faults::default();
        let text = required_text(&mut faults, "text", text, CORRECTION);
        let text = faults.none_or(text)?;
        self.step(id, revision, CORRECT, |story, now| {
            let correction = publishing::correct(&story.article, text, now)?;
            story.corrections.push(correction);
            if let Some(body) = body {
                story.body = body.read();
            }
            Ok(())
        })
        .await
    }

    async fn step(
        &self,
        id: &str,
        revision: i32,
        kind: StepKind,
        take: impl FnOnce(&mut Story, DateTime<Utc>) -> Result<(), Refusal> + Send,
    ) -> Result<NodeId, WriteError> {
        in_one_write!(self, kind.step.role(), |transaction| take_step(
            transaction,
            id,
            revision,
            kind,
            take
        ))
    }
}

/// Which step it is, what its revision says that it was for, and the field that gives its time.
#[derive(Clone, Copy)]
struct StepKind {
    step: Step,
    purpose: RevisionPurpose,
    time_field: &'static str,
}

const SCHEDULE: StepKind = StepKind {
    step: Step::Schedule,
    purpose: RevisionPurpose::Schedule,
    time_field: "publishAt",
};
const UNSCHEDULE: StepKind = StepKind {
    step: Step::Unschedule,
    purpose: RevisionPurpose::Unschedule,
    time_field: "id",
};
const PUBLISH: StepKind = StepKind {
    step: Step::Publish,
    purpose: RevisionPurpose::Publish,
    time_field: "publishedAt",
};
const WITHDRAW: StepKind = StepKind {
    step: Step::Withdraw,
    purpose: RevisionPurpose::Withdraw,
    time_field: "id",
};
const CORRECT: StepKind = StepKind {
    step: Step::Correct,
    purpose: RevisionPurpose::Correct,
    time_field: "id",
};

async fn take_step(
    transaction: &Transaction,
    id: &str,
    revision: i32,
    kind: StepKind,
    take: impl FnOnce(&mut Story, DateTime<Utc>) -> Result<(), Refusal> + Send,
) -> Result<NodeId, WriteError> {
    let before = load(transaction, id).await?;
    check_revision(&before.article, revision)?;
    let mut after = before.clone();
    take(&mut after, transaction.now()).map_err(|error| refusal(error, kind.time_field))?;
    save(transaction, &before, after, kind.purpose).await
}

fn required_text(faults: &mut Faults, field: &str, text: &str, most: usize) -> String {
    faults.optional_text(field, text, most).unwrap_or_else(|| {
        faults.add(
            FaultCode::Required,
            field,
            format!("'{field}' is empty: write it"),
        );
        String::new()
    })
}
