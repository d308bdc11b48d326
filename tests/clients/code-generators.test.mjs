// GraphQL Code Generator over the exported schema and the explorer's documents: its types compile under the
// strictest settings, say what may be absent, and a client made of them reads from the server.
//
// The generators run by their own core, as its command line runs them; that command line needs Node 22 and brings
// 260 packages more for reading configuration files and remote schemas, which is not what is tried here.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';
import { compileStrictly, makeClientFolder, removeClientFolder } from './client_folder.mjs';
import { explorerDocuments } from './explorer_documents.mjs';
import { SCALARS, schemaText } from './schema_file.mjs';
import { send } from './server.mjs';

const pluginMap = { typescript, typescriptOperations, typedDocumentNode };

let folder;

before(() => {
  folder = makeClientFolder('typescript');
});

after(() => removeClientFolder(folder));

const generate = async (filename, plugins, documents) => {
  const output = await codegen({
    filename,
    schema: parse(schemaText()),
    schemaAst: buildSchema(schemaText()),
    documents,
    config: { scalars: SCALARS, strictScalars: true, useTypeImports: true, nonOptionalTypename: false },
    plugins: plugins.map((plugin) => ({ [plugin]: {} })),
    pluginMap,
  });
  writeFileSync(path.join(folder, filename), output);
  return output;
};

test('the types of the whole schema are generated', async () => {
  const output = await generate('schema_types.ts', ['typescript'], []);
  const { Query, ...types } = buildSchema(schemaText()).getTypeMap();
  for (const name of Object.keys(types).filter((each) => !each.startsWith('__') && !(each in SCALARS))) {
    if (['Boolean', 'Float', 'ID', 'Int', 'String'].includes(name)) continue;
    assert.match(output, new RegExp(`^export (type|enum) ${name}\\b`, 'm'));
  }
});

test("the types of the explorer's documents are generated", async () => {
  const documents = explorerDocuments();
  const output = await generate('operations.ts', ['typescriptOperations', 'typedDocumentNode'], documents);
  const names = documents.flatMap(({ document }) => document.definitions.map(({ name }) => name.value));
  assert.equal(names.length, documents.length);
  for (const name of names) {
    assert.match(output, new RegExp(`^export type ${name}Query = `, 'm'));
    assert.match(output, new RegExp(`^export const ${name}Document = `, 'm'));
  }
});

test('a client of the generated types compiles strictly', () => {
  const { status, output } = compileStrictly(folder);
  assert.equal(status, 0, output);
});

test('the compiled client reads from the server', async () => {
  const { readNewest } = await import(pathToFileURL(path.join(folder, 'compiled/article_reader.js')));
  const read = await readNewest(send);
  assert.equal(read.headline, read.newest);
  assert.equal(read.kind, 'Article');
  assert.ok(read.blocks.join('').length > 0);
});
