//! The printed magazine, as clients see it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use masthead_domain::{
    magazine::{CoverDate, MagazineIssue as DomainIssue, MagazineVolume as DomainVolume},
    node_id::NodeId,
};
use masthead_persistence::Membership;

use super::{
    article::Image,
    connection::{Connection, PageArguments, loaders},
    error::{QueryError, Result},
    lists::{ArticleList, IssueList},
    plain::{Written, plain},
    scalars::Date,
};

/// A volume.
#[derive(Clone)]
pub(crate) struct MagazineVolume(pub(crate) Arc<DomainVolume>);

/// An issue.
#[derive(Clone)]
pub(crate) struct MagazineIssue(pub(crate) Arc<DomainIssue>);

plain!(MagazineIssue {
    "id" => id, "series" => series, "volumeNumber" => volume_number, "number" => number, "lastNumber" => last_number,
    "coverDate" => cover_date, "coverDateBikramSambat" => cover_date_bikram_sambat, "citation" => citation,
    "publisher" => publisher, "editor" => editor, "registrationNumber" => registration_number, "cover" => cover,
});

plain!(MagazineVolume {
    "id" => id, "series" => series, "number" => number, "firstCoverDate" => first_cover_date,
    "lastCoverDate" => last_cover_date,
});

plain!(BikramSambatDate {
    "year" => year, "month" => month, "day" => day, "monthName" => month_name, "monthNameNepali" => month_name_nepali,
    "text" => text, "printed" => printed, "provisional" => provisional,
});

/// A year's run of the magazine: VOL. 17.
#[Object]
impl MagazineVolume {
    /// Its identity.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::MagazineVolume(self.0.id).encode())
    }

    /// The title as registered: volume numbers start again when a magazine is registered anew.
    async fn series(&self) -> &str {
        &self.0.series
    }

    /// Its number within the series.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// The earliest cover date of its issues.
    async fn first_cover_date(&self) -> Date {
        Date(self.0.first_cover_date)
    }

    /// The latest cover date of its issues.
    async fn last_cover_date(&self) -> Date {
        Date(self.0.last_cover_date)
    }

    /// Its issues, newest cover date first.
    async fn issues(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<IssueList>> {
        let list = IssueList::Of(self.0.id);
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

/// One number of the magazine: VOL. 17, No. 21.
#[Object]
impl MagazineIssue {
    /// Its identity.
    pub(crate) async fn id(&self) -> ID {
        ID(NodeId::MagazineIssue(self.0.id).encode())
    }

    /// The title as registered: volume numbers start again when a magazine is registered anew.
    async fn series(&self) -> &str {
        &self.0.series
    }

    /// The volume it belongs to.
    async fn volume(&self, context: &Context<'_>) -> Result<MagazineVolume> {
        let volume = loaders(context)?.load(self.0.volume).await?;
        volume
            .map(MagazineVolume)
            .ok_or(QueryError::Broken("the issue's volume is missing"))
    }

    /// Its volume's number.
    async fn volume_number(&self) -> i32 {
        self.0.volume_number
    }

    /// Its number within the volume.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Of a double issue, No. 21-22: the second number.
    async fn last_number(&self) -> Option<i32> {
        self.0.last_number
    }

    /// The day it bears.
    async fn cover_date(&self) -> Date {
        Date(self.0.cover_date.gregorian())
    }

    /// The same day in Bikram Sambat.
    async fn cover_date_bikram_sambat(&self) -> Written<BikramSambatDate> {
        Written(BikramSambatDate(self.0.cover_date.clone()))
    }

    /// How it is cited: 'VOL. 17, No. 21, June 14, 2024 (Jestha 32, 2081)'.
    async fn citation(&self) -> String {
        self.0.citation()
    }

    /// Who published it.
    async fn publisher(&self) -> Option<&str> {
        self.0.publisher.as_deref()
    }

    /// Who edited it.
    async fn editor(&self) -> Option<&str> {
        self.0.editor.as_deref()
    }

    /// The number under which it was registered.
    async fn registration_number(&self) -> Option<&str> {
        self.0.registration_number.as_deref()
    }

    /// A picture of its cover.
    async fn cover(&self) -> Option<Written<Image>> {
        self.0.cover.as_ref().map(Image::from).map(Written)
    }

    /// The articles printed in it, newest first.
    async fn articles(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "How many from the start of the list or after `after`, 0 to 100; 20 if neither `first` nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list or before `before`, 0 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ArticleList>> {
        let list = ArticleList::Of(Membership::MagazineIssue, self.0.id.number());
        Connection::of(
            list,
            context,
            &PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }
}

/// A cover date in Bikram Sambat.
pub(crate) struct BikramSambatDate(CoverDate);

/// A date of Nepal's calendar, Bikram Sambat, of the same day as the Gregorian cover date.
#[Object]
impl BikramSambatDate {
    /// The year: 2081.
    async fn year(&self) -> i32 {
        i32::from(self.0.bikram_sambat().year())
    }

    /// The month, 1 (Baishakh) to 12 (Chaitra).
    async fn month(&self) -> i32 {
        i32::from(self.0.bikram_sambat().month().number())
    }

    /// The day of the month, 1 to 32.
    async fn day(&self) -> i32 {
        i32::from(self.0.bikram_sambat().day())
    }

    /// The month's name in its standard spelling: 'Jestha'.
    async fn month_name(&self) -> &'static str {
        self.0.bikram_sambat().month().name()
    }

    /// The month's name in Devanagari: 'जेठ'.
    async fn month_name_nepali(&self) -> &'static str {
        self.0.bikram_sambat().month().name_nepali()
    }

    /// 'Jestha 32, 2081': with the month spelled as the source printed it, where the source's two calendars
    /// agree.
    async fn text(&self) -> String {
        self.0.bikram_sambat_text()
    }

    /// What the source printed, to the letter: 'Jestha-32. 2081'. It may name another day where the source
    /// was wrong; null where nothing was printed.
    async fn printed(&self) -> Option<&str> {
        self.0.printed().map(|printed| printed.text.as_str())
    }

    /// Whether it is of a year on which published tables differ, or whose calendar was not yet fixed when
    /// the table was made.
    async fn provisional(&self) -> bool {
        self.0.bikram_sambat().is_provisional()
    }
}
