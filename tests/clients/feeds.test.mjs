// Every feed and sitemap as the trade's own readers and schemas take it, of a magazine one article of which holds text
// that no XML may hold.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { parseFeed as readAsReader } from '@rowanmanning/feed-parser';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parseAtomFeed, parseJsonFeed, parseRssFeed } from 'feedsmith';
import { ErrorLevel, XMLToSitemapIndexStream, XMLToSitemapItemStream } from 'sitemap';
import { validateXML } from 'xmllint-wasm';

assert.ok(process.env.MASTHEAD_BINARY, 'Set MASTHEAD_BINARY to the path of the binary under test');

const require = createRequire(import.meta.url);
const SECRET = 'a secret of the tests, long enough for HS256';
const ORIGIN = 'https://api.magazine.example';
// A noncharacter, what ends a CDATA section, and markup that is text; in the body also a bell and an escape, which no
// headline may have.
const HEADLINE = 'A \uffff\ufffe stray ]]> <b>&amp; "quotes"';
const BODY = `${HEADLINE} and \u0007 \u001b[1m \u0000 in full.`;
const WRITTEN = 'stray';

let server;
let url;
let folder;
let published;

const token = () => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'a@lake.example', role: 'publisher', exp: expiry })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
};

const write = async (mutation, input) => {
  const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
    body: JSON.stringify({
      query: `mutation($input: ${type}!) { done: ${mutation}(input: $input) { article { id revision } errors { message } } }`,
      variables: { input },
    }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.deepEqual(data.done.errors, []);
  return data.done.article;
};

const get = async (place) => {
  const response = await fetch(new URL(place.replace(ORIGIN, ''), url));
  assert.equal(response.status, 200, place);
  return response.text();
};

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'masthead-feeds-'));
  server = spawn(process.env.MASTHEAD_BINARY, ['serve', '--listen', '127.0.0.1:0', '--with-sample-content'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MASTHEAD_LOG: 'warn', MASTHEAD_JWT_SECRET: SECRET, MASTHEAD_HTTP_PUBLIC_URL: ORIGIN },
  });
  url = await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = line.match(/http:\/\/\S+/);
      if (found) resolve(found[0].replace(/\/$/, ''));
    });
  });
  const make = async (headline, text) => {
    const draft = await write('createArticle', {
      headline,
      standfirst: `${headline} in brief`,
      section: 'crafts',
      bylines: ['asha-udaharan'],
      topics: ['water'],
      body: { text },
    });
    return write('publishArticle', draft);
  };
  published = await make(HEADLINE, BODY);
  await write('withdrawArticle', { ...(await make('Withdrawn', 'Withdrawn in full.')), reason: 'Wrong.' });
});

after(async () => {
  server.kill('SIGTERM');
  await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve()));
  rmSync(folder, { recursive: true, force: true });
});

const STEMS = ['latest', 'sections/crafts', 'topics/water', 'contributors/asha-udaharan'].map((stem) => `/feeds/${stem}`);

/** Every page of a feed, the newest first. */
const pages = async (place, older) => {
  const all = [];
  for (let next = place; next; next = older(all.at(-1))) {
    all.push(await get(next));
    assert.ok(all.length < 100, 'the pages do not end');
  }
  return all;
};

/** That a parser that mends nothing takes it (libxml2), and that nothing is in it that XML 1.0 does not allow. */
const assertWellFormed = async (xml) => {
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  const { valid, errors } = await validateXML({ xml: [{ fileName: 'feed.xml', contents: xml }], normalization: 'format' });
  assert.ok(valid, JSON.stringify(errors));
};

const archive = (xml) => xml.match(/<(?:atom:)?link rel="prev-archive" href="([^"]+)"/)?.[1];

