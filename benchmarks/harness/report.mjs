// RESULTS.md.

import { CACHES, CONNECTIONS, LONGEST_WARM_UP, POSTGRESQL, WARM_UP } from './settings.mjs';
import { targets } from './targets.mjs';

/** A number as it is read: whole with commas from 100 on, three digits below. */
function shown(number) {
  if (number === undefined) return '';
  if (number >= 100) return Math.round(number).toLocaleString('en-US');
  return number === 0 ? '0' : `${Number(number.toPrecision(3))}`;
}

function table(head, rows, leftColumns = 1) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, place) => (place < leftColumns ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

const NOTES = {
  page: 'The article page in one request, a random slug each time.',
  'page, one slug': 'The same page again and again.',
  latest: 'The latest twenty, with bylines and section.',
  deep: 'Twenty articles from the start of the archive, from its middle and from close to its end.',
  changes: 'Fifty changes after a random place in the log.',
  write:
    'Drafts made, changed and published, each mutation sent when the last is acknowledged, and acknowledged when it is on the disk.',
  mixed:
    'Pages by a Zipf law with exponent 1, while every second an article is edited or a new one published. Warmed up, for ' +
    `${LONGEST_WARM_UP} s at most, until that makes it no quicker; and just after a start.`,
  import: 'The corpus made in an empty database: bodies, revisions and log included.',
  memory: 'Resident memory of a process that has answered pages, with caches of 16 MB together.',
  start: 'From the start of the process to the first 200 of `/readyz`.',
};

/** The whole report. */
export function report(results, { articles, rounds, seconds, quick, versions, machine }) {
  const parts = ['# Results', ''];
  if (quick) parts.push('**A quick run: it shows that everything works, and its figures mean nothing.**', '');
  parts.push(
    `Made by \`benchmarks/run\` on ${new Date().toISOString().slice(0, 10)}: ${articles.toLocaleString('en-US')} articles, medians of ` +
      `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s each after ${WARM_UP} s of warm-up, ${CONNECTIONS} connections, the driver on the same machine. ` +
      '[README.md](README.md) tells what is measured and how to read it.',
    '',
    '## Targets',
    '',
    table(['target', 'to reach', 'measured', 'by processor time', ''], targetRows(results, articles)),
    '',
  );
  if (results.failures.length) {
    parts.push(
      '## Failed',
      '',
      'What failed is in no figure.',
      '',
      ...results.failures.map((failure) => `- ${failure}`),
      '',
    );
  }
  for (const workload of results.workloads()) {
    parts.push(
      `## ${workload[0].toUpperCase()}${workload.slice(1)}`,
      '',
      NOTES[workload],
      '',
      section(results, workload),
      '',
    );
  }
  parts.push('## Made with', '', table(['', ''], Object.entries({ ...machine, ...versions }), 2), '');
  const sizes = Object.entries(CACHES).map(([name, sizes]) => {
    const set = Object.entries(sizes).map(([variable, bytes]) => `\`${variable}=${bytes}\``);
    return `- ${name}: ${set.join(', ') || 'nothing is set'}`;
  });
  parts.push('Masthead’s caches:', '', ...sizes, '');
  const server = Object.entries(POSTGRESQL).map(([name, value]) => `\`${name} = ${value}\``);
  parts.push(`PostgreSQL’s settings: ${server.join(', ')}.`, '');
  return parts.join('\n');
}

function targetRows(results, articles) {
  return targets(results, articles).map(({ what, figure, byProcessor, bound, word, unit = '', reached }) => [
    what,
    `${word} ${shown(bound)}${unit}`,
    figure === undefined ? 'not measured' : `${shown(figure)}${unit}`,
    byProcessor === undefined ? '' : `${shown(byProcessor)}${unit}`,
    figure === undefined ? '' : reached ? 'reached' : '**not reached**',
  ]);
}

function section(results, workload) {
  const labels = results.labels(workload);
  const of = (label, kind) => shown(results.median(workload, label, kind));
  switch (workload) {
    case 'import':
      return table(
        ['', 'articles a second', 'lowest to highest'],
        labels.map((label) => [label, of(label, 'rate'), spread(results, workload, label, 'rate')]),
      );
    case 'memory':
      return table(
        ['', 'MB', 'MB at its highest'],
        labels.map((label) => [label, of(label, 'now'), of(label, 'highest')]),
      );
    case 'start':
      return table(
        ['', 'ms', 'ms, the slowest'],
        labels.map((label) => [
          label,
          of(label, 'median'),
          shown(Math.max(...results.all(workload, label, 'highest'))),
        ]),
      );
    case 'write':
      return table(
        ['', 'writes a second', 'lowest to highest', 'median ms', '99th percentile ms'],
        labels.map((label) => [
          label,
          of(label, 'rate'),
          spread(results, workload, label, 'rate'),
          of(label, 'median'),
          of(label, 'p99'),
        ]),
      );
    default:
      return load(results, workload, labels);
  }
}

/** Requests a second, beside each peer that was measured too, with what each request took of the processors. */
function load(results, workload, labels) {
  const of = (label, kind) => shown(results.median(workload, label, kind));
  const peers = labels.filter((label) => /^(limit|floor, (SQLite|PostgreSQL)$|PostGraphile)/.test(label));
  // What is compressed is compared with what is.
  const alike = (label, peer) => label !== peer && label.includes('gzip') === peer.includes('gzip');
  const beside = (label, peer) =>
    alike(label, peer)
      ? shown(results.median(workload, label, 'rate') / results.median(workload, peer, 'rate'))
      : '';
  return table(
    [
      '',
      'requests a second',
      'lowest to highest',
      ...peers.map((peer) => `÷ ${peer}`),
      'processor ms a request',
      'median ms',
      '99th percentile ms',
      'bytes',
    ],
    labels.map((label) => [
      label,
      of(label, 'rate'),
      spread(results, workload, label, 'rate'),
      ...peers.map((peer) => beside(label, peer)),
      of(label, 'processor'),
      of(label, 'median'),
      of(label, 'p99'),
      of(label, 'length'),
    ]),
  );
}

function spread(results, workload, label, kind) {
  const all = results.all(workload, label, kind);
  return `${shown(Math.min(...all))} to ${shown(Math.max(...all))}`;
}
