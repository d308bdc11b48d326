import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useState } from 'react';
import { graphqlFetcher } from './graphql_events.js';
import { Header } from './header.jsx';
import { lastOpenTab } from './last_open_tab.js';
import { READY_MADE_QUERIES, variablesText } from './ready_made_queries.js';

const PLUGINS = [DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN];

const NEW_TAB = '# Ask for something: Ctrl-Space completes, Ctrl-Enter runs, subscriptions too.\n';

/** The page: Masthead's header over GraphiQL, opened where it was left, or else on the first ready-made query. */
export const Explorer = ({ samples }) => {
  const [first] = READY_MADE_QUERIES;
  const [opening] = useState(
    () => lastOpenTab() ?? { query: first.query, variables: variablesText(first, samples) },
  );
  return (
    <GraphiQLProvider
      fetcher={graphqlFetcher}
      plugins={PLUGINS}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={NEW_TAB}
      query={opening.query}
      variables={opening.variables}
      inputValueDeprecation
      schemaDescription
    >
      <HistoryContextProvider>
        <DocExplorerContextProvider>
          <Header samples={samples} />
          <GraphiQLInterface defaultEditorToolsVisibility="variables" showPersistHeadersSettings>
            {/* Masthead's own header bears the name. */}
            <GraphiQL.Logo>{null}</GraphiQL.Logo>
          </GraphiQLInterface>
        </DocExplorerContextProvider>
      </HistoryContextProvider>
    </GraphiQLProvider>
  );
};
