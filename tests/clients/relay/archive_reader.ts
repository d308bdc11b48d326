// Relay's own runtime over the compiled documents: what `usePaginationFragment` and `useRefetchableFragment`
// do in a component, without the component. Pages are merged by Relay's store, not by this code.
import { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery, getSingularSelector } from 'relay-runtime';
import type { GraphQLResponse, OperationType, ReaderFragment } from 'relay-runtime';
import ArticleCard_article, { type ArticleCard_article$data } from './artifacts/ArticleCard_article.graphql.js';
import ArticleCardRefetchQuery, { type ArticleCardRefetchQuery as ArticleCardRefetch } from './artifacts/ArticleCardRefetchQuery.graphql.js';
import LatestFeed_articles, { type LatestFeed_articles$data } from './artifacts/LatestFeed_articles.graphql.js';
import LatestFeedPaginationQuery, { type LatestFeedPaginationQuery as LatestFeedPagination } from './artifacts/LatestFeedPaginationQuery.graphql.js';
import LatestFeedQuery, { type LatestFeedQuery as LatestFeed } from './artifacts/LatestFeedQuery.graphql.js';
import SectionPage_articles, { type SectionPage_articles$data } from './artifacts/SectionPage_articles.graphql.js';
import SectionPagePaginationQuery, { type SectionPagePaginationQuery as SectionPagePagination } from './artifacts/SectionPagePaginationQuery.graphql.js';
import SectionPageQuery, { type SectionPageQuery as SectionPage } from './artifacts/SectionPageQuery.graphql.js';

type Send = (request: { query: string; variables: unknown }) => Promise<unknown>;
type Query = Parameters<typeof createOperationDescriptor>[0];

// Relay adds the page's place to what a fragment with @connection reads.
type PageInfo = { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
type Connection = { edges: ReadonlyArray<{ node: { id: string } }>; pageInfo: PageInfo };

/** A Relay environment that reaches the server through `send`. */
export const makeEnvironment = (send: Send): Environment =>
  new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ text }, variables) =>
      ({ data: await send({ query: text ?? '', variables }) }) as GraphQLResponse),
  });

/** Fetches the query into the store. */
const load = async <T extends OperationType>(environment: Environment, query: Query, variables: T['variables']) => {
  await fetchQuery<T>(environment, query, variables).toPromise();
  const operation = createOperationDescriptor(query, variables);
  environment.retain(operation);
  return environment.lookup(operation.fragment).data as T['response'];
};

/** Reads a fragment out of the store; a selector that finds no fragment, or finds it incomplete, is an error. */
const read = <Data>(environment: Environment, fragment: ReaderFragment, reference: unknown): Data => {
  const selector = getSingularSelector(fragment, reference);
  if (!selector) throw new Error(`${fragment.name} is not part of the answer`);
  const { data, isMissingData } = environment.lookup(selector);
  if (isMissingData) throw new Error(`the answer lacks a part of ${fragment.name}`);
  return data as Data;
};

/** Reads the latest feed to its end; answers the ids as Relay's store holds them, and the pages it took. */
export const readLatest = async (environment: Environment, first: number) => {
  const reference = await load<LatestFeed>(environment, LatestFeedQuery, { first });
  let pages = 1;
  for (;;) {
    const { latest } = read<LatestFeed_articles$data>(environment, LatestFeed_articles, reference);
    const { pageInfo, edges } = latest as unknown as Connection & typeof latest;
    if (!pageInfo.hasNextPage) return { pages, ids: edges.map(({ node }) => node.id) };
    await load<LatestFeedPagination>(environment, LatestFeedPaginationQuery, { first, after: pageInfo.endCursor });
    pages += 1;
  }
};

/** Reads a section to its end, by its id from the second page on. */
export const readSection = async (environment: Environment, slug: string, first: number) => {
  const { section } = await load<SectionPage>(environment, SectionPageQuery, { slug, first });
  if (!section) throw new Error(`there is no section ${slug}`);
  for (;;) {
    const { articles } = read<SectionPage_articles$data>(environment, SectionPage_articles, section);
    const { pageInfo, edges } = articles as unknown as Connection & typeof articles;
    if (!pageInfo.hasNextPage) return { id: section.id, totalCount: articles.totalCount, ids: edges.map(({ node }) => node.id) };
    await load<SectionPagePagination>(environment, SectionPagePaginationQuery, {
      id: section.id, first, after: pageInfo.endCursor, last: null, before: null,
    });
  }
};

/** Reads a section backwards from its end, by its id. */
export const readSectionBackwards = async (environment: Environment, id: string, last: number) => {
  let variables: SectionPagePagination['variables'] = { id, last, first: null, after: null, before: null };
  for (;;) {
    const { node } = await load<SectionPagePagination>(environment, SectionPagePaginationQuery, variables);
    const { articles } = read<SectionPage_articles$data>(environment, SectionPage_articles, node);
    const { pageInfo, edges } = articles as unknown as Connection & typeof articles;
    if (!pageInfo.hasPreviousPage) return edges.map(({ node: article }) => article.id);
    variables = { ...variables, before: pageInfo.startCursor };
  }
};

/** Refetches one article's card by the article's id alone. */
export const refetchCard = async (environment: Environment, id: string) => {
  const { node } = await load<ArticleCardRefetch>(environment, ArticleCardRefetchQuery, { id });
  const { slug, url, bylines } = read<ArticleCard_article$data>(environment, ArticleCard_article, node);
  return { slug, url, bylines: bylines.map(({ name }) => name) };
};
