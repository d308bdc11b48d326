// The figures of a run: those of each round, and their medians.

/** The middle of some numbers, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** '20,000 articles', as lines of the results are named. */
export function inArticles(number) {
  return `${number.toLocaleString('en-US')} articles`;
}

export class Results {
  #rounds = new Map();
  failures = [];

  add(workload, label, figures) {
    if (!this.#rounds.has(workload)) this.#rounds.set(workload, new Map());
    const labels = this.#rounds.get(workload);
    if (!labels.has(label)) labels.set(label, []);
    labels.get(label).push(figures);
  }

  fail(workload, label, round, error) {
    this.failures.push(`${workload}, ${label}, round ${round + 1}: ${error.message}`);
  }

  workloads() {
    return [...this.#rounds.keys()];
  }

  labels(workload) {
    return [...(this.#rounds.get(workload)?.keys() ?? [])];
  }

  /** All that was measured of one kind: `rate`, `p99`, … */
  all(workload, label, kind) {
    const rounds = this.#rounds.get(workload)?.get(label) ?? [];
    return rounds.map((figures) => figures[kind]).filter((figure) => figure !== undefined);
  }

  /** The median of a kind; undefined where nothing was measured. */
  median(workload, label, kind) {
    const all = this.all(workload, label, kind);
    return all.length ? median(all) : undefined;
  }
}
