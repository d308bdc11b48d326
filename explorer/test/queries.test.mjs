// Every ready-made query, and the one by which the page fills their variables, is valid against the schema.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';

const schemaFile = process.env.MASTHEAD_SCHEMA ?? new URL('../../schema.graphql', import.meta.url);
const schema = buildSchema(readFileSync(schemaFile, 'utf8'));

const source = new URL('../src/', import.meta.url);
const files = ['', 'queries/'].flatMap((folder) =>
  readdirSync(new URL(folder, source))
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => folder + name),
);

test('there are ready-made queries', () => assert.ok(files.length > 1));

for (const file of files) {
  test(`${file} is valid`, () => {
    const errors = validate(schema, parse(readFileSync(new URL(file, source), 'utf8')));
    assert.deepEqual(errors.map(({ message }) => message), []);
  });
}

test('every ready-made query is in the menu', () => {
  const menu = readFileSync(new URL('ready_made_queries.js', source), 'utf8');
  for (const file of files.filter((name) => name.startsWith('queries/'))) {
    assert.ok(menu.includes(`'./${file}'`), `${file} is not imported by ready_made_queries.js`);
  }
});
