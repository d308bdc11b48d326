// What a run is made with: the options of the command, Masthead's settings, and the numbers that are the same in
// every run.

import { parseArgs } from 'node:util';

/** The environment variables of Masthead's caches. 0 bytes turn them off. */
const BYTES = 'MASTHEAD_CACHE_BYTES';
const RESPONSES = 'MASTHEAD_CACHE_RESPONSES';
const DOCUMENTS = 'MASTHEAD_HTTP_DOCUMENT_CACHE_BYTES';

const MEBIBYTE = 1024 * 1024;

/** How Masthead's caches are set, by the name that the results give it. */
export const CACHES = {
  'as shipped': {},
  'response cache off': { [RESPONSES]: false },
  // Room for the parts of some 2,000 of 20,000 pages: most of a page is made from the database.
  'response cache off, 32 MB': { [BYTES]: 32 * MEBIBYTE, [RESPONSES]: false },
  'every cache off': { [BYTES]: 0, [DOCUMENTS]: 0 },
  'caches of 16 MB': { [BYTES]: 15 * MEBIBYTE, [DOCUMENTS]: MEBIBYTE },
};

/** Masthead's environment in every run. */
export const MASTHEAD = {
  MASTHEAD_LOG: 'warn',
  MASTHEAD_JWT_SECRET: 'a secret of the benchmarks, which only they know',
};

/** What the server is run with beyond its defaults: everything fits into memory, as on a machine of its own, and a
 * disk without moving parts. Writes stay as durable as they are by default. */
export const POSTGRESQL = {
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  random_page_cost: '1.1',
  max_wal_size: '4GB',
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
};

/** wrk's: one thread, so that the server has most of two processors. */
export const CONNECTIONS = 32;
/** Seconds before each measurement, in which answers are read and verified too. */
export const WARM_UP = 1;
/** How many requests are drawn for a workload; wrk goes round in them. */
export const DRAWS = 100_000;
export const ZIPF_DRAWS = 200_000;
/** The mixed workload is measured for at least so long, since its writer writes once a second. */
export const LEAST_MIXED_SECONDS = 10;
/** The mixed workload is warmed up in stretches of so many seconds, */
export const WARM_UP_STRETCH = 5;
/** for at most so many in all. */
export const LONGEST_WARM_UP = 60;
export const SEED = 1;
export const LARGE = 1_000_000;
/** How many starts are timed in each round. */
export const STARTS = 5;
/** How many write side by side, beside one alone. */
export const WRITERS = 8;

export const WORKLOADS = [
  'page',
  'page, one slug',
  'latest',
  'deep',
  'changes',
  'write',
  'mixed',
  'import',
  'memory',
  'start',
];

const USAGE = `Measures Masthead beside others, and writes benchmarks/RESULTS.md.

Usage: benchmarks/run [OPTIONS]

  --quick             2,000 articles, 2 rounds of 1 second: to see that all works, not how fast
  --articles NUMBER   articles in the corpus (20000)
  --rounds NUMBER     how often everything is measured; medians are told (5)
  --seconds NUMBER    how long each measurement takes (4)
  --only NAMES        only these workloads, with commas between: ${WORKLOADS.map((name) => name.replace('page, one slug', 'one-slug')).join(', ')}
  --large             also measure 1,000,000 articles, on SQLite
  --masthead PATH     Masthead's binary (target/release/masthead, built if it is not there)
  --work PATH         where corpora and databases are kept from run to run (target/benchmarks)
  --results PATH      what is written (benchmarks/RESULTS.md)
  --help              this text
`;

/** The options of a run, from the command line. */
export function options(words) {
  let values;
  try {
    const text = { type: 'string' };
    const flag = { type: 'boolean', default: false };
    values = parseArgs({
      args: words,
      options: {
        quick: flag,
        large: flag,
        help: flag,
        articles: text,
        rounds: text,
        seconds: text,
        only: text,
        masthead: text,
        work: text,
        results: text,
      },
    }).values;
  } catch (error) {
    throw new Error(`${error.message}\n\n${USAGE}`);
  }
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const number = (name, usual, quick) => {
    const value = Number(values[name] ?? (values.quick ? quick : usual));
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: write a whole number from 1 on`);
    return value;
  };
  const only = values.only?.split(',').map((name) => name.trim().replace(/^one-slug$/, 'page, one slug'));
  const unknown = only?.find((name) => !WORKLOADS.includes(name));
  if (unknown !== undefined) throw new Error(`--only: there is no workload '${unknown}'\n\n${USAGE}`);
  return {
    articles: number('articles', 20_000, 2_000),
    rounds: number('rounds', 5, 2),
    seconds: number('seconds', 4, 1),
    wants: (workload) => only === undefined || only.includes(workload),
    quick: values.quick,
    large: values.large,
    masthead: values.masthead,
    work: values.work ?? 'target/benchmarks',
    results: values.results ?? 'benchmarks/RESULTS.md',
  };
}
