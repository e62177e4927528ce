// What counts of successes say, and percentiles. Pure.

export interface Interval {
  mean: number;
  low: number;
  high: number;
}

const Z90 = 1.645;

// Wilson's 90 % interval of a share; the whole of 0 to 1 where nothing was tried.
export function wilson(wins: number, trials: number, z = Z90): Interval {
  if (trials <= 0) return {mean: 0.5, low: 0, high: 1};
  const share = wins / trials;
  const scale = 1 + (z * z) / trials;
  const middle = (share + (z * z) / (2 * trials)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))) / scale;
  return {mean: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half)};
}

// Of a sorted list; null where it is empty.
export function percentile(sorted: number[], share: number): number | null {
  if (!sorted.length) return null;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0]!;
}

// How much evidence there is, 0 to 1: half of it at 10 trials.
export function weight(trials: number): number {
  return trials / (trials + 10);
}

export interface Point {
  name: string;
  cost: number;
  value: number;
}

// Those that nothing else beats in both, by cost.
export function paretoFront(points: Point[]): Point[] {
  const front: Point[] = [];
  let best = -Infinity;
  for (const point of [...points].sort((a, b) => a.cost - b.cost || b.value - a.value)) {
    if (point.value > best) {
      front.push(point);
      best = point.value;
    }
  }
  return front;
}
