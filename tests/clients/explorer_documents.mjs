import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'graphql';

const source = new URL('../../explorer/src/', import.meta.url);

/** Every document that the explorer sends: its ready-made queries, and the one by which it fills their variables. */
export const explorerDocuments = () =>
  ['', 'queries/']
    .flatMap((folder) =>
      readdirSync(new URL(folder, source))
        .filter((name) => name.endsWith('.graphql'))
        .map((name) => folder + name))
    .map((location) => ({ location, document: parse(readFileSync(new URL(location, source), 'utf8')) }));
