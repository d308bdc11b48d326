// The load: wrk with the requests of a file, and what the server used meanwhile.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { CONNECTIONS, WARM_UP } from './settings.mjs';

const SCRIPT = fileURLToPath(new URL('requests.lua', import.meta.url));
/** By how much an answer's mean length may differ between warm-up and measurement: they send other requests. */
const LENGTH_TOLERANCE = 0.05;
/** A stretch of the warm-up that is less than so many times as quick as the one before is the last. */
const SETTLED = 1.05;

/** Measures a peer under load. An answer that is wrong makes this throw: what it would measure is no figure. */
export async function measure(peer, requests, { seconds, round }) {
  const address = await peer.address;
  const first = (round * 7919) % requests.count;
  const warm = await wrk(address, requests, { seconds: WARM_UP, first, verify: true });
  const before = peer.processorSeconds();
  const figures = await wrk(address, requests, { seconds, first: first + Math.floor(requests.count / 2) });
  const used = peer.processorSeconds() - before;
  const length = figures.bytes / figures.requests;
  const difference = Math.abs(length / (warm.bytes / warm.requests) - 1);
  if (difference > LENGTH_TOLERANCE) {
    throw new Error(
      `answers were ${length} bytes long on average, and ${warm.bytes / warm.requests} when they were verified`,
    );
  }
  return {
    rate: figures.requests / figures.seconds,
    median: figures.median / 1000,
    p99: figures.p99 / 1000,
    length,
    // Milliseconds of processor time for one request.
    processor: (used * 1000) / figures.requests,
  };
}

/** Asks for as long as that makes the server quicker, since what it keeps grows: until a stretch brings hardly more requests
 * than the one before, or the time is over. */
export async function warmUp(peer, requests, { stretch, atMost, round }) {
  const address = await peer.address;
  let before = 0;
  for (let spent = 0; spent < atMost; spent += stretch) {
    const first = (round * 7919 + spent * 104_729) % requests.count;
    const { requests: answered, seconds } = await wrk(address, requests, { seconds: stretch, first });
    const rate = answered / seconds;
    if (rate < before * SETTLED) return;
    before = rate;
  }
}

async function wrk(address, requests, { seconds, first, verify = false }) {
  const words = [
    '-t',
    '1',
    '-c',
    `${CONNECTIONS}`,
    '-d',
    `${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    SCRIPT,
    address,
  ];
  words.push('--', requests.file, `${first}`, ...(verify ? ['verify'] : []));
  const said = await new Promise((resolve, reject) => {
    const child = spawn('wrk', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.stderr.on('data', (part) => (text += part));
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
  const line = said.match(/^figures (.*)$/m);
  if (!line) throw new Error(`wrk said: ${said}`);
  const figures = Object.fromEntries(
    line[1]
      .split(' ')
      .map((part) => part.split('='))
      .map(([name, value]) => [name, Number(value)]),
  );
  if (figures.refused + figures.broken + figures.wrong > 0 || figures.requests === 0) {
    const { refused, broken, wrong } = figures;
    const example = said.match(/^example (.*)$/m)?.[1] ?? '';
    throw new Error(
      `of ${figures.requests} answers ${refused} were refusals, ${wrong} wrong; ${broken} broke off. ${example}`,
    );
  }
  return figures;
}
