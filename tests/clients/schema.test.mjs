// The exported schema as GraphQL's reference implementation reads it, and as the server itself tells it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  buildClientSchema, buildSchema, getIntrospectionQuery, isIntrospectionType, isSpecifiedScalarType,
  lexicographicSortSchema, parse, printSchema, validate, validateSchema,
} from 'graphql';
import { explorerDocuments } from './explorer_documents.mjs';
import { schemaText } from './schema_file.mjs';
import { send } from './server.mjs';

const text = schemaText();
const schema = buildSchema(text);
const sortedText = (of) => printSchema(lexicographicSortSchema(of));

test('the exported schema is valid', () => {
  assert.deepEqual(validateSchema(schema).map(({ message }) => message), []);
});

test('types, fields and arguments stand in lexicographic order', () => {
  const namesOf = (document) => document.definitions
    .filter(({ kind }) => /^(Object|Interface|InputObject|Enum|Union|Scalar)TypeDefinition$/.test(kind))
    .map(({ name, fields, values }) => [
      name.value,
      (fields ?? values ?? []).map((member) => [
        member.name.value,
        (member.arguments ?? []).map((argument) => argument.name.value),
      ]),
    ]);
  assert.deepEqual(namesOf(parse(text)), namesOf(parse(sortedText(schema))));
});

test('printing and reading the schema again loses nothing', () => {
  assert.equal(sortedText(buildSchema(sortedText(schema))), sortedText(schema));
});

test('the server tells by introspection what the file says', async () => {
  const introspection = await send({
    // Without the schema's own description: async-graphql answers a fixed sentence there, whatever the schema.
    query: getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
    operationName: 'IntrospectionQuery',
  });
  const told = buildClientSchema(introspection);
  assert.deepEqual(validateSchema(told).map(({ message }) => message), []);
  assert.equal(sortedText(told), sortedText(schema));
});

for (const { location, document } of explorerDocuments()) {
  test(`${location} is valid`, () => {
    assert.deepEqual(validate(schema, document).map(({ message }) => message), []);
  });
}

test('no two names differ by case alone', () => {
  // Generators for Swift, Kotlin and Java write a file a type, also on file systems that ignore case, and turn
  // names into their language's own case.
  const types = Object.values(schema.getTypeMap());
  const scopes = [
    types.map(({ name }) => name),
    ...types.map((type) => Object.keys(type.getFields?.() ?? {})),
    ...types.map((type) => (type.getValues?.() ?? []).map(({ name }) => name)),
  ];
  for (const names of scopes) {
    const plain = names.map((name) => name.toLowerCase().replaceAll('_', ''));
    assert.deepEqual(names.filter((_, at) => plain.indexOf(plain[at]) !== at), []);
  }
});

test('every type, field and enum value says what it is', () => {
  // GraphQL's own types are described by its specification, connections and PageInfo by Relay's.
  const ours = Object.values(schema.getTypeMap())
    .filter((type) => !isSpecifiedScalarType(type) && !isIntrospectionType(type))
    .filter(({ name }) => !/Connection$|^PageInfo$/.test(name));
  const silent = ours.flatMap((type) => [
    ...(type.description || type.specifiedByURL ? [] : [type.name]),
    ...[...Object.values(type.getFields?.() ?? {}), ...(type.getValues?.() ?? [])]
      .filter(({ description }) => !description)
      .map(({ name }) => `${type.name}.${name}`),
  ]);
  assert.deepEqual(silent, []);
});
