// From values to places in a picture. Pure.

export type Scale = (value: number) => number;

export function linear(from: [number, number], to: [number, number]): Scale {
  const width = from[1] - from[0] || 1;
  return (value) => to[0] + ((value - from[0]) / width) * (to[1] - to[0]);
}

// `floor` stands for zero and below, which have no logarithm.
export function logarithmic(from: [number, number], to: [number, number], floor: number): Scale {
  const log = (value: number) => Math.log10(Math.max(value, floor));
  const inner = linear([log(from[0]), log(from[1])], to);
  return (value) => inner(log(value));
}

// Round steps that cover the range, about `wanted` of them.
export function ticks(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw)!;
  const list: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) {
    list.push(Number(at.toPrecision(12)));
  }
  return list;
}

export function decades(low: number, high: number): number[] {
  const list: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    list.push(Number((10 ** power).toPrecision(3)));
  }
  return list;
}
