//! Sections, contributors and topics: each by slug, by identity, and listed by slug.

mod saving;

use masthead_domain::{
    contributor::{Contributor, ContributorKind},
    identifier::{ContributorId, SectionId, TopicId},
    paging::{End, Page, PageRequest},
    section::Section,
    slug::Slug,
    topic::Topic,
};

use crate::{
    PersistenceError, Reader,
    row::{Row, column},
    statement::Sql,
};

/// What one of the three tables holds, and how a row of it is read.
pub(crate) trait Filed: Sized {
    const TABLE: &'static str;
    /// Its columns, its identity first.
    const COLUMNS: &'static str;
    const COLUMN_COUNT: usize;
    fn read(row: &Row) -> Result<Self, PersistenceError>;
}

impl Filed for Section {
    const TABLE: &'static str = "section";
    const COLUMNS: &'static str = "filed.id, filed.slug, filed.name, filed.parent_id";
    const COLUMN_COUNT: usize = 4;

    fn read(row: &Row) -> Result<Self, PersistenceError> {
        Ok(Self {
            id: SectionId::from_number(column(row, 0)?),
            slug: own_slug(row)?,
            name: column(row, 2)?,
            parent: column::<Option<i64>>(row, 3)?.map(SectionId::from_number),
        })
    }
}

impl Filed for Contributor {
    const TABLE: &'static str = "contributor";
    const COLUMNS: &'static str = "filed.id, filed.slug, filed.name, filed.kind, filed.biography";
    const COLUMN_COUNT: usize = 5;

    fn read(row: &Row) -> Result<Self, PersistenceError> {
        let kind: String = column(row, 3)?;
        Ok(Self {
            id: ContributorId::from_number(column(row, 0)?),
            slug: own_slug(row)?,
            name: column(row, 2)?,
            kind: ContributorKind::from_name(&kind)
                .ok_or_else(|| PersistenceError::stored(format!("kind of contributor '{kind}'")))?,
            biography: column(row, 4)?,
        })
    }
}

impl Filed for Topic {
    const TABLE: &'static str = "topic";
    const COLUMNS: &'static str = "filed.id, filed.slug, filed.name";
    const COLUMN_COUNT: usize = 3;

    fn read(row: &Row) -> Result<Self, PersistenceError> {
        Ok(Self {
            id: TopicId::from_number(column(row, 0)?),
            slug: own_slug(row)?,
            name: column(row, 2)?,
        })
    }
}

fn own_slug(row: &Row) -> Result<Slug, PersistenceError> {
    Slug::try_from(column::<String>(row, 1)?)
        .map_err(|error| PersistenceError::stored(error.to_string()))
}

