// What is tried before it is put in force: versions on trial, policies compared, skills retired; finding models.
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {equal, holds, open, see} from "./browser.mjs";
import {api, chat, DATA, until} from "./servers.mjs";

const ROWS = readFileSync(join(DATA, "mini_table.jsonl"), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));

const MODELS = (url) => `backends: [{name: models, base_url: "${url}/v1"}]
experts:
  - {name: ada, backend: models, model: ada, skills: {general: 0.9}}
  - {name: clio, backend: models, model: clio, skills: {general: 0.5}, price: {input: 1, output: 2}}
`;

const kept = (url, count) => until(async () => (await api(url, "GET", "/api/v1/decisions?limit=200")).body.data.length >= count, `${count} decisions are kept`);

export async function aVersionIsPutOnTrialWatchedAndTakenBackOrPutInForce(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  await api(url, "POST", "/api/v1/policies", {name: "mine", description: "Ours."});
  const page = await open(browser, url, {expected: [400, 404]});
  await page.goto("/ui/policies?open=mine");
  await page.getByLabel("Least score").fill("0.05");
  await page.getByLabel("Share of the requests of mine, percent").fill("100");
  await page.getByRole("button", {name: "Put it on trial"}).click();
  const onTrial = page.getByRole("row", {name: /^mine/}).getByRole("button", {name: "100 % on trial"});
  await onTrial.waitFor();
  equal(await page.getByRole("row", {name: /@candidate/}).count(), 0, "rows of the version itself");
  for (const row of ROWS.slice(0, 5)) await chat(url, "moerge/mine", row.prompt);
  await kept(url, 5);
  await onTrial.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("100 %", {exact: true}).first().waitFor();
  await dialog.getByText("min_score").waitFor();
  await dialog.getByText("Too few requests to compare success yet").waitFor();
  await dialog.getByLabel("Share of conversations, %").fill("25");
  await dialog.getByRole("button", {name: "Change the share"}).click();
  await dialog.getByText("On trial, 25 %").waitFor();
  await dialog.getByRole("button", {name: "Take it back"}).click();
  await page.getByRole("row", {name: /^mine/}).getByRole("button", {name: /on trial/}).waitFor({state: "detached"});
  equal((await api(url, "GET", "/api/v1/policies/mine")).body.min_score, 0, "the policy after the roll-back");
  await api(url, "PUT", "/api/v1/policies/mine/trial", {share: 0.1, candidate: {min_score: 0.2}});
  await page.goto("/ui/policies?trial=mine");
  await dialog.getByRole("button", {name: "Put it in force"}).click();
  await dialog.waitFor({state: "detached"});
  equal((await api(url, "GET", "/api/v1/policies/mine")).body.min_score, 0.2, "the policy after it was put in force");
  await page.check();
}

export async function twoPoliciesAreComparedOnRecordedTraffic(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()) + "policies: [{name: thrifty, price_weight: 5}, {name: keen, price_weight: 0}]\n");
  for (const row of ROWS.slice(0, 6)) await chat(url, "moerge/keen", row.prompt);
  await kept(url, 6);
  const page = await open(browser, url);
  await page.goto("/ui/policies?compare=keen");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Policy/).selectOption("keen");
  await dialog.getByLabel("Against").selectOption("thrifty");
  await dialog.getByRole("button", {name: "Compare"}).click();
  await dialog.getByText(/of 6 recorded requests would have asked another expert first/).waitFor();
  await dialog.getByText("Expected to be right").waitFor();
  await page.check();
}

export async function aSkillIsRetiredAfterALookAtWhatItChanges(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  await api(url, "POST", "/api/v1/experts", {name: "remy", backend: "models", model: "remy", skills: {general: 0.3}});
  const table = ROWS.map((row) => JSON.stringify(row)).join("\n");
  await api(url, "POST", "/api/v1/profiles/import?source=mini", table, {"content-type": "application/x-ndjson"});
  for (const row of ROWS.filter((one) => one.category === "cooking")) await chat(url, "auto", row.prompt);
  await kept(url, 6);
  const page = await open(browser, url);
  await page.goto("/ui/experts?open=remy");
  await page.getByRole("row", {name: /^cooking/}).getByRole("button", {name: "Retire"}).click();
  const dialog = page.getByRole("dialog", {name: "Retire cooking from remy"});
  await dialog.getByText(/of 6 recorded requests would have asked another expert first/).waitFor();
  await dialog.getByRole("button", {name: "Retire the skill"}).click();
  await page.getByRole("button", {name: "Bring cooking back"}).waitFor();
  equal((await api(url, "GET", "/api/v1/experts/remy")).body.retired_skills, ["cooking"], "what is retired");
  await page.getByRole("button", {name: "Bring cooking back"}).click();
  await page.getByRole("row", {name: /^cooking/}).getByRole("button", {name: "Retire"}).waitFor();
  await page.check();
}

