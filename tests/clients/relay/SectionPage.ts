// A section front that pages both ways; further pages are asked for by the section's id.
import { graphql } from 'relay-runtime';

export const page = graphql`
  query SectionPageQuery($slug: String!, $first: Int!) {
    section(slug: $slug) {
      id
      name
      ...SectionPage_articles @arguments(first: $first)
    }
  }
`;

export const articles = graphql`
  fragment SectionPage_articles on Section
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  )
  @refetchable(queryName: "SectionPagePaginationQuery") {
    articles(first: $first, after: $after, last: $last, before: $before) @connection(key: "SectionPage_articles") {
      totalCount
      edges {
        node {
          id
          headline
        }
      }
    }
  }
`;
