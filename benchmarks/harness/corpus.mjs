// The corpus: the same articles in SQLite and in PostgreSQL, and what is known of them before anything is measured.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { query } from './http.mjs';
import { run } from './processes.mjs';
import { MASTHEAD, SEED } from './settings.mjs';

/** Makes the corpus in a database; gives how many articles a second. */
export function generate(masthead, address, articles) {
  const words = ['generate', '--articles', `${articles}`, '--seed', `${SEED}`, '--database-url', address];
  const said = run(masthead, words, { env: MASTHEAD });
  const [, rate] = said.match(/([\d.]+) a second/) ?? [];
  if (!rate) throw new Error(`'masthead generate' said: ${said}`);
  return Number(rate);
}

/** A corpus that is kept in the work folder, and made where it is not there yet. */
export class Corpus {
  constructor(work, articles) {
    this.articles = articles;
    this.folder = join(work, `articles-${articles}-${SEED}`);
    this.file = join(this.folder, 'archive.db');
    this.database = `articles_${articles}_${SEED}`;
    mkdirSync(this.folder, { recursive: true });
  }

  get sqlite() {
    return `sqlite://${this.file}`;
  }

  makeSqlite(masthead) {
    if (existsSync(this.file)) return;
    console.log(`Making ${this.articles} articles in SQLite`);
    // Under its own name only once it is whole.
    const unfinished = join(this.folder, 'unfinished.db');
    removeSqlite(unfinished);
    generate(masthead, `sqlite://${unfinished}`, this.articles);
    if (existsSync(`${unfinished}-wal`))
      throw new Error(`${unfinished} was not closed: its write-ahead log is still there`);
    renameSync(unfinished, this.file);
  }

  makePostgresql(masthead, postgresql) {
    if (postgresql.has(this.database)) return;
    console.log(`Making ${this.articles} articles in PostgreSQL`);
    postgresql.create('unfinished');
    generate(masthead, postgresql.address('unfinished'), this.articles);
    postgresql.execute('unfinished', 'VACUUM ANALYZE');
    postgresql.execute('postgres', `ALTER DATABASE unfinished RENAME TO ${this.database}`);
  }

  /** A copy of the SQLite file, to write to. */
  copySqlite(masthead, name) {
    const copy = join(this.folder, `${name}.db`);
    removeSqlite(copy);
    run(masthead, ['backup', copy, '--database-url', this.sqlite], { env: MASTHEAD });
    return `sqlite://${copy}`;
  }

  /** Reads, from a server of it, the slugs of all articles, the newest first, and cursors into the lists. Once read,
   * it is kept with the corpus. */
  async read(address) {
    const kept = join(this.folder, 'read.json');
    if (!existsSync(kept)) {
      console.log(`Reading the slugs and cursors of ${this.articles} articles`);
      const latest = await pages(address, 'latest', 'nodes { slug }');
      const changes =
        this.articles > 100_000 ? { cursors: [] } : await pages(address, 'changes', 'nodes { at }');
      const read = {
        slugs: latest.rows.map((row) => row.slug),
        // Where a page begins that lies in the middle of the archive, and one close to its end.
        middle: latest.cursors[Math.floor(latest.cursors.length / 2)],
        end: latest.cursors.at(-2),
        changes: changes.cursors,
      };
      writeFileSync(`${kept}.unfinished`, JSON.stringify(read));
      renameSync(`${kept}.unfinished`, kept);
    }
    Object.assign(this, JSON.parse(readFileSync(kept, 'utf8')));
  }
}

export function removeSqlite(file) {
  for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
}

/** All rows of a list, and the cursor at the end of each of its pages but the last. */
async function pages(address, list, selection) {
  const document = `query ($after: String) { ${list}(first: 100, after: $after) { pageInfo { hasNextPage endCursor } ${selection} } }`;
  const rows = [];
  const cursors = [];
  for (let after = null; ; after = cursors.at(-1)) {
    const data = await query(address, { query: document, variables: { after } });
    const { pageInfo, nodes } = data[list];
    rows.push(...nodes);
    if (!pageInfo.hasNextPage) return { rows, cursors };
    cursors.push(pageInfo.endCursor);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws of these items, each as likely as the others. */
export function uniform(items, draws) {
  const next = random(SEED);
  return Array.from({ length: draws }, () => items[Math.floor(next() * items.length)]);
}

/** Draws of these items by a Zipf law with exponent 1: the second half as often as the first, the third a third. */
export function zipf(items, draws) {
  const next = random(SEED);
  const sums = new Float64Array(items.length);
  let sum = 0;
  for (let place = 0; place < items.length; place++) {
    sum += 1 / (place + 1);
    sums[place] = sum;
  }
  return Array.from({ length: draws }, () => {
    const wanted = next() * sum;
    let [low, high] = [0, items.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return items[low];
  });
}
