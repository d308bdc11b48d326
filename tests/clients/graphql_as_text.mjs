// A module hook of Node: a .graphql file imported from JavaScript is its text.
import { readFile } from 'node:fs/promises';

export const load = async (url, context, nextLoad) => {
  if (!new URL(url).pathname.endsWith('.graphql')) return nextLoad(url, context);
  const text = await readFile(new URL(url), 'utf8');
  return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(text)};` };
};
