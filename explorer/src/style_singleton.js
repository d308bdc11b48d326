// Stands in for the package react-style-singleton, by which the dialogs and menus lock the page's
// scrolling. The package writes a <style> element, which the Content-Security-Policy refuses; a
// constructed stylesheet does the same and is not refused.
import { useEffect } from 'react';

/** A stylesheet that is in the document while at least one user holds it. */
export const stylesheetSingleton = () => {
  let holders = 0;
  let sheet = null;
  return {
    add(css) {
      if (holders === 0) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      }
      holders += 1;
    },
    remove() {
      holders -= 1;
      if (holders === 0) {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
        sheet = null;
      }
    },
  };
};

/** The same as a hook: in the document while the component is. */
export const styleHookSingleton = () => {
  const sheet = stylesheetSingleton();
  return (styles, isDynamic) => {
    useEffect(() => {
      sheet.add(styles);
      return () => sheet.remove();
    }, [styles && isDynamic]);
  };
};

/** The same as a component that draws nothing. */
export const styleSingleton = () => {
  const useStyle = styleHookSingleton();
  return ({ styles, dynamic }) => {
    useStyle(styles, dynamic);
    return null;
  };
};
