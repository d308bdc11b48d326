// Requests of the harness's own, which are not measured: to read the corpus, to compare answers, to write.

import { Agent, request } from 'node:http';
import { createServer } from 'node:net';

const agent = new Agent({ keepAlive: true });

/** One request; resolves to its status, headers and body. */
export function ask(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, method, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The data that a GraphQL request is answered with. Errors throw. */
export async function query(address, parameters, headers = {}) {
  const { status, body } = await ask(`${address}/graphql`, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: JSON.stringify(parameters),
  });
  const answer = JSON.parse(body);
  if (status !== 200 || answer.errors)
    throw new Error(`${address} answered ${status}: ${body.toString().slice(0, 2000)}`);
  return answer.data;
}

export const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json',
};

/** A port of the loopback interface that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