export async function modelsOfAServerAreFoundAndAdded(browser, stage) {
  const models = await stage.replay();
  const {url} = await stage.serve("");
  const page = await open(browser, url, {expected: [400, 424]});
  await page.goto("/ui/");
  await page.getByRole("button", {name: "Add a model server"}).click();
  await page.getByLabel("Kind").selectOption("other");
  await page.getByLabel("Name", {exact: true}).fill("my box");  // no name that it may have
  await page.getByLabel("Address").fill("http://127.0.0.1:9/v1");
  await page.getByRole("button", {name: "Which models has it?"}).click();
  await page.getByRole("dialog").getByRole("alert").getByText(/cannot connect/).waitFor();
  await page.getByLabel("Address").fill(`${new URL(models).host}/v1`);
  await page.getByRole("button", {name: "Which models has it?"}).click();
  equal(await page.getByLabel("Address").inputValue(), `${models}/v1`, "the address with the scheme that was left out");
  await page.getByLabel("ada", {exact: true}).check();
  await page.getByText("1 expert will be added with it: ada.").waitFor();
  await page.getByRole("dialog").getByRole("button", {name: "Add", exact: true}).click();
  await page.getByRole("dialog").getByRole("alert").getByText(/^must be 1 to 128 characters/).waitFor();
  await page.getByLabel("Name", {exact: true}).fill("box");
  await page.getByRole("dialog").getByRole("button", {name: "Add", exact: true}).click();
  await until(async () => (await api(url, "GET", "/api/v1/experts/ada")).status === 200, "the expert is there");
  await page.goto("/ui/experts");
  await page.getByRole("button", {name: "Add an expert"}).click();
  await page.getByRole("button", {name: "Which models has it?"}).click();
  await page.getByLabel("clio", {exact: true}).check();
  equal(await page.getByLabel("Name", {exact: true}).inputValue(), "clio", "the name out of the model's");
  await page.getByRole("button", {name: "Add the expert"}).click();
  await page.getByRole("article", {name: "clio"}).waitFor();
  for (const name of ["ada", "clio"]) equal((await api(url, "GET", `/api/v1/experts/${name}`)).body.skills, {general: 0.5}, `what is declared of ${name}`);
  equal((await chat(url, "auto", "Solve for x: 4x - 9 = 2x + 15.")).status, 200, "a first question");
  await page.check();
}

export async function serversAtTheUsualPortsAreFound(browser, stage) {
  const models = await stage.replay();
  const {url} = await stage.serve("");
  const page = await open(browser, url, {expected: [424]});
  let running = false;
  // The usual ports are this machine's: those of the recorded models stand in for one, a closed one for the others.
  await page.route("**/api/v1/backends/probe", (route) => {
    const asked = route.request().postDataJSON();
    const there = running && asked.base_url === "http://127.0.0.1:1234/v1";
    return route.continue({postData: JSON.stringify({...asked, base_url: there ? `${models}/v1` : "http://127.0.0.1:9"})});
  });
  await page.goto("/ui/");
  await page.getByRole("button", {name: "Add a model server"}).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", {name: /Look for servers/}).click();
  await dialog.getByText("None answers at the usual ports (11434, 8000, 8081, 8080, 1234).").waitFor();
  running = true;
  await dialog.getByRole("button", {name: /Look for servers/}).click();
  await dialog.getByRole("button", {name: /^LM Studio at port 1234/}).click();
  equal([await dialog.getByLabel("Name", {exact: true}).inputValue(), await dialog.getByLabel("Address").inputValue()], ["lmstudio", "http://127.0.0.1:1234/v1"], "what the form starts from");
  await dialog.getByRole("button", {name: "Which models has it?"}).click();
  await dialog.getByLabel("ada", {exact: true}).waitFor();
  await page.check();
}

