// The public conformance suite for GraphQL over HTTP (graphql-http), against a running server.
// https://graphql.github.io/graphql-over-http/draft/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { ENDPOINT } from './server.mjs';

/** SHOULDs that are not met, each with its reason. There is none. */
const REASONED_EXCEPTIONS = new Map([]);

// The suite lists it as MAY since a server need not take GET at all; one that does MUST refuse.
const NO_MUTATION_BY_GET = '9C48';

const audits = serverAudits({ url: ENDPOINT });

const whatCameBack = async ({ reason, response }) =>
  `${reason}; status ${response.status}, ${response.headers.get('content-type')}: ${
    response.bodyUsed ? '(body read)' : await response.text()}`;

test('the suite is whole', () => {
  const count = (level) => audits.filter(({ name }) => name.startsWith(`${level} `)).length;
  assert.deepEqual({ must: count('MUST'), should: count('SHOULD') }, { must: 13, should: 23 });
  assert.ok(audits.some(({ id }) => id === NO_MUTATION_BY_GET));
  for (const id of REASONED_EXCEPTIONS.keys()) assert.ok(audits.some((audit) => audit.id === id), id);
});

for (const { id, name, fn } of audits) {
  test(`${id}: ${name}`, async (context) => {
    const result = await fn();
    if (result.status === 'ok') {
      assert.ok(!REASONED_EXCEPTIONS.has(id), 'it is met: take it off the list of exceptions');
      return;
    }
    const evidence = await whatCameBack(result);
    const binding = !name.startsWith('MAY ') || id === NO_MUTATION_BY_GET;
    if (binding && !REASONED_EXCEPTIONS.has(id)) assert.fail(evidence);
    context.diagnostic(`not met: ${evidence}; ${REASONED_EXCEPTIONS.get(id) ?? 'it is optional'}`);
  });
}
