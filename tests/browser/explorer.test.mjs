// The explorer at /, as a person meets it: in Chromium, against a running server.
//
//   MASTHEAD_URL   where the server listens, e.g. http://127.0.0.1:8080; it must hold published articles
//   CHROMIUM       the browser; /usr/bin/chromium where it is not given
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const base = process.env.MASTHEAD_URL;
assert.ok(base, 'Set MASTHEAD_URL to the address of a running server, e.g. http://127.0.0.1:8080');
const { origin } = new URL(base);

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The menu's entries in their order, and the operation that each opens. */
const READY_MADE_QUERIES = new Map([
  ['A whole article page', 'ArticlePage'],
  ['The latest feed, page by page', 'LatestFeed'],
  ['A section and its articles', 'SectionPage'],
  ['An issue and its articles', 'MagazineIssue'],
  ['Volumes of the magazine', 'MagazineVolumes'],
  ['Contributors', 'Contributors'],
  ['Anything by its id', 'Node'],
  ['A small answer for a phone', 'ArticleForPhone'],
  ['What has changed', 'Changes'],
  ['What can be asked for', 'EntryPoints'],
]);

let browser;
let page;
const requests = [];
const faults = [];

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ARGUMENTS,
  });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`status ${response.status()}: ${response.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`),
    );
  });
});

after(() => browser?.close());

const contentOf = (selector) => page.evaluate((of) => document.querySelector(of).CodeMirror.getValue(), selector);

/** Clicks the run button and waits for the answer to that very request, as shown in the response pane. */
const run = async () => {
  const [response] = await Promise.all([
    page.waitForResponse((each) => new URL(each.url()).pathname.endsWith('/graphql')),
    page.getByRole('button', { name: /^Execute query/ }).click(),
  ]);
  const answer = await response.json();
  await page.waitForFunction((expected) => {
    const shown = document.querySelector('.result-window .CodeMirror').CodeMirror.getValue();
    try {
      return JSON.stringify(JSON.parse(shown).data) === expected;
    } catch {
      return false;
    }
  }, JSON.stringify(answer.data));
  return JSON.parse(await contentOf('.result-window .CodeMirror'));
};

/** Chooses from the menu, and waits until the editor holds the query and has parsed it. */
const pick = async (title) => {
  await page.getByRole('button', { name: 'Ready-made queries' }).click();
  await page.getByRole('menuitem', { name: title }).click();
  await page.waitForFunction((operation) => {
    const editor = document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror;
    return editor.operationName === operation && new RegExp(`query ${operation}\\b`).test(editor.getValue());
  }, READY_MADE_QUERIES.get(title));
};

const assertNoFaults = () => {
  assert.deepEqual(
    requests.filter((url) => new URL(url).origin !== origin),
    [],
    'requests to another host',
  );
  assert.deepEqual(faults, []);
};

test('the page opens and reads the schema', async () => {
  const introspected = page.waitForResponse((response) =>
    (response.request().postData() ?? '').includes('IntrospectionQuery'),
  );
  const response = await page.goto(base);
  assert.equal(response.status(), 200);
  assert.match(response.headers()['content-security-policy'], /default-src 'self'/);
  assert.equal(await page.title(), 'Masthead');
  const { data, errors } = await (await introspected).json();
  assert.equal(errors, undefined);
  assert.ok(data.__schema.types.length > 10);
  assertNoFaults();
});

test('the first ready-made query brings a whole article page back', async () => {
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror);
  assert.match(await contentOf('.graphiql-query-editor .CodeMirror'), /query ArticlePage\(/);
  await page.waitForFunction(() => document.querySelector('.graphiql-editor-tool .CodeMirror')?.CodeMirror);
  const { slug } = JSON.parse(await contentOf('.graphiql-editor-tool .CodeMirror'));
  assert.ok(slug, 'the slug of the newest article is filled in');

  const { data, errors } = await run();
  assert.equal(errors, undefined);
  assert.equal(data.article.slug, slug);
  assert.ok(data.article.headline.length > 0);
  assert.ok(data.latest.nodes.length > 0);
  await page.locator('.result-window').getByText(data.article.headline).first().waitFor();
  assertNoFaults();
});

