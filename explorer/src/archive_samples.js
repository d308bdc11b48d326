import { graphqlRequest } from './graphql_request.js';
import samplesQuery from './archive_samples.graphql';

// The page opens with what is known by then: a slow server must not keep it blank.
const PATIENCE_IN_MILLISECONDS = 3000;

/**
 * What the archive itself gives to fill the variables of the ready-made queries with: its newest
 * article, that article's section, its newest issue. Null stands for what the archive does not hold.
 */
export const archiveSamples = async () => {
  let data = null;
  try {
    ({ data } = await graphqlRequest(
      { query: samplesQuery, operationName: 'ExplorerSamples' },
      { signal: AbortSignal.timeout(PATIENCE_IN_MILLISECONDS) },
    ));
  } catch {
    // Queries open with empty variables then, and the explorer shows the fault when one is run.
  }
  const article = data?.latest?.nodes?.[0] ?? null;
  return {
    publicationTitle: data?.publication?.title ?? null,
    article,
    sectionSlug: article?.section?.slug ?? data?.sections?.[0]?.slug ?? null,
    magazineIssue: data?.magazineIssues?.nodes?.[0] ?? null,
  };
};
