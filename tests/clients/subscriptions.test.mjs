// The clients of the two protocols by which subscriptions are served: graphql-ws and graphql-sse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';
import { RestartableServer, token } from './restartable_server.mjs';

const CHANGES = 'subscription($after: String) { changes(after: $after) { cursor nodeId } }';

let server;

before(async () => {
  server = new RestartableServer();
  await server.start();
  await server.publish('The first');
});

after(() => server.remove());

const withWs = (options = {}) =>
  createWsClient({
    url: server.url('ws'),
    webSocketImpl: WebSocket,
    retryWait: () => wait(200),
    // Also when the server is not there at all.
    shouldRetry: () => true,
    ...options,
  });

const withSse = (options = {}) =>
  createSseClient({ url: server.url('http'), retry: () => wait(200), ...options });

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The next results, data without errors. */
const take = async (results, count) => {
  const taken = [];
  while (taken.length < count) {
    const { value, done } = await results.next();
    assert.equal(done, false, `it is over after ${JSON.stringify(taken)}`);
    assert.equal(value.errors, undefined, JSON.stringify(value));
    taken.push(value.data.changes.cursor);
  }
  return taken;
};

test('both clients tell what was missed, then what comes', async () => {
  const [start] = await server.cursors();
  await server.publish('Missed');
  for (const client of [withWs(), withSse()]) {
    const results = client.iterate({ query: CHANGES, variables: { after: start } });
    const missed = (await server.cursors()).slice(1);
    assert.deepEqual(await take(results, missed.length), missed);
    await server.publish('Live');
    const all = (await server.cursors()).slice(1);
    assert.deepEqual(await take(results, all.length - missed.length), all.slice(missed.length));
    // Who wants no more says so.
    assert.equal((await results.return()).done, true);
    await client.dispose();
  }
});

for (const [name, signal] of [['that stops', 'SIGTERM'], ['that is killed', 'SIGKILL']]) {
  test(`both clients go on from their cursor at a server ${name} and comes back`, async () => {
    const cursors = await server.cursors();
    const start = cursors.at(-1);
    const heard = { ws: [], sse: [] };
    let ofWs = start;
    let ofSse = start;
    const ws = withWs({ retryAttempts: 50 });
    const sse = withSse({ retryAttempts: 50, headers: () => ({ 'last-event-id': ofSse }) });
    const follow = async (results, told) => {
      try {
        for await (const { data } of results) told(data.changes.cursor);
        return 'complete';
      } catch (error) {
        return error;
      }
    };
    const following = [
      // It is read anew each time that the client connects.
      follow(ws.iterate({ query: CHANGES, variables: { get after() { return ofWs; } } }), (cursor) => {
        ofWs = cursor;
        heard.ws.push(cursor);
      }),
      follow(sse.iterate({ query: CHANGES }), (cursor) => {
        ofSse = cursor;
        heard.sse.push(cursor);
      }),
    ];
    const allHaveHeard = async () => {
      const all = (await server.cursors()).slice(cursors.length);
      for (let round = 0; round < 100; round += 1) {
        if (Object.values(heard).every((cursors) => cursors.length >= all.length)) break;
        await wait(100);
      }
      assert.deepEqual(heard, { ws: all, sse: all });
    };
    await server.publish(`Before it ${name}`);
    await allHaveHeard();
    await server.stop(signal);
    await wait(300);
    await server.start();
    await server.publish(`After it ${name}`);
    await allHaveHeard();
    await ws.dispose();
    sse.dispose();
    assert.deepEqual(await Promise.all(following), ['complete', 'complete']);
  });
}

test('a token comes with connection_init, and in a header', async () => {
  const ask = { query: '{ viewer { role } }' };
  const editor = { data: { viewer: { role: 'EDITOR' } } };
  const bearer = `Bearer ${token('editor')}`;
  class WithHeader extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers: { authorization: bearer } });
    }
  }
  for (const client of [
    withWs({ connectionParams: { Authorization: bearer } }),
    withWs({ webSocketImpl: WithHeader }),
    withSse({ headers: { authorization: bearer } }),
  ]) {
    const results = client.iterate(ask);
    assert.deepEqual((await results.next()).value, editor);
    assert.equal((await results.next()).done, true);
    await client.dispose();
  }
});

test('a token that is none is refused, and the client is told why', async () => {
  const ws = withWs({ retryAttempts: 0, connectionParams: { Authorization: 'Bearer nonsense' } });
  await assert.rejects(ws.iterate({ query: CHANGES }).next(), ({ code, reason }) => {
    assert.equal(code, 4403);
    assert.match(reason, /^Forbidden: ./);
    return true;
  });
  const sse = withSse({ retryAttempts: 0, headers: { authorization: 'Bearer nonsense' } });
  await assert.rejects(sse.iterate({ query: CHANGES }).next(), ({ response }) => {
    assert.equal(response.status, 401);
    return true;
  });
});

test('graphql-ws goes on with a new token when the old one has expired', async () => {
  const [start] = await server.cursors();
  const codes = [];
  let connections = 0;
  let after = start;
  const client = withWs({
    retryAttempts: 5,
    connectionParams: () => {
      connections += 1;
      return { Authorization: `Bearer ${connections === 1 ? token('partner', 2) : token('partner')}` };
    },
    on: { closed: ({ code }) => codes.push(code) },
  });
  const results = client.iterate({ query: CHANGES, variables: { get after() { return after; } } });
  const there = (await server.cursors()).slice(1);
  after = (await take(results, there.length)).at(-1);
  for (let round = 0; round < 100 && connections < 2; round += 1) await wait(100);
  assert.deepEqual(codes, [4403]);
  assert.equal(connections, 2);
  await server.publish('With the new token');
  const all = (await server.cursors()).slice(1);
  assert.deepEqual(await take(results, all.length - there.length), all.slice(there.length));
  await client.dispose();
});

test('what does not validate ends the operation alone', async () => {
  const client = withWs({ lazy: false, onNonLazyError: assert.fail });
  const wrong = { query: 'subscription { nothing }' };
  await assert.rejects(client.iterate(wrong).next(), (errors) => {
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    return true;
  });
  const right = await client.iterate({ query: '{ __typename }' }).next();
  assert.deepEqual(right.value, { data: { __typename: 'Query' } });
  await client.dispose();
  const sse = withSse();
  const { value } = await sse.iterate(wrong).next();
  assert.equal(value.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  sse.dispose();
});
