import assert from "node:assert/strict";
import test from "node:test";
import {exactTime, parseRange, rangeHours, relativeTime} from "../src/lib/time";

const NOW = new Date("2026-03-01T12:00:00Z");

test("a range is a preset, two times, or the default", () => {
  assert.equal(rangeHours(parseRange("7d", NOW), NOW), 168);
  const own = parseRange("2026-02-01T00:00:00Z..2026-02-02T00:00:00Z", NOW);
  assert.equal(rangeHours(own, NOW), 24);
  assert.equal(own.until?.toISOString(), "2026-02-02T00:00:00.000Z");
  for (const wrong of [undefined, "", "nonsense", "2026-02-02T00:00:00Z..2026-02-01T00:00:00Z", "a..b"]) {
    assert.equal(parseRange(wrong, NOW).key, "24h");
  }
});

test("times are relative, and exact with their zone", () => {
  const at = (ms: number) => relativeTime(new Date(NOW.getTime() - ms), NOW);
  assert.deepEqual([at(0), at(30_000), at(90_000), at(7_200_000), at(3 * 86_400_000), at(-600_000)],
    ["now", "30 s ago", "1 min ago", "2 h ago", "3 d ago", "in 10 min"]);
  assert.equal(exactTime(new Date("2026-03-01T12:00:00.007Z")), "2026-03-01 12:00:00.007 UTC");
});
