// Relative, so that the explorer also works where a proxy serves Masthead under a path.
export const ENDPOINT = 'graphql';

/**
 * Sends one GraphQL request as the GraphQL-over-HTTP specification asks, and answers the parsed JSON.
 * Whatever comes back is shown: a GraphQL response, or the problem document that says why there is none.
 */
export const graphqlRequest = async ({ query, operationName, variables }, { headers, signal } = {}) => {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify({ query, operationName, variables }),
    signal,
  });
  return shownAnyway(response, await response.text());
};

/** What a response says, parsed. */
export const shownAnyway = (response, text) => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status} ${response.statusText} and no JSON: ${text.slice(0, 500)}`);
  }
};
