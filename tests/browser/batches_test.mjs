// Batches while they run, what devices load for them, and the registry as a file.
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {equal, open, see} from "./browser.mjs";
import {api} from "./servers.mjs";

const line = (id, model, content) => JSON.stringify({custom_id: id, method: "POST", url: "/v1/chat/completions", body: {model, messages: [{role: "user", content}]}});

async function upload(page, stage, lines) {
  const file = join(stage.folder, "requests.jsonl");
  writeFileSync(file, lines.join("\n"));
  await page.getByRole("button", {name: "New batch"}).first().click();
  await page.getByLabel("File", {exact: true}).setInputFiles(file);
  await page.getByRole("button", {name: "Start"}).click();
}

const SWAPPED = (url) => `backends: [{name: gpu, base_url: "${url}/v1", residency: {kind: llama_swap, slots: 1}}]
experts: [{name: day, backend: gpu, model: ada}, {name: night, backend: gpu, model: clio}]
`;

export async function aBatchIsFollowedExpertByExpertAndDeviceByDevice(browser, stage) {
  const {url} = await stage.serve(SWAPPED(await stage.replay("--slots", "1", "--load-ms", "150", "--latency-ms", "20")));
  const page = await open(browser, url);
  await page.goto("/ui/batches");
  await see(page, "No model was loaded in this time");
  const prompt = "Factor the polynomial x^2 - 5x - 36.";
  await upload(page, stage, [...Array(12)].map((_, index) => line(`l${index}`, index % 2 ? "day" : "night", prompt)));
  const dialog = page.getByRole("dialog");
  await dialog.getByText("completed", {exact: true}).waitFor();
  const rows = dialog.getByRole("region", {name: "Progress by expert"}).getByRole("row");
  for (const name of ["day", "night"]) await rows.filter({hasText: name}).getByText("6 answered of 6").waitFor();
  await dialog.getByRole("img", {name: "Models by device: gpu"}).waitFor();
  await dialog.locator(".spell.loading").nth(1).waitFor();
  equal(await dialog.locator(".spell.loading").count(), 2, "loads drawn: each expert is loaded once");
  await dialog.locator(".spell.loaded").first().dispatchEvent("click");
  await dialog.getByRole("status").getByText(/loaded on gpu for/).waitFor();
  await dialog.getByText("As a table").click();
  await dialog.getByText(/^loaded: there was room/).waitFor();
  await dialog.getByText(/^loaded in place of (ada|clio): /).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText(/1 swap; last load: (ada|clio) in place of (ada|clio)/).waitFor();
  await page.getByRole("img", {name: "Models by device: gpu"}).waitFor();
  await page.check();
}

export async function aRunningBatchGoesOnOnThePageAfterARestart(browser, stage) {
  const slow = await stage.replay("--latency-ms", "400");
  const text = `backends: [{name: slow, base_url: "${slow}/v1", max_concurrency: 1}]\nexperts: [{name: slow, backend: slow, model: ada}]\n`;
  const first = await stage.serve(text);
  const page = await open(browser, first.url, {expected: ["offline", 503]});
  await page.goto("/ui/batches");
  await upload(page, stage, [...Array(10)].map((_, index) => line(`l${index}`, "slow", "Factor the polynomial x^2 - 5x - 36.")));
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/[1-9] of 10/).waitFor();
  await first.program.stop();
  await dialog.getByText(/moerge cannot be reached/).waitFor();
  await stage.serve(text, {listen: first.url.slice("http://".length), store: first.store});
  await dialog.getByText("completed", {exact: true}).waitFor();
  await dialog.getByText("10 of 10").waitFor();
  await page.check();
}

export async function failedLinesSayWhatTheyAskedAndWhy(browser, stage) {
  const {url} = await stage.serve(`backends: [{name: away, base_url: "http://127.0.0.1:9/v1", retries: 0}]\nexperts: [{name: away, backend: away, model: x}]\n`);
  const page = await open(browser, url);
  await page.goto("/ui/batches");
  await upload(page, stage, [line("sum", "auto", "What is 17 * 23?"), line("lost", "away", "Where are you?")]);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("completed", {exact: true}).waitFor();
  await dialog.getByRole("region", {name: "Progress by expert"}).getByRole("row", {name: /away/}).getByText(/failed/).waitFor();
  const panel = dialog.locator("section").filter({hasText: "Failed lines"});
  await panel.getByRole("button", {name: "Show"}).click();
  await panel.getByText("Line 2: lost").waitFor();
  await panel.getByText("Where are you?").waitFor();
  await page.check();
}

export async function theRegistryIsExportedLookedAtAndImported(browser, stage) {
  const {url} = await stage.serve("");
  await api(url, "POST", "/api/v1/backends", {name: "box", base_url: "http://127.0.0.1:9/v1"});
  await api(url, "POST", "/api/v1/experts", {name: "kept", backend: "box", model: "m"});
  const page = await open(browser, url, {expected: [400]});
  await page.goto("/ui/settings");
  await page.getByRole("button", {name: "Export the registry"}).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", {name: "Save the file"}).click()]);
  const file = join(stage.folder, "registry.jsonl");
  await download.saveAs(file);
  await api(url, "DELETE", "/api/v1/experts/kept");
  await api(url, "POST", "/api/v1/experts", {name: "later", backend: "box", model: "m"});
  await page.getByRole("button", {name: "Import a registry"}).click();
  const dialog = page.getByRole("dialog");
  const wrong = stage.file("wrong.jsonl", "this is no registry\n");
  await dialog.getByLabel("File", {exact: true}).setInputFiles(wrong);
  await dialog.getByRole("button", {name: "Preview"}).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("File", {exact: true}).setInputFiles(file);
  await dialog.getByLabel("also remove what the file does not hold").check();
  await dialog.getByRole("button", {name: "Preview"}).click();
  await dialog.getByText(/1 backend, 1 expert/).waitFor();
  await dialog.getByText("1 entry is removed").waitFor();
  equal((await api(url, "GET", "/api/v1/experts/kept")).status, 404, "the expert before the import");
  await dialog.getByRole("button", {name: "Put it in force"}).click();
  await dialog.getByText(/In force as revision \d+/).waitFor();
  equal((await api(url, "GET", "/api/v1/experts/kept")).status, 200, "the expert after the import");
  equal((await api(url, "GET", "/api/v1/experts/later")).status, 404, "what the file does not hold");
  await page.check();
}
