// The description of the named documents as a public validator of OpenAPI reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ENDPOINT } from './server.mjs';

const get = async (path) => {
  const response = await fetch(new URL(path, ENDPOINT));
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  return response.json();
};

test('the description is OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(await get('/v1/openapi.json'));
  assert.ok(valid, JSON.stringify(errors, undefined, 2));
  assert.equal(validator.version, '3.1');
  // It reads references that lead nowhere as well as those that do.
  assert.ok(validator.resolveRefs().paths['/v1/articlePage'].get.responses[200]);
});

test('it describes what the list lists', async () => {
  const [{ documents, openapi }, { paths }] = await Promise.all([get('/v1'), get('/v1/openapi.json')]);
  assert.equal(openapi, '/v1/openapi.json');
  assert.deepEqual(documents.map(({ name }) => `/v1/${name}`), Object.keys(paths));
  for (const { name, parameters } of documents) {
    const described = paths[`/v1/${name}`].get.parameters;
    assert.deepEqual(
      parameters.map(({ name, required }) => [name, required]),
      described.map(({ name, required }) => [name, required]),
    );
  }
});
