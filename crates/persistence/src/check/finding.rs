//! What a check finds.

use masthead_domain::{change::Stream, node_id::NodeId};

/// Something in a database that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table it is in; empty where it is the database's as a whole.
    pub table: String,
    /// The row's identity, as it is stored; empty where it is the table's as a whole.
    pub identity: String,
    /// The same as clients hold it, where the row is a node.
    pub node: Option<NodeId>,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What can be wrong. The text says what, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The file itself is damaged.
    #[error("the file is damaged ({0}); stop the server, go back to a backup, and check the disk")]
    Damaged(String),
    /// The schema lacks steps.
    #[error("the schema lacks {0}; run 'masthead migrate'")]
    SchemaOutdated(String),
    /// The schema has steps that this version does not know.
    #[error(
        "the schema is of a later version than this program ({0}); check it with the version that serves it"
    )]
    SchemaUnknown(String),
    /// A row refers to one that is not there.
    #[error(
        "it refers to a row of '{parent}' that is not there; go back to a backup, or delete this row"
    )]
    Dangling {
        /// The table in which the row is missing.
        parent: String,
    },
    /// A value that the product itself cannot read.
    #[error("{0}; write a value that can be read, from a backup or from a revision")]
    Unreadable(String),
    /// `article.visible_from` is not what follows from publication and withdrawal.
    #[error(
        "visible_from is {stored}, and published_at and withdrawn_at make it {right}; set it to {right}"
    )]
    VisibleFrom {
        /// What is stored.
        stored: Instant,
        /// What it has to be.
        right: Instant,
    },
    /// A list's copy of when its article may be seen is another.
    #[error(
        "visible_from is {stored} in this copy, and its article's is {right}; set it to {right}"
    )]
    VisibleFromCopy {
        /// What is stored.
        stored: Instant,
        /// What it has to be.
        right: Instant,
    },
    /// A withdrawn article has no time of publication.
    #[error(
        "it is withdrawn and has no published_at; set the time at which it was published, or empty withdrawn_at and \
         withdrawal_reason"
    )]
    WithdrawnUnpublished,
    /// A reason without a withdrawal, or none with one.
    #[error(
        "withdrawal_reason has to be there exactly when withdrawn_at is; set it to '' for a withdrawn article, else empty it"
    )]
    WithdrawalReason,
    /// An article has no body, not even an empty one.
    #[error("it has no row in article_body; bring its body back from a backup")]
    NoBody,
    /// The stored number of words is not the body's.
    #[error("word_count is {stored}, and its body has {right}; set it to {right}")]
    WordCount {
        /// What is stored.
        stored: u32,
        /// What it has to be.
        right: u32,
    },
    /// The present slug does not stand among the article's slugs.
    #[error("its slug '{0}' is not in article_slug; insert it there with its article_id")]
    SlugNotKept(String),
    /// The present slug stands among another article's slugs.
    #[error("its slug '{slug}' is article {holder}'s in article_slug; give one of the two another")]
    SlugOfAnother {
        /// The slug.
        slug: String,
        /// The other article, as stored.
        holder: i64,
    },
    /// Nobody is said to know the slug of an article that everyone may see.
    #[error(
        "known_from of its slug '{slug}' is empty in article_slug; set it to its visible_from, {right}"
    )]
    SlugNotKnown {
        /// The slug.
        slug: String,
        /// When the article became or becomes visible.
        right: Instant,
    },
    /// The positions of what hangs on an article have a gap.
    #[error("its positions do not run from 0 on without a gap; number them anew in their order")]
    Positions,
    /// The revisions of an article are not those that its saves made.
    #[error(
        "of its revisions {first} to {last} {kept} are kept, and the article is at {revision}; bring them back from a \
         backup, or delete its rows here, which loses its history"
    )]
    Revisions {
        /// The number of the first revision that is kept.
        first: i64,
        /// The number of the last.
        last: i64,
        /// How many there are.
        kept: i64,
        /// Where the article stands.
        revision: i64,
    },
    /// A former revision says nothing.
    #[error("it keeps nothing of what the article said; bring it back from a backup")]
    RevisionWithoutStory,
    /// The present revision says what the article's own tables say.
    #[error("it is the present revision, which keeps no story of its own; empty its story")]
    PresentRevisionWithStory,
    /// A volume's cover dates are not those of its issues.
    #[error(
        "its issues bear cover dates from day {first} to {last}; set first_cover_date and last_cover_date to these"
    )]
    CoverDates {
        /// The first day, counted from 1970-01-01.
        first: i64,
        /// The last.
        last: i64,
    },
    /// An issue's copy of its volume's number is another.
    #[error("volume_number is {stored}, and its volume's is {right}; set it to {right}")]
    VolumeNumber {
        /// What is stored.
        stored: i64,
        /// What it has to be.
        right: i64,
    },
    /// A section stands under itself.
    #[error("it stands under itself; give it another parent_id, or none")]
    OwnAncestor,
    /// Sections are chosen for a partner that is told of all, or none for one that is told of some.
    #[error(
        "restricted has to be 1 exactly where partner_section names sections for it; save the partner with its sections"
    )]
    PartnerSections,
    /// A webhook is parked without a time and a reason, or has them and is not.
    #[error(
        "parked_at and parked_reason have to be there exactly where status is PARKED; have 'redeliver' take the webhook up"
    )]
    WebhookParked,
    /// A webhook is said to have been told of changes that there are not.
    #[error(
        "number is {number}, and its stream goes to {last_number}; have 'redeliver' put the webhook at another place"
    )]
    WebhookBeyondLog {
        /// What is stored.
        number: i64,
        /// The number last given out.
        last_number: i64,
    },
    /// A node keeps all others from delivering to a webhook for longer than any does.
    #[error("held_until is {0}, longer ahead than a node holds it; set it to 0")]
    WebhookHeld(Instant),
    /// A stream of the change log is missing.
    #[error("the stream has no row; go back to a backup")]
    NoStream,
    /// More is said to have been pruned than was ever written.
    #[error(
        "pruned_through is {pruned_through}, beyond last_number, {last_number}; set it to the last number that was pruned"
    )]
    PrunedTooFar {
        /// What is stored.
        pruned_through: i64,
        /// The number last given out.
        last_number: i64,
    },
    /// A CDN is said to have been told of changes that there are not.
    #[error(
        "purged_through is {purged_through}, and the public stream goes to {last_number}; delete the row: the CDN is then \
         asked to purge everything"
    )]
    PurgedBeyondLog {
        /// What is stored.
        purged_through: i64,
        /// The number last given out.
        last_number: i64,
    },
    /// A node keeps all others from telling a CDN, or subscribers, for longer than any does.
    #[error("held_until is {0}, longer ahead than a node holds it; set it to 0")]
    PurgingHeld(Instant),
    /// There is more than the one row by which a CDN is told.
    #[error("the table has one row, of identity 1; delete this one")]
    OneRowOnly,
    /// The log goes on beyond the number last given out, or ends before it.
    #[error(
        "the log ends at {found}, and last_number is {last_number}; set last_number to {found} if the log is whole, else \
         go back to a backup"
    )]
    LogEnd {
        /// The last number in the log, or the one through which it was pruned.
        found: i64,
        /// What is stored.
        last_number: i64,
    },
    /// Changes are missing.
    #[error(
        "the changes {first} to {last} are missing; whoever follows may have missed something: set pruned_through to \
         last_number, so that they start again"
    )]
    LogHole {
        /// The first number that is missing.
        first: i64,
        /// The last.
        last: i64,
    },
    /// The log does not say of something that it is there.
    #[error(
        "the {} stream does not say that it is there; save it with a change, which says so", stream_name(*.0)
    )]
    NotTold(Stream),
    /// The log says of an article that it may be seen, and it may not.
    #[error(
        "the {} stream says that it may be seen, and it may not; append a change REMOVED and count last_number on",
        stream_name(*.0)
    )]
    ToldOfHidden(Stream),
    /// The log says of something that it is there, and it is not.
    #[error(
        "the {} stream says that it is there, and it is not; append a change REMOVED and count last_number on",
        stream_name(*.0)
    )]
    ToldOfMissing(Stream),
    /// A change says that an article could be seen from then on, and it could before, or is none.
    #[error(
        "it says that an article may be seen from here on, and what was said before says the same, or it is no such change; \
         set appeared to 0"
    )]
    AppearedBefore,
    /// The clock will publish an article, and nothing will tell of it.
    #[error(
        "the clock publishes it at {0}, and publication_due does not hold it; insert it there with that time"
    )]
    NotDue(Instant),
    /// A publication is to be noted that is none, or at another time.
    #[error(
        "it is due at {stored}, and its article becomes visible at {right}; set it to that, or delete the row where there \
         is none"
    )]
    WronglyDue {
        /// What is stored.
        stored: Instant,
        /// When the article becomes visible.
        right: Instant,
    },
    /// A publication is to be noted that has been.
    #[error("the log tells of its publication already; delete the row")]
    DueAgain,
}

/// An instant as it is stored, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(
    /// Unix milliseconds.
    pub Option<i64>,
);

impl std::fmt::Display for Instant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(milliseconds) => write!(formatter, "{milliseconds}"),
            None => formatter.write_str("empty"),
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut place = self.table.clone();
        if !self.identity.is_empty() {
            place.push(' ');
            place.push_str(&self.identity);
        }
        if let Some(node) = self.node {
            place.extend([" (", &node.encode(), ")"]);
        }
        if place.is_empty() {
            place.push_str("database");
        }
        // What a database says of itself may have lines of its own.
        let flaw = self.flaw.to_string().replace(['\n', '\r'], " ");
        write!(formatter, "{place}: {flaw}")
    }
}

fn stream_name(stream: Stream) -> &'static str {
    match stream {
        Stream::Public => "public",
        Stream::Embargo => "embargo",
        Stream::Newsroom => "newsroom",
    }
}
