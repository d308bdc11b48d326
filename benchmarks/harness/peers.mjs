// The servers that are measured. Each is started when it is first asked for and runs until the end of the run; one that
// is not asked anything takes nothing from the others.

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { childrenOf, processorSeconds, run, start } from './processes.mjs';
import { CACHES, MASTHEAD } from './settings.mjs';

const POSTGRAPHILE = fileURLToPath(new URL('../postgraphile', import.meta.url));

export class Peers {
  #running = new Map();

  /** `work` is the folder for logs and answers, `programs` that of the limit's and the floor's binaries, `masthead` the
   * path of Masthead's. */
  constructor({ work, programs, masthead, postgresql }) {
    Object.assign(this, { work, programs, masthead, postgresql });
  }

  /** A server that answers every request with these bytes. */
  limit(name, answer, encoding) {
    return this.#once(`limit ${name}`, (log) => {
      const file = join(this.work, `${name.replaceAll(/[^a-z0-9]+/g, '-')}.answer`);
      writeFileSync(file, answer);
      return start(join(this.programs, 'limit'), [file, ...(encoding ? [encoding] : [])], { log });
    });
  }

  /** The page out of a database by one statement. */
  floor(address) {
    return this.#once(`floor ${address}`, (log) =>
      start(join(this.programs, 'floor'), ['--database', address.replace('sqlite://', 'sqlite:')], { log }),
    );
  }

  /** Masthead on a database, with its caches as CACHES names it. */
  mastheadOn(address, caches) {
    return this.#once(`masthead ${caches} ${address}`, (log) =>
      startMasthead(this.masthead, address, caches, log),
    );
  }

  postgraphileOn(address) {
    return this.#once(`postgraphile ${address}`, (log) => {
      const server = start(postgraphileNode(), [join(POSTGRAPHILE, 'server.mjs'), address], {
        env: { NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
        log,
      });
      return { ...server, processes: () => [server.pid, ...childrenOf(server.pid)] };
    });
  }

  async stopAll() {
    for (const { stop } of this.#running.values()) await stop();
    this.#running.clear();
  }

  #once(name, make) {
    if (!this.#running.has(name)) {
      const server = make(join(this.work, `server-${this.#running.size + 1}.log`));
      // PostgreSQL works for whoever asks it; nobody else does while one is measured.
      const database = name.includes('postgres://') ? () => this.postgresql.processes() : () => [];
      const own = server.processes ?? (() => [server.pid]);
      const processorSecondsOfAll = () =>
        processorSeconds(own()) + processorSeconds(database(), { waitedFor: true });
      this.#running.set(name, { ...server, processorSeconds: processorSecondsOfAll });
    }
    return this.#running.get(name);
  }
}

/** Starts Masthead on a database, on this port or any. */
export function startMasthead(masthead, address, caches, log, port = 0) {
  const words = ['serve', '--listen', `127.0.0.1:${port}`, '--database-url', address];
  const sizes = Object.entries(CACHES[caches]).map(([name, value]) => [name, `${value}`]);
  return start(masthead, words, { env: { ...MASTHEAD, ...Object.fromEntries(sizes) }, log });
}

/** The Node that PostGraphile is run with: the one of its lockfile, since it asks for a newer one than Debian has. */
export function postgraphileNode() {
  const packaged = ['x64', 'arm64'].map((kind) =>
    join(POSTGRAPHILE, `node_modules/node-linux-${kind}/bin/node`),
  );
  return packaged.find((path) => existsSync(path)) ?? process.execPath;
}

/** Installs PostGraphile by its lockfile, where that has not been done since the lockfile changed. */
export function installPostgraphile() {
  const installed = join(POSTGRAPHILE, 'node_modules/.package-lock.json');
  const wanted = join(POSTGRAPHILE, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.log('Installing PostGraphile');
  run('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: POSTGRAPHILE });
}

/** Builds the limit and the floor; gives the folder of their binaries. */
export function buildPeers(work) {
  const target = join(work, 'peers');
  const words = [
    'build',
    '--release',
    '--locked',
    '--quiet',
    '--manifest-path',
    'benchmarks/peers/Cargo.toml',
  ];
  run('cargo', [...words, '--target-dir', target]);
  return join(target, 'release');
}

/** The path of Masthead's release binary, built where there is none. */
export function buildMasthead() {
  const path = join(process.env.CARGO_TARGET_DIR ?? 'target', 'release/masthead');
  if (!existsSync(path)) {
    console.log("Building Masthead's release binary");
    run('cargo', ['build', '--release', '--locked', '--quiet', '--bin', 'masthead']);
  }
  return path;
}

/** What PostGraphile needs in the database beyond Masthead's tables. */
export function preparePostgraphile(postgresql, database) {
  run(join(postgresql.folder, 'psql'), [
    ...['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', join(POSTGRAPHILE, 'prepare.sql')],
    postgresql.address(database),
  ]);
}