test('the documentation opens and describes Article', async () => {
  const pane = page.locator('.graphiql-doc-explorer');
  if (!(await pane.isVisible())) await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await pane.waitFor();
  const search = pane.getByRole('combobox');
  await search.click();
  await search.pressSequentially('Article', { delay: 20 });
  await page.getByRole('option', { name: 'Article', exact: true }).first().click();
  await pane.locator('.graphiql-doc-explorer-title', { hasText: /^Article$/ }).waitFor();
  const description = await pane.locator('.graphiql-markdown-description').first().innerText();
  assert.ok(description.trim().length > 10, `the description of Article: '${description}'`);
  await pane.getByText('headline', { exact: true }).first().waitFor();
  assertNoFaults();
});

test('another ready-made query opens in a tab of its own and runs', async () => {
  await pick('The latest feed, page by page');
  await page.getByRole('tab', { name: 'LatestFeed' }).waitFor();
  assert.equal(await page.getByRole('tab').count(), 2);
  assert.deepEqual(JSON.parse(await contentOf('.graphiql-editor-tool .CodeMirror')), { first: 10, after: null });

  const { data, errors } = await run();
  assert.equal(errors, undefined);
  assert.ok(data.latest.nodes.length > 0);

  await pick('A whole article page');
  assert.equal(await page.getByRole('tab').count(), 2, 'the query that is open already is gone to');
  assertNoFaults();
});

test('every ready-made query runs without an error', async () => {
  await page.getByRole('button', { name: 'Ready-made queries' }).click();
  const titles = await page.locator('[role=menuitem] > :first-child').allInnerTexts();
  await page.keyboard.press('Escape');
  assert.deepEqual(titles, [...READY_MADE_QUERIES.keys()]);
  for (const title of titles) {
    await pick(title);
    const { data, errors } = await run();
    assert.equal(errors, undefined, title);
    for (const [field, value] of Object.entries(data)) {
      assert.notEqual(value, null, `${title}: the archive itself filled the variables, yet ${field} is null`);
    }
  }
  assertNoFaults();
});

test('a reload comes back to the same tabs', async () => {
  const [tabs, query, variables] = [
    await page.getByRole('tab').allInnerTexts(),
    await contentOf('.graphiql-query-editor .CodeMirror'),
    await contentOf('.graphiql-editor-tool .CodeMirror'),
  ];
  // GraphiQL stores its tabs half a second after the last change.
  await page.waitForTimeout(1000);
  await page.reload();
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror);
  await page.waitForFunction(() => document.querySelector('.graphiql-editor-tool .CodeMirror')?.CodeMirror);
  assert.deepEqual(await page.getByRole('tab').allInnerTexts(), tabs);
  assert.equal(await contentOf('.graphiql-query-editor .CodeMirror'), query);
  assert.equal(await contentOf('.graphiql-editor-tool .CodeMirror'), variables);
  assertNoFaults();
});

test('the editor completes names from the schema', async () => {
  await page.getByRole('button', { name: 'New tab' }).click();
  await page.waitForFunction(() => {
    const editor = document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror;
    return editor.getValue().startsWith('#');
  });
  await page.evaluate(() => {
    const editor = document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror;
    editor.setValue('{ maga');
    editor.focus();
    editor.setCursor(0, 6);
  });
  await page.keyboard.press('Control+Space');
  await page.locator('.CodeMirror-hints', { hasText: 'magazineIssues' }).waitFor();
  assertNoFaults();
});

test('a subscription shows what comes until it is stopped', async () => {
  const [before, last] = await page.evaluate(async () => {
    const cursors = [];
    for (let after = null; ; ) {
      const response = await fetch('graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: 'query($after: String) { changes(after: $after, first: 100) { nodes { cursor } pageInfo { hasNextPage endCursor } } }',
          variables: { after },
        }),
      });
      const { changes } = (await response.json()).data;
      cursors.push(...changes.nodes.map(({ cursor }) => cursor));
      if (!changes.pageInfo.hasNextPage) return cursors.slice(-2);
      after = changes.pageInfo.endCursor;
    }
  });
  await page.evaluate((document_) => {
    document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(document_);
  }, `subscription Live { changes(after: "${before}") { cursor kind } }`);
  await page.waitForFunction(
    () => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operationName === 'Live',
  );
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.waitForFunction(
    (cursor) => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue().includes(cursor),
    last,
  );
  assertNoFaults();
  // To stop is to end the request.
  const ended = page.waitForEvent('requestfailed');
  await page.getByRole('button', { name: /^Stop query/ }).click();
  assert.match((await ended).url(), /\/graphql$/);
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  assert.deepEqual(faults.splice(0), [`failed: ${origin}/graphql net::ERR_ABORTED`]);
  assert.ok((await contentOf('.result-window .CodeMirror')).includes(last));
});
