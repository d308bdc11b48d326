import { useEditorContext } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { variablesText } from './ready_made_queries.js';

/**
 * A function that opens a ready-made query in a tab of its own, or goes to the tab that already holds it
 * unchanged.
 * GraphiQL can only add an empty tab; the editors are filled once that tab is the active one.
 */
export const useOpenQuery = (samples) => {
  const { tabs, addTab, changeTab, queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [pending, setPending] = useState(null);

  useEffect(() => {
    if (pending === null || tabs.length <= pending.tabsBefore || !queryEditor) return;
    setPending(null);
    variableEditor?.setValue(pending.variables);
    queryEditor.setValue(pending.query);
    queryEditor.focus();
  }, [pending, tabs, queryEditor, variableEditor]);

  return (entry) => {
    const variables = variablesText(entry, samples);
    const open = tabs.findIndex((tab) => tab.query === entry.query && (tab.variables ?? '') === variables);
    if (open >= 0) {
      changeTab(open);
      return;
    }
    setPending({ query: entry.query, variables, tabsBefore: tabs.length });
    addTab();
  };
};
