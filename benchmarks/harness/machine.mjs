// What a run was made with: versions and the machine.

import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';

import { postgraphileNode } from './peers.mjs';
import { run } from './processes.mjs';

/** The versions of these crates in a lockfile, as 'axum 0.8.9'. */
function crates(lockfile, names) {
  const text = readFileSync(lockfile, 'utf8');
  const version = (name) => text.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))?.[1];
  return names.map((name) => `${name} ${version(name)}`).join(', ');
}

function npmVersion(name) {
  const path = `benchmarks/postgraphile/node_modules/${name}/package.json`;
  return JSON.parse(readFileSync(path, 'utf8')).version;
}

/** Versions by what they are of. */
export function versions({ masthead, programs, postgresql }) {
  // wrk tells its version and fails.
  const wrk = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  const commit = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout.trim();
  return {
    Masthead: `${run(masthead, ['--version'])
      .trim()
      .replace(/^masthead /, '')}, commit ${commit}`,
    'Its crates': crates('Cargo.lock', [
      'axum',
      'hyper',
      'tokio',
      'async-graphql',
      'sea-orm',
      'sqlx',
      'libsqlite3-sys',
    ]),
    'The peers’ crates': crates('benchmarks/peers/Cargo.lock', [
      'axum',
      'hyper',
      'tokio',
      'rusqlite',
      'tokio-postgres',
    ]),
    'SQLite of the floor': run(join(programs, 'floor'), ['--sqlite-version']).trim(),
    PostgreSQL: postgresql?.version ?? 'not run',
    PostGraphile: `${npmVersion('postgraphile')}, pg ${npmVersion('pg')}, Node ${run(postgraphileNode(), ['--version']).trim()}`,
    wrk: `${wrk.stdout}${wrk.stderr}`.match(/wrk (?:debian\/)?(\S+)/)?.[1] ?? 'unknown',
    Rust: run('rustc', ['--version']).trim(),
  };
}

/** The machine by its parts. */
export function machine() {
  return {
    Processor: `${cpus()[0].model}, ${cpus().length} cores`,
    Memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    Kernel: release(),
    // What else ran would be in every figure.
    'Load before the run': loadavg()
      .map((load) => load.toFixed(2))
      .join(', '),
  };
}
