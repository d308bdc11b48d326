import { ENDPOINT, graphqlRequest, shownAnyway } from './graphql_request.js';

/**
 * Sends what the editor holds: a query or a mutation as one request, a subscription as one that is answered by events
 * until somebody presses stop (GraphQL over SSE, distinct connections).
 */
export const graphqlFetcher = (request, options = {}) =>
  isSubscription(request, options.documentAST) ? events(request, options) : graphqlRequest(request, options);

const isSubscription = ({ operationName }, document) =>
  (document?.definitions ?? []).some(
    ({ kind, operation, name }) =>
      kind === 'OperationDefinition' && operation === 'subscription' && (!operationName || name?.value === operationName),
  );

/** The results, one after the other. To return ends the request, also while it is waited for the next one. */
const events = (request, { headers }) => {
  const control = new AbortController();
  const results = read(request, headers, control.signal);
  const end = { done: true, value: undefined };
  const next = async () => {
    try {
      return await results.next();
    } catch (error) {
      if (control.signal.aborted) return end;
      throw error;
    }
  };
  const stop = async () => {
    control.abort();
    return end;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
};

async function* read({ query, operationName, variables }, headers, signal) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, operationName, variables }),
    signal,
  });
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield shownAnyway(response, await response.text());
    return;
  }
  let unread = '';
  for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) throw new Error('The server has ended the stream: run the subscription again, after the last cursor.');
    const blocks = (unread + value).split('\n\n');
    unread = blocks.pop();
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1).trim()]));
      if (fields.get('event') === 'complete') return;
      if (fields.get('event') === 'next') yield JSON.parse(fields.get('data'));
    }
  }
}
