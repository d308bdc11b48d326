// Every ready-made query of the explorer runs on the server, its variables filled as the explorer fills them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { before, test } from 'node:test';
import { explorerDocuments } from './explorer_documents.mjs';
import { ENDPOINT, send } from './server.mjs';

// The explorer's bundler reads .graphql files as text; so does Node from here on.
register('./graphql_as_text.mjs', import.meta.url);
const { READY_MADE_QUERIES, variablesText } = await import('../../explorer/src/ready_made_queries.js');

const samplesQuery = readFileSync(new URL('../../explorer/src/archive_samples.graphql', import.meta.url), 'utf8');

let samples;

before(async () => {
  // archive_samples.js asks with an address relative to its page, which only a browser knows.
  const browsersFetch = globalThis.fetch;
  globalThis.fetch = (address, options) => browsersFetch(new URL(address, ENDPOINT), options);
  try {
    const { archiveSamples } = await import('../../explorer/src/archive_samples.js');
    samples = await archiveSamples();
  } finally {
    globalThis.fetch = browsersFetch;
  }
});

test('the archive fills the variables', async () => {
  const { publication, latest, magazineIssues } = await send({ query: samplesQuery });
  assert.equal(samples.publicationTitle, publication.title);
  assert.deepEqual(samples.article, latest.nodes[0]);
  assert.ok(samples.article.slug.length > 0 && samples.sectionSlug.length > 0);
  assert.deepEqual(samples.magazineIssue, magazineIssues.nodes[0]);
});

test('the menu holds every document', () => {
  const documents = explorerDocuments().filter(({ location }) => location.startsWith('queries/'));
  assert.equal(READY_MADE_QUERIES.length, documents.length);
});

for (const entry of READY_MADE_QUERIES) {
  test(`'${entry.title}' runs without an error`, async () => {
    const variables = JSON.parse(variablesText(entry, samples) || '{}');
    const data = await send({ query: entry.query, variables });
    assert.ok(Object.keys(data).length > 0);
    for (const [field, value] of Object.entries(data)) {
      assert.notEqual(value, null, `the archive itself filled the variables, yet ${field} is null`);
      if (Array.isArray(value?.nodes)) assert.ok(value.nodes.length > 0, `${field} is empty`);
    }
  });
}
