import { ChevronDownIcon, DropdownMenu } from '@graphiql/react';
import { useOpenQuery } from './open_query.js';
import { READY_MADE_QUERIES } from './ready_made_queries.js';

/** The name, the menu of ready-made queries, and the way to what else the server answers. */
export const Header = ({ samples }) => {
  const openQuery = useOpenQuery(samples);
  return (
    <header className="masthead-header">
      <h1 className="masthead-name">
        Masthead
        {samples.publicationTitle ? <span className="masthead-publication">{samples.publicationTitle}</span> : null}
      </h1>
      <DropdownMenu>
        <DropdownMenu.Button className="masthead-menu-button">
          Ready-made queries
          <ChevronDownIcon aria-hidden="true" />
        </DropdownMenu.Button>
        <DropdownMenu.Content className="masthead-menu" collisionPadding={12}>
          {READY_MADE_QUERIES.map((entry) => (
            <DropdownMenu.Item key={entry.title} onSelect={() => openQuery(entry)}>
              <span className="masthead-menu-title">{entry.title}</span>
              <span className="masthead-menu-description">{entry.description}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu>
      <nav className="masthead-links" aria-label="Server">
        <a href="schema.graphql">Schema</a>
        <a href="v1">JSON</a>
        <a href="v1/openapi.json">OpenAPI</a>
        <a href="ninjs/latest">ninjs</a>
        <a href="feeds/latest.rss">RSS</a>
        <a href="feeds/latest.atom">Atom</a>
        <a href="feeds/latest.json">JSON Feed</a>
        <a href="sitemap.xml">Sitemap</a>
        <a href="healthz">Health</a>
        <a href="metrics">Metrics</a>
        <a href="explorer/licences.txt">Licences</a>
      </nav>
    </header>
  );
};
