// What idle subscribers cost: so many connections, each with one subscription, over WebSocket or as Server-Sent Events.
//
// The client is a socket and a few lines, so that thousands of them run beside the server.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { killAll, start } from './processes.mjs';
import { MASTHEAD } from './settings.mjs';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    transport: { type: 'string', default: 'websocket' },
    // Each with a token of its own: nothing that is made for one is another's.
    tokens: { type: 'boolean', default: false },
    binary: { type: 'string', default: 'target/release/masthead' },
    // Longer than the server's time between two signs of life, so that each has been pinged and has answered.
    'idle-seconds': { type: 'string', default: '30' },
  },
});
const COUNT = Number(options.count);
const QUERY = 'subscription { changes { cursor kind nodeId } }';
/** How many connect at a time. */
const AT_A_TIME = 100;
const PATIENCE = 120_000;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const megabytes = (pid) => {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/);
  return Number(kilobytes) / 1024;
};

/** A frame as a client sends it (RFC 6455, section 5.2), of less than 126 bytes; the mask is one of zeros. */
const frame = (opcode, payload) =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

const text = (message) => frame(1, Buffer.from(JSON.stringify(message)));

/** A subscriber. `ready` resolves once it has subscribed, `heard` once an event has come. */
class Subscriber {
  #socket;
  #rest = Buffer.alloc(0);
  #isOpen = false;

  constructor(address, transport, authorization) {
    this.ready = new Promise((resolve, reject) => {
      this.isReady = resolve;
      this.fail = reject;
    });
    this.heard = new Promise((resolve) => {
      this.hasHeard = resolve;
    });
    const [host, port] = address.replace('http://', '').split(':');
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    this.#socket.on('error', (error) => this.fail(error));
    this.#socket.on('close', () => this.fail(new Error('the server has closed the connection')));
    const take = transport === 'sse' ? () => this.#takeEvents() : () => this.#takeFrames();
    this.#socket.on('data', (bytes) => {
      this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
      if (this.#isOpen || this.#opened(transport)) take();
    });
    this.#socket.write(
      transport === 'sse'
        ? `GET /graphql?query=${encodeURIComponent(QUERY)} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n${authorization}\r\n`
        : `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' +
            `Sec-WebSocket-Protocol: graphql-transport-ws\r\n${authorization}\r\n`,
    );
  }

  #opened(transport) {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const status = this.#rest.toString('latin1', 9, 12);
    if (status !== (transport === 'sse' ? '200' : '101')) this.fail(new Error(`answered ${status}`));
    this.#rest = this.#rest.subarray(end + 4);
    this.#isOpen = true;
    if (transport === 'sse') this.isReady();
    else this.#socket.write(text({ type: 'connection_init' }));
    return true;
  }

  #takeEvents() {
    if (this.#rest.includes('event: next')) this.hasHeard();
    this.#rest = Buffer.alloc(0);
  }

  #takeFrames() {
    while (this.#rest.length >= 2) {
      let length = this.#rest[1] & 0x7f;
      const head = length === 126 ? 4 : 2;
      if (this.#rest.length < head) return;
      if (length === 126) length = this.#rest.readUInt16BE(2);
      if (this.#rest.length < head + length) return;
      const opcode = this.#rest[0] & 0x0f;
      const payload = this.#rest.subarray(head, head + length);
      this.#rest = this.#rest.subarray(head + length);
      if (opcode === 9) this.#socket.write(frame(10, payload));
      else if (opcode === 1) this.#receive(JSON.parse(payload.toString()));
    }
  }

  #receive(message) {
    if (message.type === 'connection_ack') {
      const payload = { query: QUERY };
      // Of less than 126 bytes, as `frame` has it.
      this.#socket.write(text({ id: 'a', type: 'subscribe', payload }));
      this.isReady();
    } else if (message.type === 'next') this.hasHeard();
    else this.fail(new Error(JSON.stringify(message)));
  }

  end() {
    this.#socket.destroy();
  }
}

const token = (claims) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, iat: now, exp: now + 3600 })}`;
  return `${signed}.${createHmac('sha256', MASTHEAD.MASTHEAD_JWT_SECRET).update(signed).digest('base64url')}`;
};

/** The header of a subscriber, with the end of its line; none of one that has no token. */
const authorization = (number) =>
  options.tokens ? `Authorization: Bearer ${token({ sub: `subscriber-${number}`, role: 'partner' })}\r\n` : '';

const write = async (address, mutation, input) => {
  const name = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
  const query = `mutation($input: ${name}!) { done: ${mutation}(input: $input) { article { id revision } errors { message } } }`;
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token({ sub: 'benchmark', role: 'publisher' })}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.done.errors.length > 0) throw new Error(JSON.stringify(errors ?? data.done.errors));
  return data.done.article;
};

const folder = mkdtempSync(path.join(tmpdir(), 'masthead-subscribers-'));
const subscribers = [];
try {
  const server = start(path.resolve(options.binary), ['serve', '--listen', '127.0.0.1:0', '--with-sample-content'], {
    cwd: folder,
    log: path.join(folder, 'log'),
    env: { ...MASTHEAD, MASTHEAD_HTTP_MAX_CONNECTIONS: String(COUNT + 1000), MASTHEAD_SUBSCRIPTIONS_MAX_STREAMS: String(COUNT) },
  });
  const address = await server.address;
  await write(address, 'createArticle', { headline: 'Before', body: { text: 'It rained.' } });
  await wait(1000);
  const alone = megabytes(server.pid);
  const began = performance.now();
  for (let from = 0; from < COUNT; from += AT_A_TIME) {
    const some = Array.from(
      { length: Math.min(AT_A_TIME, COUNT - from) },
      (_, place) => new Subscriber(address, options.transport, authorization(from + place)),
    );
    subscribers.push(...some);
    await Promise.all(some.map(({ ready }) => ready));
  }
  const connected = performance.now() - began;
  await wait(Number(options['idle-seconds']) * 1000);
  const idle = megabytes(server.pid);
  const { id, revision } = await write(address, 'createArticle', { headline: 'Rain', body: { text: 'It rained.' } });
  const published = performance.now();
  await write(address, 'publishArticle', { id, revision });
  const late = wait(PATIENCE).then(() => {
    throw new Error('not every subscriber has heard of the article');
  });
  await Promise.race([Promise.all(subscribers.map(({ heard }) => heard)), late]);
  const told = performance.now() - published;
  const after = megabytes(server.pid);
  const kilobytes = (((idle - alone) * 1024) / COUNT).toFixed(1);
  console.log(`${COUNT} subscribers (${options.transport}${options.tokens ? ', a token each' : ''}), ${options.binary}`);
  console.log(`resident without them    ${alone.toFixed(1)} MB`);
  console.log(`with them, idle          ${idle.toFixed(1)} MB, ${kilobytes} kB each`);
  console.log(`after an event for all   ${after.toFixed(1)} MB`);
  console.log(`until all had connected  ${(connected / 1000).toFixed(1)} s`);
  console.log(`until all had heard      ${(told / 1000).toFixed(2)} s`);
} finally {
  for (const subscriber of subscribers) subscriber.end();
  killAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
