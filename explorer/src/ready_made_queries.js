import articlePage from './queries/article_page.graphql';
import articleForPhone from './queries/article_for_phone.graphql';
import changes from './queries/changes.graphql';
import contributors from './queries/contributors.graphql';
import introspection from './queries/introspection.graphql';
import latestFeed from './queries/latest_feed.graphql';
import magazineIssue from './queries/magazine_issue.graphql';
import magazineVolumes from './queries/magazine_volumes.graphql';
import node from './queries/node.graphql';
import sectionPage from './queries/section_page.graphql';

/** The ready-made queries in the menu's order; `variables` fills them from the archive's samples. */
export const READY_MADE_QUERIES = [
  {
    title: 'A whole article page',
    description: 'Article, related lists, latest feed, recent issues: one request',
    query: articlePage,
    variables: ({ article }) => ({ slug: article?.slug ?? '' }),
  },
  {
    title: 'The latest feed, page by page',
    description: 'Put endCursor into after for the next page',
    query: latestFeed,
    variables: () => ({ first: 10, after: null }),
  },
  {
    title: 'A section and its articles',
    description: 'A section front, newest first',
    query: sectionPage,
    variables: ({ sectionSlug }) => ({ slug: sectionSlug ?? '', after: null }),
  },
  {
    title: 'An issue and its articles',
    description: 'One number of the magazine, with its cover date',
    query: magazineIssue,
    variables: ({ magazineIssue: issue }) => ({
      volume: issue?.volumeNumber ?? 1,
      number: issue?.number ?? 1,
      series: issue?.series ?? null,
    }),
  },
  {
    title: 'Volumes of the magazine',
    description: 'Each volume with its issues, newest first',
    query: magazineVolumes,
    variables: () => ({ after: null }),
  },
  {
    title: 'Contributors',
    description: 'People, agencies and desks, with what they wrote last',
    query: contributors,
    variables: () => ({ after: null }),
  },
  {
    title: 'Anything by its id',
    description: 'Relay global object identification',
    query: node,
    variables: ({ article }) => ({ id: article?.id ?? '' }),
  },
  {
    title: 'A small answer for a phone',
    description: 'The body as typed blocks, drawn natively',
    query: articleForPhone,
    variables: ({ article }) => ({ slug: article?.slug ?? '' }),
  },
  {
    title: 'What has changed',
    description: 'How an app or a partner stays in step, removals included',
    query: changes,
    variables: () => ({ after: null }),
  },
  {
    title: 'What can be asked for',
    description: 'Introspection: the entry points and their arguments',
    query: introspection,
    variables: () => ({}),
  },
];

/** The text of the variables editor for a ready-made query; empty where it takes none. */
export const variablesText = ({ variables }, samples) => {
  const values = variables(samples);
  return Object.keys(values).length > 0 ? JSON.stringify(values, null, 2) : '';
};
