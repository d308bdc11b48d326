// Requests, written down before the load starts.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { JSON_HEADERS } from './http.mjs';

/** Requests as the load driver reads them: a line with the method, the path where all have the same, and the
 * headers; then a line for each request, its body or its path. */
export class Requests {
  constructor(folder, name, { method, path = '', headers = {}, lines }) {
    this.file = join(folder, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.requests`);
    this.count = lines.length;
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    writeFileSync(this.file, [[method, path, ...fields].join('\t'), ...lines, ''].join('\n'));
  }
}

/** POST requests for a trusted document, one for each set of variables. */
export function documents(folder, name, documentId, variables, { gzip = false } = {}) {
  return new Requests(folder, name, {
    method: 'POST',
    path: '/graphql',
    headers: gzip ? { ...JSON_HEADERS, 'accept-encoding': 'gzip' } : JSON_HEADERS,
    lines: variables.map((variables) => JSON.stringify({ documentId, variables })),
  });
}

/** GET requests by path. */
export function paths(folder, name, lines) {
  return new Requests(folder, name, { method: 'GET', lines });
}
