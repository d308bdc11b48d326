import assert from 'node:assert/strict';

assert.ok(process.env.MASTHEAD_URL, 'Set MASTHEAD_URL to the address of a running server, e.g. http://127.0.0.1:8080');

/** Where the server under test answers GraphQL; it must hold published articles. */
export const ENDPOINT = `${process.env.MASTHEAD_URL.replace(/\/$/, '')}/graphql`;

/** Sends one request by POST and answers the result; anything but a result without errors is an error. */
export const send = async (request) => {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(request),
  });
  const body = await response.text();
  assert.equal(response.status, 200, body);
  assert.match(response.headers.get('content-type'), /^application\/graphql-response\+json\b/);
  const { data, errors } = JSON.parse(body);
  assert.equal(errors, undefined, body);
  return data;
};