impl Reader<'_> {
    /// The section with this slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn section_by_slug(&self, slug: &Slug) -> Result<Option<Section>, PersistenceError> {
        self.filed_by_text("slug", slug.as_ref()).await
    }

    /// The contributor with this slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contributor_by_slug(
        &self,
        slug: &Slug,
    ) -> Result<Option<Contributor>, PersistenceError> {
        self.filed_by_text("slug", slug.as_ref()).await
    }

    /// The topic with this slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topic_by_slug(&self, slug: &Slug) -> Result<Option<Topic>, PersistenceError> {
        self.filed_by_text("slug", slug.as_ref()).await
    }

    /// The section with this name; of several, the oldest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn section_by_name(&self, name: &str) -> Result<Option<Section>, PersistenceError> {
        self.filed_by_text("name", name).await
    }

    /// The contributor with this name; of several, the oldest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contributor_by_name(
        &self,
        name: &str,
    ) -> Result<Option<Contributor>, PersistenceError> {
        self.filed_by_text("name", name).await
    }

    /// The sections with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sections_by_id(
        &self,
        ids: &[SectionId],
    ) -> Result<Vec<Section>, PersistenceError> {
        self.filed_by_id(ids.iter().map(|id| id.number())).await
    }

    /// The contributors with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contributors_by_id(
        &self,
        ids: &[ContributorId],
    ) -> Result<Vec<Contributor>, PersistenceError> {
        self.filed_by_id(ids.iter().map(|id| id.number())).await
    }

    /// The topics with these identities, in no order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics_by_id(&self, ids: &[TopicId]) -> Result<Vec<Topic>, PersistenceError> {
        self.filed_by_id(ids.iter().map(|id| id.number())).await
    }

    /// All sections, by slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sections(&self) -> Result<Vec<Section>, PersistenceError> {
        let mut sql = self.select::<Section>();
        sql.text(" FROM section AS filed ORDER BY filed.slug");
        self.all(sql).await?.iter().map(Section::read).collect()
    }

    /// A page of the contributors, by slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contributors(
        &self,
        page: &PageRequest<String>,
    ) -> Result<Page<Contributor>, PersistenceError> {
        self.filed_page(page).await
    }

    /// How many contributors there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contributor_count(&self) -> Result<u64, PersistenceError> {
        self.row_count(Contributor::TABLE).await
    }

    /// A page of the topics, by slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics(
        &self,
        page: &PageRequest<String>,
    ) -> Result<Page<Topic>, PersistenceError> {
        self.filed_page(page).await
    }

    /// How many topics there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topic_count(&self) -> Result<u64, PersistenceError> {
        self.row_count(Topic::TABLE).await
    }

    fn select<Kind: Filed>(&self) -> Sql {
        let mut sql = self.sql("SELECT ");
        sql.text(Kind::COLUMNS);
        sql
    }

    pub(crate) async fn filed_by_text<Kind: Filed>(
        &self,
        column: &str,
        text: &str,
    ) -> Result<Option<Kind>, PersistenceError> {
        let mut sql = self.select::<Kind>();
        sql.text(&format!(
            " FROM {} AS filed WHERE filed.{column} = ",
            Kind::TABLE
        ))
        .value(text);
        // A slug is one row's alone.
        if column != "slug" {
            sql.text(" ORDER BY filed.id LIMIT 1");
        }
        self.one(sql).await?.as_ref().map(Kind::read).transpose()
    }

    async fn filed_by_id<Kind: Filed>(
        &self,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<Kind>, PersistenceError> {
        let mut sql = self.select::<Kind>();
        sql.text(" FROM ").each_wanted(ids);
        sql.text(&format!(
            "{} AS filed ON filed.id = wanted.value",
            Kind::TABLE
        ));
        self.all(sql).await?.iter().map(Kind::read).collect()
    }

    async fn filed_page<Kind: Filed>(
        &self,
        page: &PageRequest<String>,
    ) -> Result<Page<Kind>, PersistenceError> {
        let mut sql = self.select::<Kind>();
        sql.text(&format!(" FROM {} AS filed WHERE TRUE", Kind::TABLE));
        if let Some(after) = &page.after {
            sql.text(" AND filed.slug > ").value(after.as_str());
        }
        if let Some(before) = &page.before {
            sql.text(" AND filed.slug < ").value(before.as_str());
        }
        let direction = if page.end == End::First {
            "ASC"
        } else {
            "DESC"
        };
        sql.text(&format!(" ORDER BY filed.slug {direction} LIMIT "))
            .value(i64::from(page.size) + 1);
        let mut rows: Vec<Kind> = self
            .all(sql)
            .await?
            .iter()
            .map(Kind::read)
            .collect::<Result<_, _>>()?;
        if page.end == End::Last {
            rows.reverse();
        }
        Ok(page.cut(rows))
    }

    pub(crate) async fn row_count(&self, table: &str) -> Result<u64, PersistenceError> {
        let mut sql = self.sql(&format!("SELECT COUNT(*) FROM {table}"));
        sql.counts();
        crate::keyset::count(self.one(sql).await?.as_ref())
    }
}
