// Deliveries to a webhook, verified as their receiver verifies them: with standardwebhooks, the specification's library.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { RestartableServer, token } from './restartable_server.mjs';

const SAVE = `mutation($input: SaveWebhookInput!) {
  saveWebhook(input: $input) { secret webhook { id } errors { message path } } }`;

let server;
let receiver;
/** What the receiver was sent and nobody has taken yet, and who waits for more. */
const sent = [];
let told = () => {};

before(async () => {
  receiver = createServer(async (request, response) => {
    const chunks = await request.toArray();
    sent.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(204).end();
    told();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  server = new RestartableServer({
    MASTHEAD_OUTGOING_PLAIN_HTTP: 'true',
    MASTHEAD_OUTGOING_OPEN_NETWORKS: '127.0.0.0/8',
  });
  await server.start();
});

after(async () => {
  await server.remove();
  receiver.closeAllConnections();
  receiver.close();
});

const save = async (input) => {
  const { saveWebhook } = await server.send(SAVE, { input }, token('admin'));
  assert.deepEqual(saveWebhook.errors, []);
  return saveWebhook;
};

/** The next delivery, within ten seconds. */
const delivery = async () => {
  if (sent.length === 0) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing was delivered')), 10_000);
      told = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  return sent.shift();
};

const refused = (secret, { body, headers }) =>
  assert.throws(() => new Webhook(secret).verify(body, headers), WebhookVerificationError);

test('a delivery verifies with its secret, and with nothing changed', async () => {
  const url = `http://127.0.0.1:${receiver.address().port}/hooks/masthead`;
  const { secret, webhook } = await save({ url });
  // Devanagari: what is signed is bytes, not characters.
  const nodeId = await server.publish('वर्षा');
  const first = await delivery();
  const event = new Webhook(secret).verify(first.body, first.headers);
  assert.deepEqual(event, JSON.parse(first.body));
  assert.equal(event.type, 'article.upserted');
  assert.equal(event.data.nodeId, nodeId);
  assert.equal(event.data.node.headline, 'वर्षा');

  const { headers, body } = first;
  refused(secret, { headers, body: body.replace('article.upserted', 'article.removed') });
  refused(secret, { headers, body: `${body} ` });
  refused(secret, { body, headers: { ...headers, 'webhook-id': 'another' } });
  const timestamp = Number(headers['webhook-timestamp']);
  refused(secret, { body, headers: { ...headers, 'webhook-timestamp': `${timestamp - 1}` } });
  // As one who sends again what was delivered long ago.
  refused(secret, { body, headers: { ...headers, 'webhook-timestamp': `${timestamp - 3600}` } });
  refused(`whsec_${Buffer.alloc(32, 7).toString('base64')}`, first);

  // For a while both sign: whoever has the former one goes on, and so does whoever has the new one.
  const rotated = await save({ id: webhook.id, rotateSecret: true });
  assert.notEqual(rotated.secret, secret);
  await server.publish('Snow');
  const second = await delivery();
  for (const one of [secret, rotated.secret]) {
    assert.equal(new Webhook(one).verify(second.body, second.headers).data.node.headline, 'Snow');
  }
  assert.notEqual(second.headers['webhook-id'], headers['webhook-id']);
  refused(rotated.secret, first);
});
