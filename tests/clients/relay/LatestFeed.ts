// What a Relay client of a website's front page writes; only the compiler reads it.
import { graphql } from 'relay-runtime';

export const page = graphql`
  query LatestFeedQuery($first: Int!, $section: String) {
    ...LatestFeed_articles @arguments(first: $first, section: $section)
  }
`;

export const articles = graphql`
  fragment LatestFeed_articles on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" }, section: { type: "String" })
  @refetchable(queryName: "LatestFeedPaginationQuery") {
    latest(first: $first, after: $after, section: $section) @connection(key: "LatestFeed_latest", filters: ["section"]) {
      edges {
        cursor
        node {
          id
          headline
          publishedAt
          publishedAtPrecision
          ...ArticleCard_article
        }
      }
    }
  }
`;
