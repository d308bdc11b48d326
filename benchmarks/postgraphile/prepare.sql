-- What PostGraphile's schema is made of beyond Masthead's tables: functions for what the page's lists are by. Each is
-- one statement that PostgreSQL inlines where it is called, and a walk along an index that is there already.
--
-- May be run again on the same database.

-- An article is found by its slug, which a unique index keeps unique. That is quicker than a function which looks
-- whether it may be seen, and every article here may.
COMMENT ON TABLE article IS '@unique slug';

-- The present instant as it is kept: milliseconds since 1970-01-01.
CREATE OR REPLACE FUNCTION present_instant() RETURNS int8 LANGUAGE sql STABLE AS
  'SELECT (extract(epoch FROM now()) * 1000)::int8';
COMMENT ON FUNCTION present_instant() IS '@behavior -*';

CREATE OR REPLACE FUNCTION latest_articles() RETURNS SETOF article LANGUAGE sql STABLE AS $$
  SELECT * FROM article WHERE visible_from <= present_instant() ORDER BY visible_from DESC, id DESC
$$;

CREATE OR REPLACE FUNCTION latest_issues() RETURNS SETOF magazine_issue LANGUAGE sql STABLE AS $$
  SELECT * FROM magazine_issue ORDER BY cover_date DESC, id DESC
$$;

CREATE OR REPLACE FUNCTION article_chosen(article article) RETURNS SETOF article LANGUAGE sql STABLE AS $$
  SELECT related.*
  FROM article_related AS chosen
  JOIN article AS related ON related.id = chosen.related_id
  WHERE chosen.article_id = article_chosen.article.id AND related.visible_from <= present_instant()
  ORDER BY chosen.position
$$;

-- Of each of an article's contributors or topics no more than the page shows: together they hold what it shows.

CREATE OR REPLACE FUNCTION article_same_byline(article article) RETURNS SETOF article LANGUAGE sql STABLE AS $$
  SELECT related.*
  FROM (
    SELECT DISTINCT found.visible_from, found.article_id
    FROM article_byline AS own
    CROSS JOIN LATERAL (
      SELECT member.visible_from, member.article_id
      FROM article_byline AS member
      WHERE member.contributor_id = own.contributor_id
        AND member.visible_from <= present_instant() AND member.article_id <> own.article_id
      ORDER BY member.visible_from DESC, member.article_id DESC
      LIMIT 6
    ) AS found
    WHERE own.article_id = article_same_byline.article.id
    ORDER BY found.visible_from DESC, found.article_id DESC
    LIMIT 6
  ) AS shown
  JOIN article AS related ON related.id = shown.article_id
  ORDER BY shown.visible_from DESC, shown.article_id DESC
$$;

CREATE OR REPLACE FUNCTION article_same_topic(article article) RETURNS SETOF article LANGUAGE sql STABLE AS $$
  SELECT related.*
  FROM (
    SELECT DISTINCT found.visible_from, found.article_id
    FROM article_topic AS own
    CROSS JOIN LATERAL (
      SELECT member.visible_from, member.article_id
      FROM article_topic AS member
      WHERE member.topic_id = own.topic_id
        AND member.visible_from <= present_instant() AND member.article_id <> own.article_id
      ORDER BY member.visible_from DESC, member.article_id DESC
      LIMIT 6
    ) AS found
    WHERE own.article_id = article_same_topic.article.id
    ORDER BY found.visible_from DESC, found.article_id DESC
    LIMIT 6
  ) AS shown
  JOIN article AS related ON related.id = shown.article_id
  ORDER BY shown.visible_from DESC, shown.article_id DESC
$$;

CREATE OR REPLACE FUNCTION article_same_section(article article) RETURNS SETOF article LANGUAGE sql STABLE AS $$
  SELECT related.*
  FROM article AS related
  WHERE related.section_id = article_same_section.article.section_id
    AND related.visible_from <= present_instant() AND related.id <> article_same_section.article.id
  ORDER BY related.visible_from DESC, related.id DESC
$$;
