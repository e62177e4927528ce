import assert from "node:assert/strict";
import test from "node:test";
import {bytes, cut, milliseconds, percent, plural, short, span, usd} from "../src/lib/format";

test("numbers have their units, at any size", () => {
  const cases: [string, string][] = [
    [milliseconds(0.25), "250 µs"], [milliseconds(0), "0 ms"], [milliseconds(5.26), "5.3 ms"], [milliseconds(250), "250 ms"],
    [milliseconds(1500), "1.5 s"], [milliseconds(61_000), "1 min 1 s"], [milliseconds(null), "–"],
    [usd(0), "0 USD"], [usd(0.0000123), "12 µUSD"], [usd(0.00044), "0.44 mUSD"], [usd(1.234), "1.23 USD"], [usd(12345), "12,345 USD"],
    [percent(0.5), "50 %"], [percent(0.004), "0.4 %"], [percent(NaN), "–"],
    [short(950), "950"], [short(12_345), "12.3 k"], [short(2_500_000), "2.5 M"],
    [bytes(999), "999 B"], [bytes(1_500_000), "1.5 MB"],
    [span(59_000), "59 s"], [span(3_660_000), "1 h 1 min"], [span(50 * 3_600_000), "2 d 2 h"],
    [plural(1, "request"), "1 request"], [plural(2, "policy", "policies"), "2 policies"],
  ];
  for (const [got, wanted] of cases) assert.equal(got, wanted);
});

test("a cut text holds no half of a character", () => {
  assert.equal(cut("short", 10), "short");
  assert.equal(cut("a😀😀😀", 4), "a😀…");
});
