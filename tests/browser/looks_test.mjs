// Every page in both themes, wide and narrow: no serious accessibility fault, nothing beyond the edge.
// SHOTS=FOLDER keeps a picture of each.
import {join} from "node:path";
import {NARROW, open, seriousFaults, WIDE} from "./browser.mjs";
import {api, chat, DATA, until} from "./servers.mjs";
import {readFileSync} from "node:fs";

const QUESTION = "Factor the polynomial x^2 - 5x - 36.";

async function furnished(stage) {
  const models = await stage.replay();
  const swapping = await stage.replay("--slots", "1", "--load-ms", "700", "--latency-ms", "40");
  const server = await stage.serve(`backends:
  - {name: gpu1, base_url: "${models}/v1"}
  - {name: box, base_url: "${swapping}/v1", residency: {kind: llama_swap, slots: 1}}
  - {name: spare, base_url: "http://127.0.0.1:9/v1", retries: 0}
experts:
  - {name: ada, backend: gpu1, model: ada, description: "A careful small model.", context: 8192, price: {input: 0.1, output: 0.3}, skills: {general: 0.3}}
  - {name: clio, backend: gpu1, model: clio, description: "History and letters.", context: 32768, price: {input: 0.5, output: 1.5}, skills: {general: 0.3, history: 0.9}}
  - {name: remy, backend: gpu1, model: remy, description: "A cook.", price: {input: 3, output: 15}, skills: {general: 0.5}}
  - {name: night, backend: box, model: clio, description: "Shares a small device.", skills: {general: 0.1}}
  - {name: day, backend: box, model: ada, description: "Shares a small device too.", skills: {general: 0.1}}
  - {name: distant, backend: spare, model: distant, description: "On a machine that is switched off.", skills: {general: 0.6}}
policies:
  - {name: budget, recruiter: mapping, description: "Within one USD per million tokens.", options: {mapping.budget: 1}}
  - {name: three, experts: 3, aggregate: vote, description: "Three answers, counted.", options: {vote.at_once: 3, vote.gain: 0}}
`);
  const {url} = server;
  const table = readFileSync(join(DATA, "mini_table.jsonl"), "utf8");
  await api(url, "POST", "/api/v1/profiles/import?source=mini", table, {"content-type": "application/x-ndjson"});
  for (const row of table.split("\n").filter(Boolean)) await chat(url, "auto", JSON.parse(row).prompt);
  for (const text of ["What is 17 * 23?", "How many days are there between 3 March 2021 and 25 December 2024?"]) await chat(url, "auto", text);
  for (let turn = 0; turn < 3; turn++) await chat(url, "distant", "Hello");
  const vote = await chat(url, "moerge/three", QUESTION);
  await api(url, "POST", "/api/v1/vocabulary/proposals", {name: "From support", labels: ["tax law", "tax law", "law of taxes", "bird watching"]});
  await api(url, "PUT", "/api/v1/policies/three/trial", {share: 0.5, candidate: {experts: 2, description: "Two answers are enough."}});
  for (const row of table.split("\n").filter(Boolean).slice(0, 8)) await chat(url, "moerge/three", JSON.parse(row).prompt);
  const form = new FormData();
  form.set("purpose", "batch");
  const lines = ["auto", "day", "night", "day", "night", "distant"].flatMap((model) => [0, 1, 2].map((turn) => JSON.stringify({
    custom_id: `${model}-${turn}`, method: "POST", url: "/v1/chat/completions", body: {model, messages: [{role: "user", content: QUESTION}]},
  }))).map((line, index) => line.replace(/"custom_id":"/, `"custom_id":"${index}-`));
  form.set("file", new Blob([lines.join("\n")]), "requests.jsonl");
  const file = await (await fetch(url + "/v1/files", {method: "POST", body: form})).json();
  const batch = await api(url, "POST", "/v1/batches", {input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h"});
  const decision = vote.body.moerge.decision;
  await until(async () => (await api(url, "GET", `/api/v1/decisions/${decision}`)).status === 200, "the decision is kept");
  await until(async () => (await api(url, "GET", `/v1/batches/${batch.body.id}`)).body.status === "completed", "the batch is done");
  return {url, decision, batch: batch.body.id};
}

// Path, and what to wait for and do before looking.
const pages = ({decision, batch}) => [
  ["overview", "/ui/", (page) => page.getByText("Share by skill").waitFor()],
  ["overview-hour", "/ui/?t=1h", (page) => page.getByText("Latency, percentiles").waitFor()],
  ["experts", "/ui/experts", (page) => page.getByRole("article").nth(3).waitFor()],
  ["expert", "/ui/experts?open=clio", (page) => page.getByRole("heading", {name: "Measured"}).waitFor()],
  ["expert-form", "/ui/experts", (page) => page.getByRole("button", {name: "Add an expert"}).click()],
  ["skills", "/ui/skills", (page) => page.getByRole("button", {name: /clio, history/}).waitFor()],
  ["playground", "/ui/playground", async (page) => {
    await page.getByLabel("Question").fill(QUESTION);
    await page.getByLabel("Policy or expert").selectOption("moerge/three");
    await page.getByRole("button", {name: "Ask", exact: true}).click();
    await page.getByRole("heading", {name: "Calls"}).waitFor();
  }],
  ["requests", "/ui/requests", (page) => page.getByRole("row").nth(5).waitFor()],
  ["request", `/ui/requests/${decision}`, (page) => page.getByRole("heading", {name: "Calls"}).waitFor()],
  ["batches", "/ui/batches", (page) => page.getByRole("img", {name: /Models by device/}).waitFor()],
  ["batch", `/ui/batches?open=${batch}`, async (page) => {
    await page.getByRole("dialog").getByRole("img", {name: /Models by device/}).waitFor();
    await page.getByRole("dialog").getByText("As a table").click();
    await page.getByRole("dialog").locator("section").filter({hasText: "Failed lines"}).getByRole("button", {name: "Show"}).click();
    await page.getByRole("dialog").getByText(/^Line \d+: \d+-distant/).first().waitFor();
  }],
  ["evaluation", "/ui/evaluation", (page) => page.getByRole("img", {name: /Quality against price/}).waitFor()],
  ["policies", "/ui/policies", (page) => page.getByRole("row", {name: /^vote/}).waitFor()],
  ["trial", "/ui/policies?trial=three", (page) => page.getByRole("dialog").getByText("What is different").waitFor()],
  ["compare", "/ui/policies?compare=budget", async (page) => {
    await page.getByRole("dialog").getByRole("button", {name: "Compare"}).click();
    await page.getByRole("dialog").getByText(/recorded requests? would have asked another expert first/).waitFor();
  }],
  ["policy", "/ui/policies?open=vote", (page) => page.getByRole("dialog").getByText("Options").waitFor()],
  ["contribution", "/ui/experts?contribution=open", (page) => page.getByRole("region", {name: "Contribution of experts"}).waitFor()],
  ["keys", "/ui/keys", (page) => page.getByText(/No key: every program/).waitFor()],
  ["settings", "/ui/settings", (page) => page.getByRole("row", {name: /server\.listen/}).waitFor()],
];

let stageSet = null;  // one server for all looks: they change nothing

async function look(browser, stage, theme, size, viewport) {
  const set = await (stageSet ??= furnished(stage));
  const faults = [];
  for (const [name, path, settle] of pages(set)) {
    const page = await open(browser, set.url, {theme, viewport, expected: [503]});
    try {
      await page.goto(path);
      await settle(page);
      faults.push(...(await seriousFaults(page)).map((fault) => `${name}: ${fault}`));
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (beyond > 0) faults.push(`${name}: ${beyond} pixels beyond the edge`);
      if (process.env.SHOTS) await page.screenshot({path: join(process.env.SHOTS, `${name}-${theme}-${size}.png`), fullPage: true});
      await page.check();
    } catch (error) {
      faults.push(`${name}: ${error.message}`);
      await page.context().close();
    }
  }
  if (faults.length) throw new Error(faults.join("\n"));
}

export const lightAndWide = (browser, stage) => look(browser, stage, "light", "wide", WIDE);
export const darkAndWide = (browser, stage) => look(browser, stage, "dark", "wide", WIDE);
export const lightAndNarrow = (browser, stage) => look(browser, stage, "light", "narrow", NARROW);
export const darkAndNarrow = (browser, stage) => look(browser, stage, "dark", "narrow", NARROW);

// Printed, not asserted: the machine is shared.
export async function aFirstVisitIsMeasured(browser, stage) {
  const {url} = await (stageSet ??= furnished(stage));
  const page = await open(browser, url);
  const sizes = [];
  page.on("response", async (reply) => {
    const sent = await reply.request().sizes().catch(() => null);
    if (sent && reply.url().includes("/ui/")) sizes.push(sent.responseBodySize);
  });
  await page.addInitScript(() => {
    window.blocked = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
    }).observe({type: "longtask", buffered: true});
  });
  await page.goto("/ui/");
  await page.getByText("Share by skill").waitFor();
  const times = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    shown: performance.now(), blocked: window.blocked,
  }));
  const kb = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  console.log(`   first paint ${times.paint.toFixed(0)} ms, overview shown ${times.shown.toFixed(0)} ms, blocked ${times.blocked.toFixed(0)} ms, ${kb.toFixed(1)} KB of the dashboard fetched`);
  if (kb > 250) throw new Error(`${kb.toFixed(1)} KB on a first visit, at most 250`);
  await page.check();
}
