// What Masthead has to reach. Whether it does is decided here, by the medians of one run.

import { inArticles } from './results.mjs';
import { LARGE } from './settings.mjs';

const large = inArticles(LARGE);

/** All targets: what has to be reached, what was, and whether that is enough; `figure` is undefined where it was not
 * measured. Of a ratio `byProcessor` is what it is by the processor time of a request: noise spoils it least. */
export function targets(results, articles) {
  const median = (workload, label, kind) => results.median(workload, label, kind);
  const divided = (above, below) => (above === undefined || below === undefined ? undefined : above / below);
  /** How many times as fast one is as the other. */
  const ratio = (workload, one, other) => ({
    figure: divided(median(workload, one, 'rate'), median(workload, other, 'rate')),
    byProcessor: divided(median(workload, other, 'processor'), median(workload, one, 'processor')),
  });
  const own = inArticles(articles);
  const target = (word, reaches) => (what, measured, bound, unit) => {
    const { figure, byProcessor } = typeof measured === 'object' ? measured : { figure: measured };
    return { what, figure, byProcessor, unit, bound, word, reached: reaches(figure, bound) };
  };
  const atLeast = target('at least', (figure, bound) => figure >= bound);
  const atMost = target('at most', (figure, bound) => figure <= bound);
  const under = target('under', (figure, bound) => figure < bound);

  const page = (masthead, other) => ratio('page', `Masthead, ${masthead}`, other);
  const deeper = (caches) =>
    ['middle', 'end'].map((place) => [place, ratio('deep', `first page, ${caches}`, `${place}, ${caches}`)]);
  const acrossSizes = ['first page', 'middle', 'end'].map((place) => [
    place,
    ratio('deep', `${place}, response cache off`, `${place}, response cache off, ${large}`),
  ]);

  return [
    ...['page, one slug', 'latest'].flatMap((workload) => [
      atLeast(`${workload}, beside the limit`, ratio(workload, 'Masthead, SQLite', 'limit'), 0.7),
      atLeast(
        `${workload}, gzip, beside the limit`,
        ratio(workload, 'Masthead, SQLite, gzip', 'limit, gzip'),
        0.7,
      ),
    ]),
    atLeast(
      'page, response cache off, beside PostGraphile',
      page('SQLite, response cache off', 'PostGraphile, PostgreSQL'),
      12,
      '×',
    ),
    atLeast(
      'page, response cache off, beside the floor',
      page('SQLite, response cache off', 'floor, SQLite'),
      0.6,
    ),
    atLeast(
      'page, every cache off, beside PostGraphile',
      page('SQLite, every cache off', 'PostGraphile, PostgreSQL'),
      4,
      '×',
    ),
    atLeast(
      'page, every cache off, on the same PostgreSQL server, beside PostGraphile',
      page('PostgreSQL, every cache off', 'PostGraphile, PostgreSQL'),
      2.5,
      '×',
    ),
    ...['response cache off', 'as shipped'].flatMap((caches) =>
      deeper(caches).map(([place, figure]) =>
        atMost(`deep, ${place}, ${caches}: times the cost of the first page`, figure, 1.2),
      ),
    ),
    ...acrossSizes.map(([place, figure]) =>
      atMost(`deep, ${place} of ${large}: times the cost of the same of ${own}`, figure, 1.3),
    ),
    atLeast('mixed, beside the limit', ratio('mixed', 'Masthead, SQLite', 'limit'), 0.5),
    under('mixed, 99th percentile', median('mixed', 'Masthead, SQLite', 'p99'), 20, ' ms'),
    atLeast('import into SQLite', median('import', 'SQLite', 'rate'), 5000, ' articles a second'),
    under(`memory, ${own}, caches of 16 MB`, median('memory', own, 'highest'), 60, ' MB'),
    under(`memory, ${large}, caches of 16 MB`, median('memory', large, 'highest'), 400, ' MB'),
    atMost(`start, ${own}`, median('start', own, 'median'), 200, ' ms'),
    atMost(`start, ${large}`, median('start', large, 'median'), 1000, ' ms'),
  ];
}