export async function anExpertThatDeclaresNothingIsSaidNeverToBeChosen(browser, stage) {
  const {url} = await stage.serve(`backends: [{name: models, base_url: "${await stage.replay()}/v1"}]`);
  equal((await api(url, "POST", "/api/v1/experts", {name: "ada", backend: "models", model: "ada"})).status, 201, "added");
  const page = await open(browser, url);
  await page.goto("/ui/");
  await page.getByText(/^1 expert \(ada\) declares no strength: routing chooses it for nothing but what is measured/).waitFor();
  await page.getByRole("link", {name: "Declare one"}).click();
  const card = page.getByRole("article", {name: "ada"});
  await card.getByText(/routing never chooses it/).waitFor();
  await card.getByRole("button", {name: "Change"}).click();
  await page.getByLabel("Declared strengths").fill("general 0.5");
  await page.getByRole("button", {name: "Save"}).click();
  await card.getByText("Nothing is measured: its strengths are what it claims.").waitFor();
  await page.check();
}

export async function anEvaluationIsRunFollowedAndPutInForce(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay("--latency-ms", "30")));
  const page = await open(browser, url);
  await page.goto("/ui/evaluation");
  await page.getByRole("button", {name: "Run an evaluation"}).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Questions").setInputFiles({name: "bad.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from('{"id":"1"}')});
  await dialog.getByText("Line 1: prompt is missing.").waitFor();
  await dialog.getByLabel("Questions").setInputFiles(join(DATA, "mini_table.jsonl"));
  await dialog.getByLabel("clio").uncheck();
  await dialog.getByText("24 questions for 1 expert: 24 calls.").waitFor();
  await dialog.getByLabel("put what is measured in force at the end").uncheck();
  await dialog.getByRole("button", {name: "Run it"}).click();
  await dialog.getByText("completed", {exact: true}).waitFor();
  await dialog.getByText("24 of 24 calls").waitFor();
  equal((await api(url, "GET", "/api/v1/profiles/ada")).body.measured.length, 0, "evidence before it is put in force");
  await dialog.getByRole("button", {name: "Put it in force"}).click();
  await dialog.getByRole("status").getByText(/^In force as/).waitFor();
  holds((await api(url, "GET", "/api/v1/profiles/ada")).body.measured.length > 0, "evidence is in force");
  await page.check();
}

// A model that never answers, and a server that is slow to break its calls off.
export async function aCancelledEvaluationSaysSoUntilItsCallsHaveEnded(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay("--stall-rate", "1")));
  const questions = [{id: "1", prompt: "Solve for x: 4x - 9 = 2x + 15.", reference: "12"}];
  const {body: run} = await api(url, "POST", "/api/v1/evaluations", {questions, experts: ["ada"]});
  const page = await open(browser, url);
  const held = `data: ${JSON.stringify({...run, status: "cancelling"})}`;
  let hold = false;
  await page.route(/evaluations\/[^/]+\/events$/, (route) => (hold
    ? route.fulfill({contentType: "text/event-stream", body: `event: progress\n${held}\n\n`}) : route.continue()));
  await page.goto(`/ui/evaluation?run=${run.id}`);
  const dialog = page.getByRole("dialog");
  await dialog.getByText("running", {exact: true}).waitFor();
  hold = true;
  await page.goto(`/ui/evaluation?run=${run.id}`);
  await dialog.getByText("cancelling", {exact: true}).waitFor();
  equal(await dialog.getByText("cancelling", {exact: true}).getAttribute("title"), "It is to be cancelled; calls that are under way are still ending.", "the word on hover");
  equal(await dialog.getByRole("button", {name: "Cancel"}).count(), 0, "buttons to cancel it again");
  await page.getByRole("row", {name: /cancelling/}).waitFor();
  hold = false;
  equal((await api(url, "POST", `/api/v1/evaluations/${run.id}/cancel`, {})).body.status, "cancelling", "what the server says of it");
  await dialog.getByText("cancelled", {exact: true}).waitFor();
  await page.check();
}

export async function theApiIsDescribedOnAPage(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/ui/settings");
  await page.getByRole("link", {name: "/docs"}).click();
  await see(page, "/v1/chat/completions");
  holds(page.url().endsWith("/docs"), "the page of the API");
  await page.check();
}
