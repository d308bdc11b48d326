// Whether all peers answer the same: nothing is measured before they do.

import { deepStrictEqual } from 'node:assert';

import { JSON_HEADERS, ask, query } from './http.mjs';

const BASES = ['CURATED', 'BYLINE', 'SECTION', 'TOPIC'];
const article = ({ slug, headline, bylines }) => ({ slug, headline, bylines });

/** What an article's page shows, as Masthead answers it. */
export async function mastheadPage(address, slug) {
  const data = await query(address, { documentId: 'articlePage', variables: { slug } });
  const named = (node) => article({ ...node, bylines: node.bylines.map(({ name }) => name) });
  const related = new Map(data.article.relatedLists.map((list) => [list.basis, list.articles.edges]));
  return {
    publication: data.publication.title,
    ...named(data.article),
    section: data.article.section?.name,
    topics: data.article.topics.map(({ name }) => name),
    corrections: data.article.corrections.map(({ text }) => text),
    wordCount: data.article.body.wordCount,
    related: BASES.map((basis) => (related.get(basis) ?? []).map(({ node }) => named(node))),
    latest: data.latest.nodes.map(named),
    issues: data.magazineIssues.nodes.map(({ coverDate }) => Date.parse(coverDate) / 86_400_000),
  };
}

/** The same by the floor. */
export async function floorPage(address, slug) {
  const { status, body } = await ask(`${address}/${slug}`);
  if (status !== 200) throw new Error(`the floor answered ${status}: ${body}`);
  const data = JSON.parse(body);
  const { headline, bylines, section, topics, corrections, wordCount } = data.article;
  return {
    publication: data.publication.title,
    ...article({ slug: data.article.slug, headline, bylines: bylines.map(({ name }) => name) }),
    section: section?.name,
    topics: topics.map(({ name }) => name),
    corrections: corrections.map(({ text }) => text),
    wordCount,
    related: BASES.map((basis) => data.related[basis].map(article)),
    latest: data.latest.map(article),
    issues: data.magazineIssues.map(({ coverDate }) => coverDate),
  };
}

/** The same by PostGraphile. */
export async function postgraphilePage(address, slug) {
  const data = await query(address, { documentId: 'articlePage', variables: { slug } });
  const named = (node) =>
    article({ ...node, bylines: node.bylines.map(({ contributor }) => contributor.name) });
  const page = data.article;
  return {
    publication: data.publicationByRowId.title,
    ...named(page),
    section: page.section?.name,
    topics: page.topics.map(({ topic }) => topic.name),
    corrections: page.corrections.map(({ text }) => text),
    wordCount: Number(page.wordCount),
    related: [page.chosenList, page.sameBylineList, page.sameSectionList, page.sameTopicList].map((list) =>
      list.map(named),
    ),
    latest: data.latestArticlesList.map(named),
    issues: data.latestIssuesList.map(({ coverDate }) => Number(coverDate)),
  };
}

/** Holds the peers to the same pages: each is a name, an address and how its page is read. */
export async function holdToTheSame(slugs, peers) {
  for (const slug of slugs) {
    const [first, ...others] = peers;
    const expected = await first.page(first.address, slug);
    for (const { name, address, page } of others) {
      deepStrictEqual(
        await page(address, slug),
        expected,
        `${name} answers '${slug}' otherwise than ${first.name}`,
      );
    }
  }
}

/** The bytes that Masthead answers a request with, compressed or not. */
export async function answerOf(address, documentId, variables, encoding) {
  const { status, headers, body } = await ask(`${address}/graphql`, {
    method: 'POST',
    headers: encoding ? { ...JSON_HEADERS, 'accept-encoding': encoding } : JSON_HEADERS,
    body: JSON.stringify({ documentId, variables }),
  });
  if (status !== 200 || headers['content-encoding'] !== encoding) {
    throw new Error(`${documentId} was answered with ${status}, encoded as ${headers['content-encoding']}`);
  }
  return body;
}
