// Where GraphiQL keeps its tabs.
const STORED_TABS = 'graphiql:tabState';

/**
 * The query and variables of the tab that was active when the page was left; null at a first visit.
 * GraphiQL keeps the tabs but, on its own, comes back to an empty one: it finds the tab to open by
 * its content.
 */
export const lastOpenTab = () => {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem(STORED_TABS));
    const { query, variables } = tabs[activeTabIndex];
    return { query: query ?? '', variables: variables ?? '' };
  } catch {
    // Nothing stored, storage forbidden, or stored by some other version.
    return null;
  }
};
