// The workloads: what is measured of whom. Each entry is one line of the results, and is measured once a round.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { generate, removeSqlite, uniform, zipf } from './corpus.mjs';
import { ask, freePort } from './http.mjs';
import { measure, warmUp } from './load.mjs';
import { startMasthead } from './peers.mjs';
import { memory, processorSeconds } from './processes.mjs';
import { documents, paths } from './requests.mjs';
import { inArticles } from './results.mjs';
import {
  DRAWS,
  LARGE,
  LEAST_MIXED_SECONDS,
  LONGEST_WARM_UP,
  STARTS,
  WARM_UP_STRETCH,
  WRITERS,
  ZIPF_DRAWS,
} from './settings.mjs';
import { measureWrites, mintToken, writeEachSecond, Writer } from './writes.mjs';

/** All workloads on the corpus, on SQLite and PostgreSQL. */
export async function ofCorpus(context) {
  const { settings, corpus, peers, stores, masthead, answers, work } = context;
  const { folder } = corpus;
  const load = loadBy(settings.seconds);

  const slugs = uniform(corpus.slugs, DRAWS);
  const pages = documents(
    folder,
    'page',
    'articlePage',
    slugs.map((slug) => ({ slug })),
  );
  const pagePaths = paths(
    folder,
    'page of the floor',
    slugs.map((slug) => `/${slug}`),
  );
  const one = [{ slug: answers.slug }];
  const onePage = documents(folder, 'one page', 'articlePage', one);
  const onePageGzip = documents(folder, 'one page gzip', 'articlePage', one, { gzip: true });
  const first = [{ first: 20 }];
  const latest = documents(folder, 'latest', 'latest', first);
  const latestGzip = documents(folder, 'latest gzip', 'latest', first, { gzip: true });
  const changes = documents(
    folder,
    'changes',
    'changes',
    uniform(corpus.changes, DRAWS).map((after) => ({ after })),
  );
  const popular = documents(
    folder,
    'mixed',
    'articlePage',
    zipf(corpus.slugs, ZIPF_DRAWS).map((slug) => ({ slug })),
  );

  const limitOfPage = peers.limit('page', answers.page);
  const limitOfPageGzip = peers.limit('page gzip', answers.pageGzip, 'gzip');
  const limitOfLatest = peers.limit('latest', answers.latest);
  const limitOfLatestGzip = peers.limit('latest gzip', answers.latestGzip, 'gzip');
  const on = (store, caches) => peers.mastheadOn(store, caches);
  const { sqlite, postgresql } = stores;
  const postgraphile = peers.postgraphileOn(postgresql);

  const token = mintToken(masthead);
  const like = await Writer.like(await on(sqlite, 'as shipped').address, answers.slug);
  const writes = (store, writers) => async () =>
    measureWrites(await on(store, 'as shipped').address, token, like, writers, settings.seconds);

  return [
    load('page', 'limit', limitOfPage, pages),
    load('page', 'floor, SQLite', peers.floor(sqlite), pagePaths),
    load('page', 'floor, PostgreSQL', peers.floor(postgresql), pagePaths),
    load('page', 'Masthead, SQLite, response cache off', on(sqlite, 'response cache off'), pages),
    load(
      'page',
      'Masthead, SQLite, response cache off, 32 MB',
      on(sqlite, 'response cache off, 32 MB'),
      pages,
    ),
    load('page', 'Masthead, SQLite, every cache off', on(sqlite, 'every cache off'), pages),
    load('page', 'Masthead, PostgreSQL, response cache off', on(postgresql, 'response cache off'), pages),
    load('page', 'Masthead, PostgreSQL, every cache off', on(postgresql, 'every cache off'), pages),
    load('page', 'PostGraphile, PostgreSQL', postgraphile, pages),

    load('page, one slug', 'limit', limitOfPage, onePage),
    load('page, one slug', 'Masthead, SQLite', on(sqlite, 'as shipped'), onePage),
    load('page, one slug', 'limit, gzip', limitOfPageGzip, onePageGzip),
    load('page, one slug', 'Masthead, SQLite, gzip', on(sqlite, 'as shipped'), onePageGzip),

    load('latest', 'limit', limitOfLatest, latest),
    load('latest', 'Masthead, SQLite', on(sqlite, 'as shipped'), latest),
    load('latest', 'limit, gzip', limitOfLatestGzip, latestGzip),
    load('latest', 'Masthead, SQLite, gzip', on(sqlite, 'as shipped'), latestGzip),
    load('latest', 'Masthead, SQLite, response cache off', on(sqlite, 'response cache off'), latest),
    load('latest', 'PostGraphile, PostgreSQL', postgraphile, latest),

    ...deep(context, ['response cache off', 'as shipped'], ''),

    load('changes', 'Masthead, SQLite', on(sqlite, 'as shipped'), changes),
    load('changes', 'Masthead, SQLite, response cache off', on(sqlite, 'response cache off'), changes),

    { workload: 'write', label: 'SQLite, one writer', measure: writes(stores.written.sqlite, 1) },
    {
      workload: 'write',
      label: `SQLite, ${WRITERS} writers`,
      measure: writes(stores.written.sqlite, WRITERS),
    },
    { workload: 'write', label: 'PostgreSQL, one writer', measure: writes(stores.written.postgresql, 1) },
    {
      workload: 'write',
      label: `PostgreSQL, ${WRITERS} writers`,
      measure: writes(stores.written.postgresql, WRITERS),
    },

    ...mixed(),

    {
      workload: 'import',
      label: 'SQLite',
      async measure() {
        const file = join(work, 'imported.db');
        removeSqlite(file);
        const rate = generate(masthead, `sqlite://${file}`, corpus.articles);
        removeSqlite(file);
        return { rate };
      },
    },
    memoryOf(context, pages, inArticles(corpus.articles)),
    startOf(context, inArticles(corpus.articles)),
  ];

  /** The limit, and Masthead while something is written each second: as it is once it has served for a while, and as it is
   * just after a start, when nothing is kept yet. */
  function mixed() {
    const seconds = Math.max(settings.seconds, LEAST_MIXED_SECONDS);
    const written = async (server, round, work) => {
      const writer = new Writer(await server.address, token, like, 1000 + round);
      return writeEachSecond(writer, corpus.slugs, work());
    };
    const server = on(stores.mixed, 'as shipped');
    const atMost = settings.quick ? WARM_UP_STRETCH : LONGEST_WARM_UP;
    return [
      {
        workload: 'mixed',
        label: 'limit',
        measure: (round) => measure(limitOfPage, popular, { seconds, round }),
      },
      {
        workload: 'mixed',
        label: 'Masthead, SQLite',
        measure: (round) =>
          written(server, round, async () => {
            await warmUp(server, popular, { stretch: WARM_UP_STRETCH, atMost, round });
            return measure(server, popular, { seconds, round });
          }),
      },
      {
        workload: 'mixed',
        label: 'Masthead, SQLite, just started',
        measure: (round) =>
          withFresh(context, stores.mixed, 'as shipped', (fresh) =>
            written(fresh, round + 1000, () => measure(fresh, popular, { seconds, round })),
          ),
      },
    ];
  }
}

