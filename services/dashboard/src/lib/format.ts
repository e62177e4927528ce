// Numbers as people read them, with their units. Pure.

const DASH = "–";

export function count(value: number): string {
  return value.toLocaleString("en-US", {maximumFractionDigits: value < 10 && value % 1 ? 1 : 0});
}

// 1,234,567 -> 1.2 M
export function short(value: number): string {
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]] as const) {
    if (Math.abs(value) >= size) {
      const scaled = value / (unit === "k" ? 1e3 : size);
      return `${scaled.toFixed(scaled < 100 ? 1 : 0)} ${unit}`;
    }
  }
  return count(value);
}

export function milliseconds(ms: number | null | undefined): string {
  if (ms == null) return DASH;
  if (ms === 0) return "0 ms";
  if (ms < 1) return `${(ms * 1000).toFixed(0)} µs`;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return span(ms);
}

// A length of time, in the two largest units.
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// Below a cent in thousandths (mUSD) and millionths (µUSD).
export function usd(value: number | null | undefined): string {
  if (value == null) return DASH;
  if (value === 0) return "0 USD";
  const size = Math.abs(value);
  if (size >= 100) return `${count(Math.round(value))} USD`;
  if (size >= 0.01) return `${value.toFixed(2)} USD`;
  if (size >= 0.0001) return `${(value * 1000).toPrecision(2)} mUSD`;
  return `${(value * 1e6).toPrecision(2)} µUSD`;
}

export function percent(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return DASH;
  const value = share * 100;
  if (value > 0 && value < 1) return `${value.toFixed(1)} %`;
  return `${value.toFixed(0)} %`;
}

export function score(value: number | null | undefined): string {
  return value == null ? DASH : value.toFixed(2);
}

export function tokens(value: number | null | undefined): string {
  if (value == null) return DASH;
  return `${short(value)} ${value === 1 ? "token" : "tokens"}`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(1)} GB`;
}

export function plural(number: number, one: string, many = one + "s"): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

// At most `most` characters, never half of a character that takes two code units.
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return [...text.slice(0, most)].slice(0, -1).join("") + "…";
}
