// Starts the binary on a new database with the sample content, and runs the tests that need a server and
// Node: the explorer in a real browser, the GraphQL-over-HTTP audit, clients' code generators, clients of
// subscriptions, receivers of webhooks, readers of feeds.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const binary = path.resolve(process.argv[2]);
const tests = path.dirname(new URL(import.meta.url).pathname);
const folder = mkdtempSync(path.join(tmpdir(), 'masthead-'));
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--with-sample-content'], {
  cwd: folder,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, MASTHEAD_LOG: 'warn' },
});
let status = 1;
try {
  const url = await new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = line.match(/http:\/\/\S+/);
      if (found) resolve(found[0].replace(/\/$/, ''));
    });
  });
  const files = ['browser', 'clients'].flatMap((name) =>
    readdirSync(path.join(tests, name))
      .filter((file) => file.endsWith('.test.mjs'))
      .map((file) => path.join(tests, name, file)));
  const run = spawnSync(process.execPath, ['--test', ...files], {
    stdio: 'inherit',
    env: { ...process.env, MASTHEAD_URL: url, MASTHEAD_BINARY: binary },
  });
  status = run.status ?? 1;
} catch (error) {
  console.error(error.message);
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve()));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
