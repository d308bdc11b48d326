// In which order the linker lays the program's functions: those that a server runs first, side by side.
//
//   node link-order.mjs BINARY FILE
//
// BINARY has its symbols. A server is run under callgrind, from its start on, and asked for what many ask for; what ran
// of it is written to FILE as a linker script, in patterns of names.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';

import { Corpus } from './corpus.mjs';
import { ask } from './http.mjs';
import { killAll, run, start } from './processes.mjs';
import { documents, paths } from './requests.mjs';
import { CACHES, MASTHEAD } from './settings.mjs';

/** Of what a pattern takes in, so much of the bytes has run. */
const SHARE_THAT_RAN = 0.6;
const ARTICLES = 500;
const PAGES = 50;
/** What an article's related lists are chosen by. */
const BASES = ['BYLINE', 'CURATED', 'SECTION', 'TOPIC'];

/** What many ask for, each in plain bytes and compressed. */
function requests(folder, { slugs, middle, end, changes }) {
  const some = slugs.slice(0, PAGES).map((slug) => ({ slug }));
  const related = BASES.map((basis, place) => ({ slug: slugs[place], basis }));
  const lists = [{ first: 20 }, { first: 20, after: middle }, { first: 20, after: end }];
  return [
    documents(folder, 'pages', 'articlePage', [...some, ...some]),
    documents(folder, 'related', 'relatedArticles', related),
    documents(folder, 'latest', 'latest', lists),
    documents(folder, 'changes', 'changes', [{}, ...changes.slice(0, 5).map((after) => ({ after }))]),
    documents(folder, 'issues', 'magazineIssues', [{}]),
    paths(folder, 'by their addresses', [
      ...slugs.slice(0, 10).map((slug) => `/v1/articlePage?slug=${slug}`),
      ...['/v1/latest', '/feeds/latest.rss', '/feeds/latest.atom', '/sitemap.xml', '/ninjs/latest', '/healthz'],
    ]),
  ];
}

/** Sends what is written down, and throws where the answer is not 200. */
async function send(address, { file }) {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [method, path, ...fields] = head.split('\t');
  const named = Object.fromEntries(fields.map((field) => field.split(': ')));
  for (const line of lines) {
    for (const coding of ['identity', 'gzip']) {
      const headers = { ...named, 'accept-encoding': coding };
      const [url, body] = method === 'GET' ? [line, undefined] : [path, line];
      const { status, body: said } = await ask(`${address}${url}`, { method, headers, body });
      if (status !== 200) throw new Error(`${method} ${url} was answered ${status}: ${said}`);
    }
  }
}

/** The names of the functions that ran in a server with these caches. */
async function ran(binary, corpus, folder, caches) {
  const counted = join(folder, 'counted');
  const words = ['--tool=callgrind', '--demangle=no', `--callgrind-out-file=${counted}`];
  const settings = Object.entries(CACHES[caches]).map(([name, value]) => [name, `${value}`]);
  const server = start(
    'valgrind',
    [...words, binary, 'serve', '--listen', '127.0.0.1:0', '--database-url', corpus.sqlite],
    { env: { ...MASTHEAD, ...Object.fromEntries(settings) }, log: join(folder, 'server.log') },
  );
  const address = await server.address;
  await corpus.read(address);
  for (const each of requests(folder, corpus)) await send(address, each);
  await server.stop();
  // A name is told once, with a number that stands for it from there on; calls of itself are told apart by a count.
  const names = readFileSync(counted, 'utf8').matchAll(/^c?fn=\(\d+\) ([^\s']+)/gm);
  return [...names].map(([, name]) => name);
}

/** All functions of a program, sorted by their names, each with its bytes. */
function functions(binary) {
  const bytes = new Map();
  for (const [, size, name] of run('nm', ['--print-size', '--radix=d', binary]).matchAll(
    /^\d+ (\d+) [tTwW] (\S+)$/gm,
  ))
    bytes.set(name, Math.max(Number(size), bytes.get(name) ?? 0));
  return [...bytes].map(([name, bytes]) => ({ name, bytes })).sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** How many characters two names begin with alike. */
function alike(one = '', other = '') {
  let count = 0;
  while (count < one.length && one[count] === other[count]) count++;
  return count;
}

/** Patterns that together take in all functions that ran, and little else: the shortest beginnings of names of which
 * enough has run. They hold for functions of the same modules that come later, and for other versions of the same. */
function patterns(all) {
  const found = [];
  const sum = (low, high, bytesOf) => all.slice(low, high).reduce((sum, each) => sum + bytesOf(each), 0);
  const look = (low, high) => {
    const haveRun = sum(low, high, ({ bytes, ran }) => (ran ? bytes : 0));
    if (haveRun === 0) return;
    const [first, last] = [all[low].name, all[high - 1].name];
    const shared = alike(first, last);
    if (high - low === 1 || haveRun >= SHARE_THAT_RAN * sum(low, high, ({ bytes }) => bytes)) {
      const before = alike(all[low - 1]?.name, first);
      const after = alike(all[high]?.name, last);
      const length = Math.max(before, after) + 1;
      found.push(length > shared ? first : `${first.slice(0, length)}*`);
      return;
    }
    // A name that all others begin with stands by itself.
    let from = low;
    if (first.length === shared) look(low, ++from);
    while (from < high) {
      let to = from;
      while (to < high && all[to].name[shared] === all[from].name[shared]) to++;
      look(from, to);
      from = to;
    }
  };
  look(0, all.length);
  return found;
}

const [, , binary, file] = argv;
const folder = mkdtempSync(join(tmpdir(), 'masthead-link-order-'));
try {
  const corpus = new Corpus(folder, ARTICLES);
  corpus.makeSqlite(binary);
  const names = new Set();
  for (const caches of ['every cache off', 'caches of 16 MB'])
    for (const name of await ran(binary, corpus, folder, caches)) names.add(name);
  const all = functions(binary).map((each) => ({ ...each, ran: names.has(each.name) }));
  const lines = patterns(all).map((pattern) => `    *(.text.${pattern})`);
  const script = [
    '/* What a server runs, laid side by side. Written by benchmarks/link-order, which tells more. */',
    'SECTIONS',
    '{',
    '  .text.served :',
    '  {',
    ...lines,
    '  }',
    '}',
    'INSERT BEFORE .text',
    '',
  ];
  writeFileSync(file, script.join('\n'));
  const bytes = (kept) => all.filter(kept).reduce((sum, { bytes }) => sum + bytes, 0);
  const megabytes = (count) => `${(count / 1e6).toFixed(1)} MB`;
  console.log(
    `${lines.length} patterns for the ${megabytes(bytes(({ ran }) => ran))} that ran of ${megabytes(bytes(() => true))} of functions: ${file}`,
  );
} finally {
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
