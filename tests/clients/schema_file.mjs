import { readFileSync } from 'node:fs';

/** The exported schema: what a client's tools are given. */
export const SCHEMA_FILE = new URL(process.env.MASTHEAD_SCHEMA ?? '../../schema.graphql', import.meta.url);

/** The text of the exported schema. */
export const schemaText = () => readFileSync(SCHEMA_FILE, 'utf8');

/**
 * What each scalar of the schema is in a client's language. The generators are told to refuse a scalar
 * that is not listed, so a new one is noticed here first.
 */
export const SCALARS = { Date: 'string', DateTime: 'string', Html: 'string', Url: 'string' };
