// A Relay client: its compiler takes the schema (identities, connections, pagination by @connection and
// @refetchable), its artifacts compile strictly, and its runtime pages through the server's lists both ways.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compileStrictly, makeClientFolder, removeClientFolder, runTool } from './client_folder.mjs';
import { SCHEMA_FILE } from './schema_file.mjs';
import { send } from './server.mjs';

let folder;
let reader;

before(() => {
  folder = makeClientFolder('relay');
  mkdirSync(path.join(folder, 'artifacts'));
  copyFileSync(SCHEMA_FILE, path.join(folder, 'schema.graphql'));
});

after(() => removeClientFolder(folder));

test("Relay's compiler takes the schema and the documents", () => {
  const { status, output } = runTool(folder, 'relay-compiler/cli.js', 'relay.config.json');
  assert.equal(status, 0, output);
  assert.deepEqual(readdirSync(path.join(folder, 'artifacts')).sort(), [
    'ArticleCardRefetchQuery.graphql.ts',
    'ArticleCard_article.graphql.ts',
    'LatestFeedPaginationQuery.graphql.ts',
    'LatestFeedQuery.graphql.ts',
    'LatestFeed_articles.graphql.ts',
    'SectionPagePaginationQuery.graphql.ts',
    'SectionPageQuery.graphql.ts',
    'SectionPage_articles.graphql.ts',
  ]);
});

test('a client of the artifacts compiles strictly', async () => {
  const { status, output } = compileStrictly(folder);
  assert.equal(status, 0, output);
  reader = await import(pathToFileURL(path.join(folder, 'compiled/archive_reader.js')));
});

test('Relay merges the pages of the latest feed into the whole list', async () => {
  const { latest } = await send({ query: '{ latest(first: 100) { nodes { id } totalCount } }' });
  const { ids, pages } = await reader.readLatest(reader.makeEnvironment(send), 7);
  assert.ok(pages > 1, 'there is more than a page');
  assert.equal(pages, Math.ceil(latest.totalCount / 7));
  assert.equal(ids.length, latest.totalCount);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids.slice(0, 100), latest.nodes.map(({ id }) => id));
});

test('Relay pages through a section both ways by its id', async () => {
  const { sections } = await send({ query: '{ sections { slug articles(first: 100) { totalCount nodes { id } } } }' });
  const { slug, articles } = sections.find((section) => section.articles.totalCount > 3);
  const forwards = await reader.readSection(reader.makeEnvironment(send), slug, 3);
  assert.equal(forwards.totalCount, articles.totalCount);
  assert.deepEqual(forwards.ids.slice(0, 100), articles.nodes.map(({ id }) => id));
  const backwards = await reader.readSectionBackwards(reader.makeEnvironment(send), forwards.id, 3);
  assert.deepEqual(backwards, forwards.ids);
});

test("Relay refetches an article's card by its id", async () => {
  const { latest } = await send({ query: '{ latest(first: 1) { nodes { id slug url bylines { name } } } }' });
  const [{ id, slug, url, bylines }] = latest.nodes;
  const card = await reader.refetchCard(reader.makeEnvironment(send), id);
  assert.deepEqual(card, { slug, url, bylines: bylines.map(({ name }) => name) });
});
