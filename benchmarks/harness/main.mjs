// The run: prepares, holds the peers to the same answers, measures round by round, and writes the results.

import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { answerOf, floorPage, holdToTheSame, mastheadPage, postgraphilePage } from './agreement.mjs';
import { Corpus, uniform } from './corpus.mjs';
import { machine, versions } from './machine.mjs';
import { buildMasthead, buildPeers, installPostgraphile, Peers, preparePostgraphile } from './peers.mjs';
import { PostgreSQL } from './postgresql.mjs';
import { killAll } from './processes.mjs';
import { report } from './report.mjs';
import { Results } from './results.mjs';
import { LARGE, options } from './settings.mjs';
import { ofCorpus, ofLargeCorpus } from './workloads.mjs';

/** How many articles the peers have to answer alike, drawn from the whole corpus. */
const COMPARED = 25;

const settings = read();
const work = resolve(settings.work);
mkdirSync(work, { recursive: true });
process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const masthead = resolve(settings.masthead ?? buildMasthead());
const programs = buildPeers(work);
installPostgraphile();
const found = machine();
const postgresql = await PostgreSQL.start(work);
const peers = new Peers({ work, programs, masthead, postgresql });

try {
  const corpus = await prepared(new Corpus(work, settings.articles));
  const stores = {
    sqlite: corpus.sqlite,
    postgresql: postgresql.address(corpus.database),
    // Made before anybody is connected to the original: copies to write to.
    written: { sqlite: corpus.copySqlite(masthead, 'written'), postgresql: copyPostgresql(corpus) },
    mixed: corpus.copySqlite(masthead, 'mixed'),
  };
  const reader = peers.mastheadOn(corpus.sqlite, 'as shipped');
  await corpus.read(await reader.address);
  await compare(corpus, stores);

  const context = {
    settings,
    work,
    corpus,
    peers,
    stores,
    masthead,
    postgresql,
    answers: await answers(corpus, reader),
  };
  const series = await ofCorpus(context);
  if (settings.large) {
    const large = new Corpus(work, LARGE);
    large.makeSqlite(masthead);
    await large.read(await peers.mastheadOn(large.sqlite, 'response cache off').address);
    series.push(...ofLargeCorpus({ ...context, corpus: large }));
  }
  const results = await measureAll(series.filter(({ workload }) => settings.wants(workload)));
  const made = { versions: versions({ masthead, programs, postgresql }), machine: found };
  writeFileSync(settings.results, report(results, { ...settings, ...made }));
  console.log(`Written: ${settings.results}`);
  for (const failure of results.failures) console.error(`FAILED ${failure}`);
  if (results.failures.length) process.exitCode = 1;
} finally {
  await peers.stopAll();
  await postgresql.stop();
}

function read() {
  try {
    return options(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

async function prepared(corpus) {
  corpus.makeSqlite(masthead);
  corpus.makePostgresql(masthead, postgresql);
  preparePostgraphile(postgresql, corpus.database);
  return corpus;
}

function copyPostgresql(corpus) {
  postgresql.create('written', corpus.database);
  return postgresql.address('written');
}

/** Nothing is measured before all answer the same. */
async function compare(corpus, stores) {
  const listed = async (name, server, page) => ({ name, address: await server.address, page });
  await holdToTheSame(uniform(corpus.slugs, COMPARED), [
    await listed('Masthead on SQLite', peers.mastheadOn(stores.sqlite, 'as shipped'), mastheadPage),
    await listed(
      'Masthead on PostgreSQL',
      peers.mastheadOn(stores.postgresql, 'every cache off'),
      mastheadPage,
    ),
    await listed('the floor on SQLite', peers.floor(stores.sqlite), floorPage),
    await listed('the floor on PostgreSQL', peers.floor(stores.postgresql), floorPage),
    await listed('PostGraphile', peers.postgraphileOn(stores.postgresql), postgraphilePage),
  ]);
  console.log(`All peers answer ${COMPARED} pages alike`);
}

/** What the limit answers with: Masthead's own bytes. */
async function answers(corpus, server) {
  const address = await server.address;
  const [slug] = uniform(corpus.slugs, 1);
  const page = (encoding) => answerOf(address, 'articlePage', { slug }, encoding);
  const latest = (encoding) => answerOf(address, 'latest', { first: 20 }, encoding);
  return {
    slug,
    page: await page(),
    pageGzip: await page('gzip'),
    latest: await latest(),
    latestGzip: await latest('gzip'),
  };
}

/** Measures everything once in each round, in turn, so that what disturbs the machine disturbs all alike; every second
 * round goes the other way. */
async function measureAll(series) {
  const results = new Results();
  for (let round = 0; round < settings.rounds; round++) {
    for (const { workload, label, measure } of round % 2 ? [...series].reverse() : series) {
      try {
        const figures = await measure(round);
        results.add(workload, label, figures);
        const told = Object.entries(figures).map(
          ([kind, figure]) => `${kind} ${Number(figure.toPrecision(4))}`,
        );
        console.log(`${round + 1}/${settings.rounds}  ${workload}: ${label}: ${told.join(', ')}`);
      } catch (error) {
        results.fail(workload, label, round, error);
        console.error(`${round + 1}/${settings.rounds}  ${workload}: ${label}: FAILED: ${error.message}`);
      }
    }
  }
  return results;
}