for (const stem of STEMS) {
  test(`${stem}.rss is read by two readers`, async () => {
    for (const [number, xml] of (await pages(`${stem}.rss`, archive)).entries()) {
      await assertWellFormed(xml);
      const feed = parseRssFeed(xml);
      const other = readAsReader(xml);
      assert.ok(feed.title && feed.link && feed.description);
      assert.ok(feed.items.length > 0);
      for (const item of feed.items) {
        assert.ok(item.title && item.link && item.guid.value && item.pubDate && item.content.encoded, JSON.stringify(item));
        assert.ok(!Number.isNaN(Date.parse(item.pubDate)));
      }
      assert.deepEqual(other.items.map(({ url: link }) => link), feed.items.map(({ link }) => link));
      assert.deepEqual(other.items.map(({ id }) => id), feed.items.map(({ guid }) => guid.value));
      if (number === 0) assert.ok(feed.items[0].title.includes(WRITTEN), feed.items[0].title);
    }
  });

  test(`${stem}.atom is read by two readers, with a tombstone`, async () => {
    for (const [number, xml] of (await pages(`${stem}.atom`, archive)).entries()) {
      await assertWellFormed(xml);
      const feed = parseAtomFeed(xml);
      const other = readAsReader(xml);
      // What RFC 4287 requires of a feed and of an entry.
      assert.ok(feed.id && feed.title && feed.updated);
      assert.ok(feed.links.some(({ rel }) => rel === 'self'));
      for (const entry of feed.entries) {
        assert.ok(entry.id && entry.title && entry.updated && entry.content, JSON.stringify(entry));
        assert.ok(entry.authors?.length || feed.authors?.length);
      }
      assert.deepEqual(other.items.map(({ id }) => id), feed.entries.map(({ id }) => id));
      if (number === 0) {
        assert.equal(xml.match(/<at:deleted-entry /g)?.length, 1);
        assert.ok(!xml.includes('Withdrawn'));
      }
    }
  });

  test(`${stem}.json is JSON Feed 1.1`, async () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    const schema = require('jsonfeed-schema/v1.1');
    const validate = ajv.compile(schema);
    for (const text of await pages(`${stem}.json`, (page) => JSON.parse(page).next_url)) {
      const feed = JSON.parse(text);
      assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
      assert.ok(validate(feed), JSON.stringify(validate.errors, undefined, 2));
      assert.equal(parseJsonFeed(text).items.length, feed.items.length);
    }
  });
}

const XSD = 'sitemap.xsd';

/** Reads a sitemap strictly: anything that is not as it has to be is an error. */
const collect = async (xml, stream) => {
  const all = [];
  for await (const item of Readable.from([xml]).pipe(stream)) all.push(item);
  return all;
};

test('what is not well-formed is found', async () => {
  await assert.rejects(assertWellFormed('<feed><title>A & B</title></feed>'));
  await assert.rejects(assertWellFormed('<feed>\u0007</feed>'));
});

test('the index names sitemaps that are valid and hold every article', async () => {
  const index = await collect(await get('/sitemap.xml'), new XMLToSitemapIndexStream({ level: ErrorLevel.THROW }));
  assert.ok(index.length > 0);
  const schema = readFileSync(path.join(path.dirname(require.resolve('sitemap')), '../../schema', XSD), 'utf8');
  let count = 0;
  for (const { url: place } of index) {
    assert.ok(place.startsWith(`${ORIGIN}/sitemaps/`), place);
    const xml = await get(place);
    const { valid, errors } = await validateXML({
      xml: [{ fileName: 'sitemap.xml', contents: xml }],
      schema: [{ fileName: XSD, contents: schema }],
    });
    assert.ok(valid, JSON.stringify(errors));
    count += (await collect(xml, new XMLToSitemapItemStream({ level: ErrorLevel.THROW }))).length;
  }
  const response = await fetch(`${url}/graphql?query={latest(first:1){totalCount}}`, {
    headers: { accept: 'application/json' },
  });
  assert.equal(count, (await response.json()).data.latest.totalCount);
});

test('the sitemap of the news is read strictly', async () => {
  const xml = await get('/sitemap-news.xml');
  await assertWellFormed(xml);
  const news = await collect(xml, new XMLToSitemapItemStream({ level: ErrorLevel.THROW }));
  const [first] = news;
  assert.ok(first.news.title.includes(WRITTEN), first.news.title);
  assert.ok(first.news.publication.name && first.news.publication.language && first.news.publication_date);
  assert.ok(published.id);
});
