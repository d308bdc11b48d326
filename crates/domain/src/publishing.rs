//! The rules of publishing: how an article goes from one status to the next, or why not.
//!
//! | from | schedule | unschedule | publish | withdraw | correct | delete |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | draft | scheduled | | published | | | gone |
//! | scheduled | another time | draft | published | | | |
//! | published | | | | withdrawn | stays | |
//! | withdrawn | | | published | | | |
//!
//! Every other step is refused. What it says may be changed in any status; who may do so is decided by
//! [`role_to_change`].

use chrono::{DateTime, Utc};

use crate::{
    article::{Article, ArticleStatus, Correction, TimePrecision, Withdrawal},
    viewer::Role,
};

/// A step on an article's way from draft to archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Have the clock publish it, at a first or at another time.
    Schedule,
    /// Make it a draft again before the clock publishes it.
    Unschedule,
    /// Publish it, for the first time or again after a withdrawal.
    Publish,
    /// Take it down everywhere.
    Withdraw,
    /// Note on it what was wrong.
    Correct,
    /// Throw it away, which is for what was never published.
    Delete,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] = [
        Self::Schedule,
        Self::Unschedule,
        Self::Publish,
        Self::Withdraw,
        Self::Correct,
        Self::Delete,
    ];

    /// In which statuses it can be taken.
    const fn from(self) -> &'static [ArticleStatus] {
        match self {
            Self::Schedule => &[ArticleStatus::Draft, ArticleStatus::Scheduled],
            Self::Unschedule => &[ArticleStatus::Scheduled],
            Self::Publish => &[
                ArticleStatus::Draft,
                ArticleStatus::Scheduled,
                ArticleStatus::Withdrawn,
            ],
            Self::Withdraw | Self::Correct => &[ArticleStatus::Published],
            Self::Delete => &[ArticleStatus::Draft],
        }
    }

    /// As a participle: 'an article can be … only when'.
    const fn participle(self) -> &'static str {
        match self {
            Self::Schedule => "scheduled",
            Self::Unschedule => "unscheduled",
            Self::Publish => "published",
            Self::Withdraw => "withdrawn",
            Self::Correct => "corrected",
            Self::Delete => "deleted",
        }
    }

    /// The role that may take it.
    pub const fn role(self) -> Role {
        match self {
            Self::Correct | Self::Delete => Role::Editor,
            Self::Schedule | Self::Unschedule | Self::Publish | Self::Withdraw => Role::Publisher,
        }
    }
}

/// The role that may change what an article says, without a correction: what the public sees, or will see
/// without anyone looking at it again, is a publisher's.
pub const fn role_to_change(status: ArticleStatus) -> Role {
    match status {
        ArticleStatus::Draft | ArticleStatus::Withdrawn => Role::Editor,
        ArticleStatus::Scheduled | ArticleStatus::Published => Role::Publisher,
    }
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The article's status does not allow it.
    #[error(
        "the article is {}: one can be {} only when it is {}",
        .status.name(),
        .step.participle(),
        statuses(.step.from())
    )]
    WrongStatus {
        /// What the article is.
        status: ArticleStatus,
        /// What it was asked to do.
        step: Step,
    },
    /// The time of a schedule is not to come.
    #[error("the time lies in the past: publish the article, or give a time to come")]
    NotToCome,
    /// The time of publication is still to come.
    #[error(
        "the time is still to come: schedule the article, or leave the time out to publish it now"
    )]
    StillToCome,
    /// The time lies outside of the years that are kept.
    #[error("the year has to lie between 1000 and 9999")]
    OutOfRange,
}

fn statuses(statuses: &[ArticleStatus]) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.name()).collect();
    names.join(" or ")
}

/// Whether a step can be taken.
///
/// # Errors
/// When the article's status does not allow it.
pub fn check(article: &Article, step: Step, now: DateTime<Utc>) -> Result<(), Refusal> {
    let status = article.status(now);
    if step.from().contains(&status) {
        Ok(())
    } else {
        Err(Refusal::WrongStatus { status, step })
    }
}

fn check_range(at: DateTime<Utc>) -> Result<(), Refusal> {
    use chrono::Datelike as _;

    if (1000..=9999).contains(&at.year()) {
        Ok(())
    } else {
        Err(Refusal::OutOfRange)
    }
}

/// Has the clock publish the article at an instant: its embargo.
///
/// # Errors
/// When its status does not allow it, or the instant is not to come.
pub fn schedule(
    article: &mut Article,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    check(article, Step::Schedule, now)?;
    check_range(at)?;
    if at <= now {
        return Err(Refusal::NotToCome);
    }
    set_time(article, Some(at));
    Ok(())
}

/// Makes a scheduled article a draft again.
///
/// # Errors
/// When it is not scheduled; at its very instant it is published already.
pub fn unschedule(article: &mut Article, now: DateTime<Utc>) -> Result<(), Refusal> {
    check(article, Step::Unschedule, now)?;
    set_time(article, None);
    Ok(())
}

/// Publishes the article: now, or for an archive at an instant that has been.
///
/// # Errors
/// When its status does not allow it, or the instant is still to come.
pub fn publish(
    article: &mut Article,
    published_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    check(article, Step::Publish, now)?;
    let at = published_at.unwrap_or(now);
    check_range(at)?;
    if at > now {
        return Err(Refusal::StillToCome);
    }
    article.withdrawal = None;
    set_time(article, Some(at));
    Ok(())
}

/// Takes the article down everywhere.
///
/// # Errors
/// When it is not published.
pub fn withdraw(article: &mut Article, reason: String, now: DateTime<Utc>) -> Result<(), Refusal> {
    check(article, Step::Withdraw, now)?;
    article.withdrawal = Some(Withdrawal { at: now, reason });
    Ok(())
}

