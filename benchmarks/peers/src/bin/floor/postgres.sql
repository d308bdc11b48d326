-- All that operations/articlePage.graphql asks for, as JSON. $1 is the slug, $2 the present instant.
-- Instants and days stand as they are kept, and the body as its stored blocks: the floor formats nothing.
SELECT
  '{"publication":'
  || (
    SELECT json_build_object(
      'title', title, 'url', url, 'timeZone', time_zone, 'language', language,
      'publisher', publisher, 'editor', editor, 'registrationNumber', registration_number
    )
    FROM publication
    LIMIT 1
  )
  || ',"article":'
  || json_build_object(
    'id', page.id,
    'slug', page.slug,
    'headline', page.headline,
    'kicker', page.kicker,
    'standfirst', page.standfirst,
    'dateline', page.dateline,
    'publishedAt', page.published_at,
    'publishedAtPrecision', page.published_at_precision,
    'wordCount', page.word_count,
    'leadImage', page.lead_image::json,
    'bylines', (
      SELECT coalesce(
        json_agg(
          json_build_object('slug', contributor.slug, 'name', contributor.name, 'kind', contributor.kind)
          ORDER BY own.position
        ),
        '[]'
      )
      FROM article_byline AS own
      JOIN contributor ON contributor.id = own.contributor_id
      WHERE own.article_id = page.id
    ),
    'section', (SELECT json_build_object('slug', slug, 'name', name) FROM section WHERE id = page.section_id),
    'topics', (
      SELECT coalesce(json_agg(json_build_object('slug', topic.slug, 'name', topic.name) ORDER BY own.position), '[]')
      FROM article_topic AS own
      JOIN topic ON topic.id = own.topic_id
      WHERE own.article_id = page.id
    ),
    'corrections', (
      SELECT coalesce(json_agg(json_build_object('at', at, 'text', text) ORDER BY position), '[]')
      FROM article_correction
      WHERE article_id = page.id
    ),
    'magazineIssue', (
      SELECT json_build_object(
        'volume', volume_number, 'number', number, 'lastNumber', last_number, 'coverDate', cover_date
      )
      FROM magazine_issue
      WHERE id = page.magazine_issue_id
    )
  )
  || ',"body":'
  || coalesce((SELECT blocks FROM article_body WHERE article_id = page.id), 'null')
  || ',"related":{"CURATED":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'slug', shown.slug, 'headline', shown.headline, 'publishedAt', shown.published_at,
          'publishedAtPrecision', shown.published_at_precision,
          'reasons', json_build_array('Chosen by the editors'),
          'bylines', (
            SELECT coalesce(json_agg(credited.name ORDER BY theirs.position), '[]')
            FROM article_byline AS theirs
            JOIN contributor AS credited ON credited.id = theirs.contributor_id
            WHERE theirs.article_id = shown.id
          )
        )
        ORDER BY shown.position
      ),
      '[]'
    )
    FROM (
      SELECT chosen.position, related.*
      FROM article_related AS chosen
      JOIN article AS related ON related.id = chosen.related_id
      WHERE chosen.article_id = page.id AND related.visible_from <= $2
      ORDER BY chosen.position
      LIMIT 6
    ) AS shown
  )
  || ',"BYLINE":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'slug', related.slug, 'headline', related.headline, 'publishedAt', related.published_at,
          'publishedAtPrecision', related.published_at_precision, 'reasons', shown.reasons,
          'bylines', (
            SELECT coalesce(json_agg(credited.name ORDER BY theirs.position), '[]')
            FROM article_byline AS theirs
            JOIN contributor AS credited ON credited.id = theirs.contributor_id
            WHERE theirs.article_id = related.id
          )
        )
        ORDER BY shown.visible_from DESC, shown.article_id DESC
      ),
      '[]'
    )
    FROM (
      SELECT found.article_id, found.visible_from,
        json_agg('Same byline: ' || contributor.name ORDER BY own.position) AS reasons
      FROM article_byline AS own
      JOIN contributor ON contributor.id = own.contributor_id
      CROSS JOIN LATERAL (
        SELECT member.article_id, member.visible_from
        FROM article_byline AS member
        WHERE member.contributor_id = own.contributor_id AND member.visible_from <= $2 AND member.article_id <> page.id
        ORDER BY member.visible_from DESC, member.article_id DESC
        LIMIT 6
      ) AS found
      WHERE own.article_id = page.id
      GROUP BY found.article_id, found.visible_from
      ORDER BY found.visible_from DESC, found.article_id DESC
      LIMIT 6
    ) AS shown
    JOIN article AS related ON related.id = shown.article_id
  )
  || ',"SECTION":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'slug', shown.slug, 'headline', shown.headline, 'publishedAt', shown.published_at,
          'publishedAtPrecision', shown.published_at_precision,
          'reasons', json_build_array('Same section: ' || section.name),
          'bylines', (
            SELECT coalesce(json_agg(credited.name ORDER BY theirs.position), '[]')
            FROM article_byline AS theirs
            JOIN contributor AS credited ON credited.id = theirs.contributor_id
            WHERE theirs.article_id = shown.id
          )
        )
        ORDER BY shown.visible_from DESC, shown.id DESC
      ),
      '[]'
    )
    FROM (
      SELECT *
      FROM article AS related
      WHERE related.section_id = page.section_id AND related.visible_from <= $2 AND related.id <> page.id
      ORDER BY related.visible_from DESC, related.id DESC
      LIMIT 6
    ) AS shown
    JOIN section ON section.id = shown.section_id
  )
  || ',"TOPIC":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'slug', related.slug, 'headline', related.headline, 'publishedAt', related.published_at,
          'publishedAtPrecision', related.published_at_precision, 'reasons', shown.reasons,
          'bylines', (
            SELECT coalesce(json_agg(credited.name ORDER BY theirs.position), '[]')
            FROM article_byline AS theirs
            JOIN contributor AS credited ON credited.id = theirs.contributor_id
            WHERE theirs.article_id = related.id
          )
        )
        ORDER BY shown.visible_from DESC, shown.article_id DESC
      ),
      '[]'
    )
    FROM (
      SELECT found.article_id, found.visible_from,
        json_agg('Same topic: ' || topic.name ORDER BY own.position) AS reasons
      FROM article_topic AS own
      JOIN topic ON topic.id = own.topic_id
      CROSS JOIN LATERAL (
        SELECT member.article_id, member.visible_from
        FROM article_topic AS member
        WHERE member.topic_id = own.topic_id AND member.visible_from <= $2 AND member.article_id <> page.id
        ORDER BY member.visible_from DESC, member.article_id DESC
        LIMIT 6
      ) AS found
      WHERE own.article_id = page.id
      GROUP BY found.article_id, found.visible_from
      ORDER BY found.visible_from DESC, found.article_id DESC
      LIMIT 6
    ) AS shown
    JOIN article AS related ON related.id = shown.article_id
  )
  || '},"latest":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'slug', shown.slug, 'headline', shown.headline, 'publishedAt', shown.published_at,
          'publishedAtPrecision', shown.published_at_precision,
          'bylines', (
            SELECT coalesce(json_agg(credited.name ORDER BY theirs.position), '[]')
            FROM article_byline AS theirs
            JOIN contributor AS credited ON credited.id = theirs.contributor_id
            WHERE theirs.article_id = shown.id
          )
        )
        ORDER BY shown.visible_from DESC, shown.id DESC
      ),
      '[]'
    )
    FROM (
      SELECT *
      FROM article AS listed
      WHERE listed.visible_from <= $2
      ORDER BY listed.visible_from DESC, listed.id DESC
      LIMIT 6
    ) AS shown
  )
  || ',"magazineIssues":'
  || (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'volume', volume_number, 'number', number, 'lastNumber', last_number, 'coverDate', cover_date,
          'printedBikramSambat', printed_bikram_sambat, 'publisher', publisher, 'editor', editor,
          'registrationNumber', registration_number
        )
        ORDER BY cover_date DESC, id DESC
      ),
      '[]'
    )
    FROM (SELECT * FROM magazine_issue ORDER BY cover_date DESC, id DESC LIMIT 4) AS issue
  )
  || '}'
FROM article_slug AS known
JOIN article AS page ON page.id = known.article_id
WHERE known.slug = $1 AND known.known_from <= $2 AND page.visible_from <= $2
