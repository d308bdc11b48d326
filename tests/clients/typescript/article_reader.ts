// A frontend's code over generated types: what the contract promises may be used without a check, and what may
// be absent is refused by the compiler until it is checked. Each `@ts-expect-error` fails if that is not so.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { ArticlePageDocument, ArticleForPhoneDocument, LatestFeedDocument, NodeDocument } from './operations.js';
import type { ArticlePageQuery, ArticleForPhoneQuery, NodeQuery } from './operations.js';
import { ArticleOrder, ArticleStatus } from './schema_types.js';
import type { Article, ArticleFilter, Query, QueryArticlesArgs } from './schema_types.js';

type Send = (request: { query: string; variables: unknown }) => Promise<unknown>;

const ask = async <Result, Variables>(
  send: Send,
  document: TypedDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result> => (await send({ query: print(document), variables })) as Result;

type Page = NonNullable<ArticlePageQuery['article']>;

const headline = (page: Page): string => page.headline;
const lists = (page: Page): string[] => page.relatedLists.map((list) => list.title);
const standfirst = (page: Page): string => page.standfirst ?? '';
// @ts-expect-error an article may have no standfirst
const unchecked = (page: Page): string => page.standfirst;
// @ts-expect-error a slug may name no article
const missing = (data: ArticlePageQuery): string => data.article.headline;
// @ts-expect-error not selected by this document
const unselected = (page: Page): string => page.revision;
// @ts-expect-error a slug is needed
const withoutSlug = (send: Send) => ask(send, ArticlePageDocument, {});

export const byRecentChange: QueryArticlesArgs = { order: ArticleOrder.RecentlyModified, first: 10 };
export const ofSection: ArticleFilter = { section: 'world', publishedFrom: '2024-06-14T00:00:00Z' };
export const isPublic = (article: Article): boolean => article.status === ArticleStatus.Published;
export const totalOf = (query: Query): number => query.latest.totalCount;
// @ts-expect-error no such order
export const byChance: QueryArticlesArgs = { order: 'BY_CHANCE' };

type Block = NonNullable<ArticleForPhoneQuery['article']>['body']['blocks'][number];

/** Draws a block as text; the compiler knows every kind of block, and what each has. */
const draw = (block: Block): string => {
  switch (block.__typename) {
    case 'Paragraph': return block.text;
    case 'Heading': return '#'.repeat(block.level) + block.text;
    case 'Quotation': return `"${block.text}" ${block.attribution ?? ''}`;
    case 'ListBlock': return block.items.join('\n');
    case 'Picture': return block.image.alt ?? block.image.url;
    case 'Embed': return block.url;
    default: {
      const none: never = block;
      return none;
    }
  }
};

/** The kinds of thing that have an identity. */
export const kindOf = (node: NonNullable<NodeQuery['node']>):
  'Article' | 'Contributor' | 'MagazineIssue' | 'MagazineVolume' | 'Publication' | 'Section' | 'Topic' => node.__typename;

/** Reads the newest article as a website and as a phone do. */
export const readNewest = async (send: Send) => {
  const feed = await ask(send, LatestFeedDocument, { first: 1, after: null });
  const newest = feed.latest.nodes[0];
  if (!newest) throw new Error('there is no article');
  const { article } = await ask(send, ArticlePageDocument, { slug: newest.slug });
  const phone = (await ask(send, ArticleForPhoneDocument, { slug: newest.slug })).article;
  if (!article || !phone) throw new Error(`${newest.slug} has no page`);
  const { node } = await ask(send, NodeDocument, { id: article.id });
  return {
    newest: newest.headline,
    headline: headline(article),
    standfirst: standfirst(article),
    relatedLists: lists(article),
    blocks: phone.body.blocks.map(draw),
    kind: node && kindOf(node),
  };
};