/// A note of what was wrong, to stand on the article.
///
/// # Errors
/// When it is not published.
pub fn correct(article: &Article, text: String, now: DateTime<Utc>) -> Result<Correction, Refusal> {
    check(article, Step::Correct, now)?;
    Ok(Correction { at: now, text })
}

fn set_time(article: &mut Article, at: Option<DateTime<Utc>>) {
    article.published_at = at;
    article.published_at_precision = TimePrecision::Exact;
    article.published_between = None;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use chrono::Duration;

    use super::*;
    use crate::article::tests::article;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000).unwrap()
    }

    fn with_status(status: ArticleStatus) -> Article {
        let hour = Duration::hours(1);
        let mut article = article();
        match status {
            ArticleStatus::Draft => {}
            ArticleStatus::Scheduled => article.published_at = Some(now() + hour),
            ArticleStatus::Published => article.published_at = Some(now() - hour),
            ArticleStatus::Withdrawn => {
                article.published_at = Some(now() - hour);
                article.withdrawal = Some(Withdrawal {
                    at: now(),
                    reason: "A mistake.".to_owned(),
                });
            }
        }
        assert_eq!(article.status(now()), status);
        article
    }

    /// Takes a step, and tells the status after it.
    fn take(step: Step, article: &mut Article) -> Result<Option<ArticleStatus>, Refusal> {
        match step {
            Step::Schedule => schedule(article, now() + Duration::days(1), now())?,
            Step::Unschedule => unschedule(article, now())?,
            Step::Publish => publish(article, None, now())?,
            Step::Withdraw => withdraw(article, "Wrong.".to_owned(), now())?,
            Step::Correct => drop(correct(article, "Wrong.".to_owned(), now())?),
            Step::Delete => {
                check(article, Step::Delete, now())?;
                return Ok(None);
            }
        }
        Ok(Some(article.status(now())))
    }

    #[test]
    fn every_pair_of_status_and_step() {
        use ArticleStatus::{Draft, Published, Scheduled, Withdrawn};
        let allowed = [
            (Draft, Step::Schedule, Some(Scheduled)),
            (Draft, Step::Publish, Some(Published)),
            (Draft, Step::Delete, None),
            (Scheduled, Step::Schedule, Some(Scheduled)),
            (Scheduled, Step::Unschedule, Some(Draft)),
            (Scheduled, Step::Publish, Some(Published)),
            (Published, Step::Withdraw, Some(Withdrawn)),
            (Published, Step::Correct, Some(Published)),
            (Withdrawn, Step::Publish, Some(Published)),
        ];
        for status in ArticleStatus::ALL {
            for step in Step::ALL {
                let mut article = with_status(status);
                let before = article.clone();
                let expected = allowed
                    .iter()
                    .find(|(from, by, _)| (*from, *by) == (status, step))
                    .map(|(_, _, to)| *to);
                match (take(step, &mut article), expected) {
                    (Ok(reached), Some(expected)) => {
                        assert_eq!(reached, expected, "{status:?} {step:?}");
                    }
                    (Err(refusal), None) => {
                        assert_eq!(refusal, Refusal::WrongStatus { status, step });
                        assert_eq!(article, before, "a refused step changes nothing");
                        assert!(refusal.to_string().contains(status.name()), "{refusal}");
                    }
                    (answer, expected) => {
                        panic!("{status:?} {step:?}: {answer:?}, not {expected:?}")
                    }
                }
            }
        }
    }

    #[test]
    fn a_schedule_ends_at_its_very_instant() {
        let mut article = with_status(ArticleStatus::Draft);
        let at = now() + Duration::milliseconds(1);
        assert_eq!(
            schedule(&mut article, now(), now()),
            Err(Refusal::NotToCome)
        );
        schedule(&mut article, at, now()).unwrap();
        assert_eq!(article.visible_from(), Some(at));
        assert!(unschedule(&mut article.clone(), now()).is_ok());
        assert!(unschedule(&mut article, at).is_err());
        assert!(withdraw(&mut article, "Wrong.".to_owned(), at).is_ok());
    }

    #[test]
    fn an_archive_is_published_with_its_own_times_but_never_with_one_to_come() {
        let mut article = with_status(ArticleStatus::Draft);
        let later = now() + Duration::milliseconds(1);
        assert_eq!(
            publish(&mut article, Some(later), now()),
            Err(Refusal::StillToCome)
        );
        let year_0 = DateTime::from_timestamp(-62_160_000_000, 0).unwrap();
        assert_eq!(
            publish(&mut article, Some(year_0), now()),
            Err(Refusal::OutOfRange)
        );
        let earlier = now() - Duration::days(9_000);
        publish(&mut article, Some(earlier), now()).unwrap();
        assert_eq!(article.published_at, Some(earlier));
    }

    #[test]
    fn a_withdrawn_article_that_is_published_again_bears_the_new_time() {
        let mut article = with_status(ArticleStatus::Withdrawn);
        publish(&mut article, None, now()).unwrap();
        assert_eq!(
            (article.withdrawal, article.published_at),
            (None, Some(now()))
        );
    }

    #[test]
    fn what_the_public_sees_is_a_publishers() {
        for (status, role) in [
            (ArticleStatus::Draft, Role::Editor),
            (ArticleStatus::Scheduled, Role::Publisher),
            (ArticleStatus::Published, Role::Publisher),
            (ArticleStatus::Withdrawn, Role::Editor),
        ] {
            assert_eq!(role_to_change(status), role);
        }
    }
}
