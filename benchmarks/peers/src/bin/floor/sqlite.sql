-- All that operations/articlePage.graphql asks for, as JSON. ?1 is the slug, ?2 the present instant.
-- Instants and days stand as they are kept, and the body as its stored blocks: the floor formats nothing.
-- Lists are put together from narrow tables, and articles read only for what is shown. SQLite has no lateral join: a
-- list of row numbers that depends on the row before does the same.
-- Indexes are named for the reason that Masthead names them: an analysed SQLite would rather sort.
SELECT
  '{"publication":'
  || (
    SELECT json_object(
      'title', title, 'url', url, 'timeZone', time_zone, 'language', language,
      'publisher', publisher, 'editor', editor, 'registrationNumber', registration_number
    )
    FROM publication
    LIMIT 1
  )
  || ',"article":'
  || json_object(
    'id', page.id,
    'slug', page.slug,
    'headline', page.headline,
    'kicker', page.kicker,
    'standfirst', page.standfirst,
    'dateline', page.dateline,
    'publishedAt', page.published_at,
    'publishedAtPrecision', page.published_at_precision,
    'wordCount', page.word_count,
    'leadImage', json(page.lead_image),
    'bylines', json((
      SELECT json_group_array(json_object('slug', slug, 'name', name, 'kind', kind))
      FROM (
        SELECT contributor.slug, contributor.name, contributor.kind
        FROM article_byline AS own
        CROSS JOIN contributor ON contributor.id = own.contributor_id
        WHERE own.article_id = page.id
        ORDER BY own.position
      )
    )),
    'section', json((SELECT json_object('slug', slug, 'name', name) FROM section WHERE id = page.section_id)),
    'topics', json((
      SELECT json_group_array(json_object('slug', slug, 'name', name))
      FROM (
        SELECT topic.slug, topic.name
        FROM article_topic AS own
        CROSS JOIN topic ON topic.id = own.topic_id
        WHERE own.article_id = page.id
        ORDER BY own.position
      )
    )),
    'corrections', json((
      SELECT json_group_array(json_object('at', at, 'text', text))
      FROM (SELECT at, text FROM article_correction WHERE article_id = page.id ORDER BY position)
    )),
    'magazineIssue', json((
      SELECT json_object('volume', volume_number, 'number', number, 'lastNumber', last_number, 'coverDate', cover_date)
      FROM magazine_issue
      WHERE id = page.magazine_issue_id
    ))
  )
  || ',"body":'
  || coalesce((SELECT blocks FROM article_body WHERE article_id = page.id), 'null')
  || ',"related":{"CURATED":'
  || (
    SELECT json_group_array(json_object(
      'slug', slug, 'headline', headline, 'publishedAt', published_at, 'publishedAtPrecision', published_at_precision,
      'reasons', json_array('Chosen by the editors'), 'bylines', json((
        SELECT json_group_array(name)
        FROM (
          SELECT credited.name
          FROM article_byline AS theirs
          CROSS JOIN contributor AS credited ON credited.id = theirs.contributor_id
          WHERE theirs.article_id = shown.id
          ORDER BY theirs.position
        )
      ))
    ))
    FROM (
      SELECT related.id, related.slug, related.headline, related.published_at, related.published_at_precision
      FROM article_related AS chosen
      CROSS JOIN article AS related ON related.id = chosen.related_id
      WHERE chosen.article_id = page.id AND related.visible_from <= ?2
      ORDER BY chosen.position
      LIMIT 6
    ) AS shown
  )
  || ',"BYLINE":'
  || (
    SELECT json_group_array(json_object(
      'slug', slug, 'headline', headline, 'publishedAt', published_at, 'publishedAtPrecision', published_at_precision,
      'reasons', json(reasons), 'bylines', json((
        SELECT json_group_array(name)
        FROM (
          SELECT credited.name
          FROM article_byline AS theirs
          CROSS JOIN contributor AS credited ON credited.id = theirs.contributor_id
          WHERE theirs.article_id = shown.id
          ORDER BY theirs.position
        )
      ))
    ))
    FROM (
      SELECT related.id, related.slug, related.headline, related.published_at, related.published_at_precision, found.reasons
      FROM (
        SELECT member.article_id, member.visible_from, json_group_array('Same byline: ' || contributor.name) AS reasons
        FROM article_byline AS own
        CROSS JOIN contributor ON contributor.id = own.contributor_id
        CROSS JOIN article_byline AS member ON member.rowid IN (
          SELECT newest.rowid
          FROM article_byline AS newest INDEXED BY article_byline_by_contributor_id_visible_from_article_id
          WHERE newest.contributor_id = own.contributor_id AND newest.visible_from <= ?2 AND newest.article_id <> page.id
          ORDER BY newest.visible_from DESC, newest.article_id DESC
          LIMIT 6
        )
        WHERE own.article_id = page.id
        GROUP BY member.article_id
        ORDER BY member.visible_from DESC, member.article_id DESC
        LIMIT 6
      ) AS found
      CROSS JOIN article AS related ON related.id = found.article_id
    ) AS shown
  )
  || ',"SECTION":'
  || (
    SELECT json_group_array(json_object(
      'slug', slug, 'headline', headline, 'publishedAt', published_at, 'publishedAtPrecision', published_at_precision,
      'reasons', json_array('Same section: ' || section_name), 'bylines', json((
        SELECT json_group_array(name)
        FROM (
          SELECT credited.name
          FROM article_byline AS theirs
          CROSS JOIN contributor AS credited ON credited.id = theirs.contributor_id
          WHERE theirs.article_id = shown.id
          ORDER BY theirs.position
        )
      ))
    ))
    FROM (
      SELECT related.id, related.slug, related.headline, related.published_at, related.published_at_precision,
        section.name AS section_name
      FROM section
      CROSS JOIN article AS related INDEXED BY article_by_section_id_visible_from_id
      WHERE section.id = page.section_id
        AND related.section_id = page.section_id AND related.visible_from <= ?2 AND related.id <> page.id
      ORDER BY related.visible_from DESC, related.id DESC
      LIMIT 6
    ) AS shown
  )
  || ',"TOPIC":'
  || (
    SELECT json_group_array(json_object(
      'slug', slug, 'headline', headline, 'publishedAt', published_at, 'publishedAtPrecision', published_at_precision,
      'reasons', json(reasons), 'bylines', json((
        SELECT json_group_array(name)
        FROM (
          SELECT credited.name
          FROM article_byline AS theirs
          CROSS JOIN contributor AS credited ON credited.id = theirs.contributor_id
          WHERE theirs.article_id = shown.id
          ORDER BY theirs.position
        )
      ))
    ))
    FROM (
      SELECT related.id, related.slug, related.headline, related.published_at, related.published_at_precision, found.reasons
      FROM (
        SELECT member.article_id, member.visible_from, json_group_array('Same topic: ' || topic.name) AS reasons
        FROM article_topic AS own
        CROSS JOIN topic ON topic.id = own.topic_id
        CROSS JOIN article_topic AS member ON member.rowid IN (
          SELECT newest.rowid
          FROM article_topic AS newest INDEXED BY article_topic_by_topic_id_visible_from_article_id
          WHERE newest.topic_id = own.topic_id AND newest.visible_from <= ?2 AND newest.article_id <> page.id
          ORDER BY newest.visible_from DESC, newest.article_id DESC
          LIMIT 6
        )
        WHERE own.article_id = page.id
        GROUP BY member.article_id
        ORDER BY member.visible_from DESC, member.article_id DESC
        LIMIT 6
      ) AS found
      CROSS JOIN article AS related ON related.id = found.article_id
    ) AS shown
  )
  || '},"latest":'
  || (
    SELECT json_group_array(json_object(
      'slug', slug, 'headline', headline, 'publishedAt', published_at, 'publishedAtPrecision', published_at_precision,
      'bylines', json((
        SELECT json_group_array(name)
        FROM (
          SELECT credited.name
          FROM article_byline AS theirs
          CROSS JOIN contributor AS credited ON credited.id = theirs.contributor_id
          WHERE theirs.article_id = shown.id
          ORDER BY theirs.position
        )
      ))
    ))
    FROM (
      SELECT listed.id, listed.slug, listed.headline, listed.published_at, listed.published_at_precision
      FROM article AS listed INDEXED BY article_by_visible_from_id
      WHERE listed.visible_from <= ?2
      ORDER BY listed.visible_from DESC, listed.id DESC
      LIMIT 6
    ) AS shown
  )
  || ',"magazineIssues":'
  || (
    SELECT json_group_array(json_object(
      'volume', volume_number, 'number', number, 'lastNumber', last_number, 'coverDate', cover_date,
      'printedBikramSambat', printed_bikram_sambat, 'publisher', publisher, 'editor', editor,
      'registrationNumber', registration_number
    ))
    FROM (
      SELECT *
      FROM magazine_issue INDEXED BY magazine_issue_by_cover_date_id
      ORDER BY cover_date DESC, id DESC
      LIMIT 4
    )
  )
  || '}'
FROM article_slug AS known
CROSS JOIN article AS page ON page.id = known.article_id
WHERE known.slug = ?1 AND known.known_from <= ?2 AND page.visible_from <= ?2
