// A PostgreSQL server of the benchmarks' own, with its data in the work folder, on a port of the loopback interface.

import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from './http.mjs';
import { childrenOf, run, start } from './processes.mjs';
import { POSTGRESQL } from './settings.mjs';

/** The account that the server runs as when the benchmarks run as root, which PostgreSQL refuses. */
const ACCOUNT = 'postgres';
const ROLE = 'masthead';

/** The folder of PostgreSQL's programs: the newest where Debian keeps them, or on the PATH. */
function programs() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...process.env.PATH.split(':'),
  ];
  const folder = folders.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
  if (!folder) throw new Error("PostgreSQL's programs are not found");
  return folder;
}

export class PostgreSQL {
  static async start(work) {
    const folder = programs();
    const asAccount =
      process.getuid() === 0
        ? ['setpriv', '--reuid', ACCOUNT, '--regid', ACCOUNT, '--clear-groups']
        : ['env'];
    const version = run(join(folder, 'postgres'), ['--version']).trim().split(' ')[2];
    const home = join(work, 'postgresql');
    const data = join(home, version.split('.')[0]);
    mkdirSync(home, { recursive: true });
    if (process.getuid() === 0) run('chown', [ACCOUNT, home]);
    if (!existsSync(join(data, 'PG_VERSION'))) {
      const [first, ...others] = asAccount;
      const words = ['-D', data, '--auth=trust', '--encoding=UTF8', `--username=${ROLE}`, '--locale=C.UTF-8'];
      // Like the tests' server: a language's collation, so that byte by byte is only what the schema says is.
      words.push('--locale-provider=icu', '--icu-locale=en');
      run(first, [...others, join(folder, 'initdb'), ...words], { cwd: home });
    }
    const port = await freePort();
    const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', ...POSTGRESQL };
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [first, ...others] = asAccount;
    const server = start(first, [...others, join(folder, 'postgres'), '-D', data, ...words], {
      log: join(work, 'postgresql.log'),
      cwd: home,
      // It takes its connections' processes with it, which it could not if it were killed.
      lastSignal: 'SIGQUIT',
    });
    const postgresql = new PostgreSQL();
    Object.assign(postgresql, { folder, port, server, version });
    const state = join(data, 'postmaster.pid');
    for (let attempt = 0; ; attempt++) {
      // A server that was killed has left this file too, with its own number.
      const lines = existsSync(state) ? readFileSync(state, 'utf8').split('\n') : [];
      if (Number(lines[0]) === server.pid && lines.some((line) => line.startsWith('ready'))) break;
      if (attempt === 3000) throw new Error(`PostgreSQL did not start: see ${join(work, 'postgresql.log')}`);
      await pause(10);
    }
    return postgresql;
  }

  address(database) {
    return `postgres://${ROLE}@127.0.0.1:${this.port}/${database}`;
  }

  /** Has psql execute statements, and gives what it writes: values alone, a line for each row. */
  execute(database, statements) {
    const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', this.address(database)];
    return run(join(this.folder, 'psql'), words, { input: statements }).trim();
  }

  has(database) {
    return this.execute('postgres', `SELECT 1 FROM pg_database WHERE datname = '${database}'`) === '1';
  }

  /** Makes a database anew: empty, or a copy of one that nobody is connected to. */
  create(database, template = 'template0') {
    this.execute(
      'postgres',
      `DROP DATABASE IF EXISTS ${database} WITH (FORCE);\nCREATE DATABASE ${database} TEMPLATE ${template};`,
    );
  }

  /** The server's processes, those of its connections among them. */
  processes() {
    return [this.server.pid, ...childrenOf(this.server.pid)];
  }

  async stop() {
    // Fast shutdown: connections are ended, what was committed is there.
    await this.server.stop('SIGINT');
  }
}
