// An article's card, refetched alone by its id: Relay asks `node(id:)` for it.
import { graphql } from 'relay-runtime';

export const article = graphql`
  fragment ArticleCard_article on Article @refetchable(queryName: "ArticleCardRefetchQuery") {
    slug
    url
    bylines {
      id
      name
      kind
    }
    leadImage {
      url
      alt
    }
  }
`;
