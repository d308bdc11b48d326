// Writers: GraphQL mutations one after the other, each sent once the last is acknowledged.

import { setTimeout as pause } from 'node:timers/promises';

import { query } from './http.mjs';
import { random } from './corpus.mjs';
import { run } from './processes.mjs';
import { MASTHEAD, SEED } from './settings.mjs';

const CREATE = `mutation ($input: CreateArticleInput!) { createArticle(input: $input) { article { id revision } errors { message } } }`;
const UPDATE = `mutation ($input: UpdateArticleInput!) { updateArticle(input: $input) { article { id revision } errors { message } } }`;
const PUBLISH = `mutation ($input: PublishArticleInput!) { publishArticle(input: $input) { article { id revision } errors { message } } }`;

/** A token for one who may publish. */
export function mintToken(masthead) {
  const said = run(masthead, ['token', 'mint', '--role', 'publisher', '--subject', 'benchmark'], {
    env: MASTHEAD,
  });
  const token = said.split(/\s+/).find((word) => word.split('.').length === 3);
  if (!token) throw new Error(`'masthead token mint' said: ${said}`);
  return token;
}

/** One who writes articles like those of the corpus. */
export class Writer {
  #random;
  #written = 0;

  constructor(address, token, like, number = 0) {
    Object.assign(this, { address, like, number });
    this.headers = { authorization: `Bearer ${token}` };
    this.#random = random(SEED + number);
  }

  /** What new articles are like: an article's section, bylines, topics and body. */
  static async like(address, slug) {
    const document = `query ($slug: String!) { article(slug: $slug) { section { slug } bylines { slug } topics { slug } standfirst body { markdown } } }`;
    const { article } = await query(address, { query: document, variables: { slug } });
    return {
      section: article.section?.slug,
      bylines: article.bylines.map(({ slug }) => slug),
      topics: article.topics.map(({ slug }) => slug),
      standfirst: article.standfirst,
      body: { markdown: article.body.markdown },
    };
  }

  async #mutate(document, input) {
    const data = await query(this.address, { query: document, variables: { input } }, this.headers);
    const [{ article, errors }] = Object.values(data);
    if (!article || errors?.length) throw new Error(`a mutation was answered with ${JSON.stringify(data)}`);
    return article;
  }

  create() {
    this.#written += 1;
    const headline = `A new story ${this.number} ${this.#written} ${Math.floor(this.#random() * 1e9)}`;
    return this.#mutate(CREATE, { headline, ...this.like });
  }

  update({ id, revision }) {
    return this.#mutate(UPDATE, {
      id,
      revision,
      headline: `An edited story ${Math.floor(this.#random() * 1e9)}`,
    });
  }

  publish({ id, revision }) {
    return this.#mutate(PUBLISH, { id, revision });
  }

  /** An article of the corpus, to be edited. */
  async find(slug) {
    const document = 'query ($slug: String!) { article(slug: $slug) { id revision } }';
    return (await query(this.address, { query: document, variables: { slug } }, this.headers)).article;
  }
}

/** Writers side by side for some seconds: each makes a draft, changes it and publishes it, over and over. Every
 * mutation that is acknowledged counts. */
export async function measureWrites(address, token, like, writers, seconds) {
  const times = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const timed = async (write) => {
    const before = performance.now();
    const article = await write;
    times.push(performance.now() - before);
    return article;
  };
  const work = async (writer) => {
    while (performance.now() < end) {
      const draft = await timed(writer.create());
      await timed(writer.publish(await timed(writer.update(draft))));
    }
  };
  await Promise.all(
    Array.from({ length: writers }, (_, number) => work(new Writer(address, token, like, number))),
  );
  const elapsed = (performance.now() - begun) / 1000;
  times.sort((one, other) => one - other);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { rate: times.length / elapsed, median: at(0.5), p99: at(0.99) };
}

/** Writes once a second while something else goes on: an edit of a random article of the corpus, or a new one that is
 * published, by turns. */
export async function writeEachSecond(writer, slugs, until) {
  const next = random(SEED);
  let done = false;
  const ended = until.finally(() => (done = true));
  const work = async () => {
    for (let turn = 0; !done; turn++) {
      if (turn % 2 === 0) await writer.update(await writer.find(slugs[Math.floor(next() * slugs.length)]));
      else await writer.publish(await writer.create());
      await Promise.race([pause(1000), ended.catch(() => {})]);
    }
  };
  const [result] = await Promise.all([ended, work()]);
  return result;
}
