// PostGraphile as it is run in production: no explorer, no mutations, trusted documents, nothing logged.

import { readFileSync } from 'node:fs';

import { PersistedPlugin } from '@grafserv/persisted';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const text = (name) => readFileSync(new URL(`operations/${name}.graphql`, import.meta.url), 'utf8');

export function preset(address) {
  return {
    extends: [PostGraphileAmberPreset],
    plugins: [PersistedPlugin],
    disablePlugins: ['PgMutationCreatePlugin', 'PgMutationUpdateDeletePlugin', 'NodePlugin'],
    pgServices: [
      makePgService({
        connectionString: address,
        schemas: ['public'],
        // For each of the two workers.
        poolConfig: { max: 4 },
      }),
    ],
    // Plain lists: a connection's cursors would cost it something that the page does not show.
    schema: { defaultBehavior: '-connection +list' },
    grafast: { explain: false },
    grafserv: {
      graphiql: false,
      watch: false,
      websockets: false,
      persistedOperations: { articlePage: text('articlePage'), latest: text('latest') },
      hashFromPayload: (request) => request?.documentId,
    },
  };
}
