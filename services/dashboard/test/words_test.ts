import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import test from "node:test";
import {policyWhy, wordOf, wordsOf, type WordKind} from "../src/lib/words";

interface Schema {
  enum?: (string | null)[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

const document = JSON.parse(readFileSync("../api/admin/openapi.json", "utf8")) as {components: {schemas: Record<string, Schema>}};

// The values that the API documents of a field, by its path.
function documented(name: string, ...path: string[]): string[] {
  let schema = document.components.schemas[name];
  for (const field of path) schema = schema?.properties?.[field]?.items ?? schema?.properties?.[field];
  assert.ok(schema?.enum, `${name}.${path.join(".")} has its values listed`);
  return schema.enum.filter((value): value is string => value != null);
}

test("every word that the API has is explained, and no other", () => {
  const kinds: Record<Exclude<WordKind, "role">, string[]> = {
    request: documented("Decision", "outcome"),
    call: documented("Decision", "attempts", "outcome"),
    work: [...documented("Batch", "status"), ...documented("Evaluation", "status")],
    model: [...documented("ResidencyState", "models", "state"), ...documented("ResidencySpell", "state")],
    tier: documented("ResidencyState", "models", "tier"),
    proposal: documented("VocabularyProposalRow", "status"),
    origin: [...documented("Expert", "origin"), ...documented("Key", "origin")],
    setting: documented("Setting", "origin"),
    key: documented("Key", "role"),
    limit: documented("Decision", "limit"),
    gate: documented("Decision", "candidates", "excluded").filter((word) => !word.startsWith("too_")),  // of earlier versions
  };
  for (const [kind, words] of Object.entries(kinds) as [WordKind, string[]][]) {
    assert.deepEqual(wordsOf(kind).sort(), [...new Set(words)].sort(), kind);
    for (const word of words) assert.ok(kind === "gate" || wordOf(kind, word).why, `${kind} ${word}`);
  }
});

test("a word that nobody knows is shown as it came", () => {
  assert.deepEqual(wordOf("work", "on_hold"), {text: "on hold", tone: "plain", why: ""});
  assert.equal(wordOf("request", "constructor").text, "constructor");
});

test("roles say what an expert was asked for, layers among them", () => {
  for (const role of wordsOf("role")) assert.ok(wordOf("role", role).why, role);
  assert.equal(wordOf("role", "layer 3").why, "It was shown the answers of layer 2, and answered in its turn.");
});

test("policies that nobody wrote are explained", () => {
  assert.equal(policyWhy("direct"), "asked by name: no policy chose");
  assert.equal(policyWhy("auto@candidate"), "the version of auto that is on trial");
  assert.equal(policyWhy("auto"), null);
});