/** Does something with a process of its own. */
async function withFresh({ masthead, work }, store, caches, act) {
  const server = startMasthead(masthead, store, caches, join(work, 'fresh.log'));
  try {
    return await act({ ...server, processorSeconds: () => processorSeconds([server.pid]) });
  } finally {
    await server.stop();
  }
}

/** What is measured of a large archive, on SQLite. */
export function ofLargeCorpus(context) {
  const { settings, corpus, peers } = context;
  const load = loadBy(settings.seconds);
  const slugs = uniform(corpus.slugs, DRAWS);
  const pages = documents(
    corpus.folder,
    'page',
    'articlePage',
    slugs.map((slug) => ({ slug })),
  );
  const pagePaths = paths(
    corpus.folder,
    'page of the floor',
    slugs.map((slug) => `/${slug}`),
  );
  const name = inArticles(LARGE);
  const on = (caches) => peers.mastheadOn(corpus.sqlite, caches);
  return [
    load('page', `floor, SQLite, ${name}`, peers.floor(corpus.sqlite), pagePaths),
    load('page', `Masthead, SQLite, response cache off, ${name}`, on('response cache off'), pages),
    load('page', `Masthead, SQLite, every cache off, ${name}`, on('every cache off'), pages),
    ...deep(context, ['response cache off'], `, ${name}`),
    memoryOf(context, pages, name),
    startOf(context, name),
  ];
}

/** Makes the entries of what wrk measures. */
function loadBy(seconds) {
  return (workload, label, peer, requests) => ({
    workload,
    label,
    measure: (round) => measure(peer, requests, { seconds, round }),
  });
}

/** Twenty articles from the start of the archive, from its middle and from close to its end. */
function deep({ settings, corpus, peers }, cacheSettings, suffix) {
  const load = loadBy(settings.seconds);
  const places = { 'first page': {}, middle: { after: corpus.middle }, end: { after: corpus.end } };
  return cacheSettings.flatMap((caches) =>
    Object.entries(places).map(([place, where]) => {
      const requests = documents(corpus.folder, `deep ${place}`, 'latest', [{ first: 20, ...where }]);
      return load('deep', `${place}, ${caches}${suffix}`, peers.mastheadOn(corpus.sqlite, caches), requests);
    }),
  );
}

/** The memory of a process that has just been started and has answered pages for as long as everything is measured. */
function memoryOf(context, pages, label) {
  const { settings, corpus } = context;
  return {
    workload: 'memory',
    label,
    measure: (round) =>
      withFresh(context, corpus.sqlite, 'caches of 16 MB', async (fresh) => {
        await measure(fresh, pages, { seconds: settings.seconds, round });
        return memory(fresh.pid);
      }),
  };
}

/** Milliseconds from the start of the process to the first answer that it is ready. */
function startOf({ corpus, masthead, work }, label) {
  return {
    workload: 'start',
    label,
    async measure() {
      const times = [];
      for (let number = 0; number < STARTS; number++) {
        const port = await freePort();
        const begun = performance.now();
        const server = startMasthead(masthead, corpus.sqlite, 'as shipped', join(work, 'start.log'), port);
        try {
          while (!(await isReady(port))) {
            if (performance.now() - begun > 60_000) throw new Error('it is not ready after a minute');
            await pause(2);
          }
          times.push(performance.now() - begun);
        } finally {
          await server.stop();
        }
      }
      times.sort((one, other) => one - other);
      return { median: times[STARTS >> 1], highest: times.at(-1) };
    },
  };
}

async function isReady(port) {
  try {
    return (await ask(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch {
    // Nobody listens there yet.
    return false;
  }
}
