import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const SECRET = 'a secret of the clients that subscribe and are delivered to, in these tests alone';

/** A server of the test's own, on a new SQLite file, that can be stopped and started again at the same address. */
export class RestartableServer {
  #folder = mkdtempSync(path.join(tmpdir(), 'masthead-clients-'));
  #address = '127.0.0.1:0';
  #process;
  #settings;

  /** One with these settings, by their names in the environment. */
  constructor(settings = {}) {
    this.#settings = settings;
  }

  /** Starts it. */
  async start() {
    assert.ok(process.env.MASTHEAD_BINARY, 'Set MASTHEAD_BINARY to the path of the binary, e.g. target/debug/masthead');
    this.#process = spawn(path.resolve(process.env.MASTHEAD_BINARY), ['serve', '--listen', this.#address], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MASTHEAD_LOG: 'error', MASTHEAD_JWT_SECRET: SECRET, ...this.#settings },
    });
    const line = await new Promise((resolve, reject) => {
      this.#process.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
      createInterface({ input: this.#process.stdout }).once('line', resolve);
    });
    [, this.#address] = line.match(/http:\/\/([^/\s]+)/);
  }

  /** Stops it, with a word to those who are connected or without one. */
  async stop(signal = 'SIGTERM') {
    const stopped = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill(signal);
    await stopped;
  }

  /** Stops it, and removes what it has kept. */
  async remove() {
    if (this.#process?.exitCode === null && this.#process.signalCode === null) await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Where it answers. */
  url(scheme) {
    return `${scheme}://${this.#address}/graphql`;
  }

  /** Answers a request; any fault is an error. */
  async send(query, variables, bearer) {
    const response = await fetch(this.url('http'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined);
    return data;
  }

  /** Publishes an article; answers its identity. */
  async publish(headline) {
    const publisher = token('publisher');
    const { createArticle } = await this.send(
      'mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { id revision } errors { message } } }',
      { input: { headline, body: { text: 'It rained.' } } },
      publisher,
    );
    assert.deepEqual(createArticle.errors, []);
    const { id, revision } = createArticle.article;
    const { publishArticle } = await this.send(
      'mutation($input: PublishArticleInput!) { publishArticle(input: $input) { errors { message } } }',
      { input: { id, revision } },
      publisher,
    );
    assert.deepEqual(publishArticle.errors, []);
    return id;
  }

  /** The cursors of all changes that everyone may know of. */
  async cursors() {
    const { changes } = await this.send('{ changes(first: 100) { nodes { cursor } } }');
    return changes.nodes.map(({ cursor }) => cursor);
  }
}

/** A token that is good for so many seconds. */
export const token = (role, seconds = 600) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: `a ${role}`, role, iat: now, exp: now + seconds };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
};
