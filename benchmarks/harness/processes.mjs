// Processes of ours: how they are started and ended, and what they have used.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The processes that run, each with the signal that ends it at once. */
const running = new Map();

/** Runs a command to its end and gives what it wrote. Anything but success throws, with what it complained of. */
export function run(command, words, { env = {}, input, cwd } = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, words, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    input,
    cwd,
  });
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${command} ${words.join(' ')} ended with ${status ?? signal}:\n${stderr}${stdout}`);
  return stdout;
}

/** Starts a server. Once it says on standard output that it listens, `address` resolves to where. */
export function start(command, words, { env = {}, log, cwd, lastSignal = 'SIGKILL' } = {}) {
  const child = spawn(command, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  });
  running.set(child, lastSignal);
  const file = createWriteStream(log);
  child.stderr.pipe(file, { end: false });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      running.delete(child);
      resolve(`ended with ${code ?? signal}`);
    });
  });
  const address = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      file.write(`${line}\n`);
      const found = line.match(/http:\/\/[^\s/]+/);
      if (found) resolve(found[0]);
    });
    ended.then((how) => reject(new Error(`${command} ${how} before it listened: see ${log}`)));
  });
  // Whoever needs it waits for it and hears of the failure; who does not is not ended by it.
  address.catch(() => {});
  return {
    pid: child.pid,
    address,
    /** Ends it, and waits until it has ended. */
    async stop(signal = 'SIGTERM') {
      if (running.has(child)) child.kill(signal);
      await ended;
    },
  };
}

/** Ends what still runs, at once. */
export function killAll() {
  for (const [child, signal] of running) child.kill(signal);
}

/** The processes that a process has started. */
export function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Seconds of processor time that these processes have used, in user mode and in the kernel. With `waitedFor`, also
 * what processes used that they have started and that have ended since. */
export function processorSeconds(pids, { waitedFor = false } = {}) {
  let ticks = 0;
  for (const pid of pids) {
    let stat;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      continue;
    }
    // The name, in parentheses, may hold anything. utime is the 14th field, stime, cutime and cstime follow.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
    ticks += user + system;
    if (waitedFor) ticks += childrenUser + childrenSystem;
  }
  return ticks / TICKS_A_SECOND;
}

/** Resident memory of a process in MB (1,000,000 bytes): now, and at its highest. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name) =>
    (Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]) * 1024) / 1e6;
  return { now: megabytes('VmRSS'), highest: megabytes('VmHWM') };
}
