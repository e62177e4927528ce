// Experts, skills, policies, evidence, batches: what people change.
import {spawnSync} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {equal, holds, open, see} from "./browser.mjs";
import {api, chat, DATA, until} from "./servers.mjs";

const MODELS = (url) => `backends: [{name: models, base_url: "${url}/v1"}]
experts:
  - {name: ada, backend: models, model: ada, skills: {general: 0.3}}
  - {name: clio, backend: models, model: clio, skills: {general: 0.3}, price: {input: 1, output: 2}}
  - {name: remy, backend: models, model: remy, skills: {general: 0.3}, price: {input: 3, output: 9}}
`;

export async function anExpertIsAddedChangedDisabledAndRemoved(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url, {expected: [409, 400]});
  await page.goto("/ui/experts");
  const add = async (name) => {
    await page.getByRole("button", {name: "Add an expert"}).click();
    await page.getByLabel("Name", {exact: true}).fill(name);
    await page.getByLabel("Model", {exact: true}).fill("ada");
    await page.getByRole("button", {name: "Add the expert"}).click();
  };
  await add("ada");
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.getByLabel("Name", {exact: true}).fill("two words");
  await page.getByRole("button", {name: "Add the expert"}).click();
  await page.getByText(/must be 1 to 128 characters/).waitFor();
  await page.getByLabel("Declared strengths").fill("algebra much");
  await page.getByLabel("Name", {exact: true}).fill("team/helper");
  await page.getByRole("button", {name: "Add the expert"}).click();
  await page.getByText(/Line 1 is no skill with a strength/).waitFor();
  await page.getByLabel("Declared strengths").fill("algebra 0.75");
  await page.getByRole("button", {name: "Add the expert"}).click();
  const card = page.getByRole("article", {name: "team/helper"});
  await card.getByText("75 % declared").waitFor();
  await card.getByRole("button", {name: "Change"}).click();
  await page.getByLabel("Purpose").fill("Helps the team");
  await page.getByRole("button", {name: "Save"}).click();
  await card.getByText("Helps the team").waitFor();
  await card.getByRole("button", {name: "Disable"}).click();
  await card.getByText("disabled", {exact: true}).waitFor();
  await card.getByRole("button", {name: "Enable"}).click();
  await card.getByRole("button", {name: "Disable"}).waitFor();
  await card.getByRole("button", {name: "Remove"}).click();
  await page.getByRole("button", {name: "Remove the expert"}).click();
  await card.waitFor({state: "detached"});
  equal((await api(url, "GET", "/api/v1/experts/team/helper")).status, 404, "the status of the removed expert");
  holds(await page.getByRole("article", {name: "ada"}).getByRole("button", {name: "Remove"}).isDisabled(), "the file's expert cannot be removed");
  await page.check();
}

export async function anExpertRemovedMeanwhileIsSaidToBeGone(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  equal((await api(url, "POST", "/api/v1/experts", {name: "brief", backend: "models", model: "ada"})).status, 201, "adding");
  const page = await open(browser, url, {expected: [404]});
  await page.goto("/ui/experts");
  const card = page.getByRole("article", {name: "brief"});
  await card.waitFor();
  await api(url, "DELETE", "/api/v1/experts/brief");
  await card.getByRole("button", {name: "Disable"}).click();
  await page.getByText(/there is no expert `brief`/).waitFor();
  await page.goto("/ui/experts?open=brief");
  await see(page, "There is no expert of this name any more");
  await page.check();
}

export async function aChangeOverANewerStateIsRefused(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  await api(url, "POST", "/api/v1/experts", {name: "shared", backend: "models", model: "ada", description: "first"});
  const page = await open(browser, url, {expected: [412]});
  await page.goto("/ui/experts");
  const [state] = await Promise.all([
    page.waitForResponse((reply) => reply.url().endsWith("/api/v1/experts/shared")),
    page.getByRole("article", {name: "shared"}).getByRole("button", {name: "Change"}).click(),
  ]);
  await state.finished();
  await api(url, "PATCH", "/api/v1/experts/shared", {description: "second"});
  await page.getByLabel("Purpose").fill("third");
  await page.getByRole("button", {name: "Save"}).click();
  await page.getByRole("dialog").getByText(/changed by another program or person/).waitFor();
  equal((await api(url, "GET", "/api/v1/experts/shared")).body.description, "second", "what is kept");
  await page.check();
}

export async function resultsAreImportedShownAndForgotten(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url);
  await page.goto("/ui/evaluation");
  await see(page, "Nothing is measured yet");
  await page.getByRole("button", {name: "Import results"}).first().click();
  await page.getByLabel("File", {exact: true}).setInputFiles(join(DATA, "mini_table.jsonl"));
  await page.getByRole("button", {name: "Import", exact: true}).click();
  await page.getByText(/24 rows of/).waitFor();
  await page.getByRole("button", {name: "Close", exact: true}).last().click();
  await page.getByRole("img", {name: /Quality against price: ada 54 %/}).waitFor();
  await page.getByLabel("Skill", {exact: true}).selectOption("history");
  await page.getByRole("img", {name: /clio 100 %/}).waitFor();
  await page.getByLabel("Counted on").selectOption("questions of tables");
  await page.getByRole("img", {name: /What is taken for what: .* of 24 questions recognised rightly/}).waitFor();
  await page.getByRole("navigation").getByRole("link", {name: "Skills"}).click();
  await page.getByRole("button", {name: "clio, history: 100 % of 6 trials"}).click();
  await page.getByRole("dialog").getByText("mini_table").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("navigation").getByRole("link", {name: "Experts"}).click();
  await page.getByRole("article", {name: "clio"}).getByText("Below ada").waitFor();
  await page.getByRole("navigation").getByRole("link", {name: "Evaluation"}).click();
  await page.getByRole("button", {name: "Forget"}).click();
  await page.getByRole("button", {name: "Forget it"}).click();
  await see(page, "Nothing is measured yet");
  await page.check();
}

export async function whatTheRouterMixesUpIsShown(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url);
  await page.goto("/ui/evaluation?rows=questions");
  await see(page, "No question with a category was imported.");
  // Questions of history that are called cooking.
  const rows = Array.from({length: 6}, (_, i) => ({id: `${i}`, prompt: `Which treaty ended the war of 17${i}0?`, category: "cooking", scores: {ada: 1}}));
  rows.push(...Array.from({length: 30}, (_, i) => ({id: `h${i}`, prompt: `Which treaty ended the war of 18${i + 10}?`, category: "history", scores: {ada: 1}})));
  await api(url, "POST", "/api/v1/profiles/import?source=odd", rows.map((row) => JSON.stringify(row)).join("\n"), {"content-type": "application/x-ndjson"});
  await until(async () => (await api(url, "GET", "/api/v1/confusion")).body.data.some((cell) => cell.questions > 0), "it is learnt");
  await page.goto("/ui/evaluation?rows=questions&confuse=skill");
  const map = page.getByRole("img", {name: /What is taken for what: \d+ % of 36 questions/});
  const cell = map.locator("rect", {hasText: /cooking taken for history: \d of 6 questions/});
  await cell.hover();
  await page.locator(".gantt-said").getByText(/cooking taken for history/).waitFor();
  await page.getByText("As a table, the most frequent first").click();
  await page.getByRole("region", {name: "What is taken for what"}).getByRole("row", {name: /cooking history/}).waitFor();
  await page.check();
}

export async function whatEachExpertAddsIsShown(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const table = readFileSync(join(DATA, "mini_table.jsonl"), "utf8");
  for (const source of ["first", "second"]) await api(url, "POST", `/api/v1/profiles/import?source=${source}`, table, {"content-type": "application/x-ndjson"});
  const page = await open(browser, url);
  await page.goto("/ui/experts");
  await page.getByText(/0 dead, 0 redundant, 3 valuable/).click();
  const rows = page.getByRole("region", {name: "Contribution of experts"}).getByRole("row");
  await rows.filter({hasText: "clio"}).getByText("valuable").waitFor();
  holds(/contribution=open/.test(page.url()), "the address says that it is open");
  await page.getByRole("article", {name: "clio"}).getByText("valuable").waitFor();
  await page.check();
}

export async function aReportOfAnEvaluationIsOpened(browser, stage) {
  const {url} = await stage.serve("");
  const file = join(stage.folder, "report.json");
  const ran = spawnSync(stage.binary, ["eval", "--train", join(DATA, "mini_table.jsonl"), "--resamples", "100", "--no-times", "--json", file], {encoding: "utf8"});
  equal(ran.status, 0, ran.stderr);
  const page = await open(browser, url);
  await page.goto("/ui/evaluation");
  await page.getByLabel("Report").setInputFiles({name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}")});
  await page.getByText(/The file is no report/).waitFor();
  await page.getByLabel("Report").setInputFiles(file);
  await page.getByRole("img", {name: /^Accuracy against price: .*best-single/}).waitFor();
  await page.getByLabel("Drawn against").selectOption("calls");
  await page.getByRole("img", {name: /^Accuracy against calls/}).waitFor();
  await page.getByRole("region", {name: "Leaderboard"}).getByRole("row", {name: /oracle/}).waitFor();
  await page.getByRole("img", {name: /^Expected score against what happened: expected/}).waitFor();
  await page.check();
}

export async function skillsAreAddedAndProposalsReviewed(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/ui/skills");
  await page.getByRole("button", {name: "Add a skill"}).click();
  await page.getByLabel("Name", {exact: true}).fill("house-style");
  await page.getByLabel("Category").fill("writing");
  await page.getByLabel("What it is").fill("Texts in our voice");
  await page.getByLabel("Examples").fill("Rewrite this in our house style.\nDoes this follow our style guide?");
  await page.getByRole("dialog").getByRole("button", {name: "Add the skill"}).click();
  await page.getByRole("row", {name: /house-style/}).getByText("2", {exact: true}).waitFor();
  await page.getByRole("button", {name: "From labels"}).click();
  await page.getByLabel("Labels", {exact: true}).fill("tax law\ntax law\nlaw of taxes\nbird watching\nbirdwatching");
  await page.getByRole("button", {name: "Propose"}).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", {name: /Accept \d skill/}).click();
  await dialog.getByText("accepted as").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("row", {name: /tax/}).first().waitFor();
  await page.check();
}

export async function aPolicyIsCopiedValidatedSavedAndTried(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url, {expected: [400]});
  await page.goto("/ui/policies");
  await page.getByRole("row", {name: /^vote/}).getByRole("button", {name: "Copy"}).click();
  await page.getByLabel("Name", {exact: true}).fill("careful");
  await page.getByLabel("Least score").fill("7");
  await page.getByRole("button", {name: "Validate"}).click();
  await page.locator(".field-error").first().waitFor();
  await page.getByLabel("Least score").fill("0.1");
  await page.getByLabel("Find an option").fill("answers.kind");
  await page.getByLabel("answers.kind", {exact: true}).selectOption("number");
  await page.getByRole("button", {name: "Validate"}).click();
  await page.getByText("It is valid. Nothing was changed.").waitFor();
  equal((await api(url, "GET", "/api/v1/policies/careful")).status, 404, "the policy before it is saved");
  await page.getByRole("button", {name: "Add the policy"}).click();
  await page.getByRole("row", {name: /^careful/}).waitFor();
  equal((await api(url, "GET", "/api/v1/policies/careful")).body.options, {"answers.kind": "number"}, "its options");
  await page.getByRole("row", {name: /^careful/}).getByRole("link", {name: "Try"}).click();
  equal(await page.getByLabel("Policy or expert").inputValue(), "moerge/careful", "the policy in the playground");
  await page.goto("/ui/policies");
  await page.getByRole("row", {name: /^careful/}).getByRole("button", {name: "Remove"}).click();
  await page.getByRole("button", {name: "Remove the policy"}).click();
  await page.getByRole("row", {name: /^careful/}).waitFor({state: "detached"});
  await page.check();
}

export async function aBatchIsMadeFollowedAndRead(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/ui/batches");
  await page.getByRole("button", {name: "New batch"}).first().click();
  await page.getByLabel("Requests from").selectOption("lines");
  await page.getByLabel("Questions").fill("What is 17 * 23?\nHow many days are there between 3 March 2021 and 25 December 2024?");
  await page.getByText("2 requests.").waitFor();
  await page.getByRole("button", {name: "Start"}).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("completed", {exact: true}).waitFor();
  await dialog.getByText("2 of 2").waitFor();
  await dialog.getByRole("button", {name: "Show"}).click();
  await dialog.getByText("391").waitFor();
  await dialog.getByText("1393 days").waitFor();
  await page.check();
}

export async function aBatchWithWrongLinesSaysWhichAndOneIsCancelled(browser, stage) {
  const slow = await stage.replay("--latency-ms", "60000");
  const {url} = await stage.serve(`backends: [{name: slow, base_url: "${slow}/v1"}]\nexperts: [{name: slow, backend: slow, model: ada}]\n`);
  const page = await open(browser, url);
  await page.goto("/ui/batches");
  const upload = async (lines) => {
    const file = join(stage.folder, "requests.jsonl");
    writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
    await page.getByRole("button", {name: "New batch"}).first().click();
    await page.getByLabel("File", {exact: true}).setInputFiles(file);
  };
  const line = (id, model, more = {}) => ({custom_id: id, method: "POST", url: "/v1/chat/completions", body: {model, messages: [{role: "user", content: "Solve for x: 4x - 9 = 2x + 15."}], ...more}});
  await upload([line("a", "auto"), "no json"]);
  await page.getByText("Line 2: it is not JSON.").waitFor();
  await page.keyboard.press("Escape");
  await upload([line("a", "auto"), line("a", "auto")]);
  await page.getByRole("button", {name: "Start"}).click();
  await page.getByText("The file was refused").waitFor();
  await page.keyboard.press("Escape");
  await upload([line("a", "slow"), line("b", "slow")]);
  await page.getByRole("button", {name: "Start"}).click();
  const batch = page.getByRole("dialog", {name: /^Batch batch_/});  // the form has a button of that name too
  await batch.getByRole("button", {name: "Cancel"}).click();
  await batch.getByText("cancelled", {exact: true}).waitFor();
  await page.check();
}

export async function whatComesFromOutsideIsText(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const attack = "<img src=x onerror=alert(1)><script>alert(2)</script> مرحبا 你好 " + "w".repeat(4000);
  await api(url, "POST", "/api/v1/experts", {name: "odd", backend: "models", model: "ada", description: attack});
  await chat(url, "auto", attack);
  const page = await open(browser, url);
  page.on("dialog", (dialog) => page.faults.push(`a script ran: ${dialog.message()}`));
  await page.goto("/ui/experts");
  await page.getByRole("article", {name: "odd"}).getByText("<img src=x onerror=alert(1)>").waitFor();
  await until(async () => (await api(url, "GET", "/api/v1/decisions?limit=1")).body.data.length === 1, "the decision is kept");
  await page.goto("/ui/requests");
  await page.getByRole("row").nth(1).getByRole("link").click();
  await page.getByText("<script>alert(2)</script>").waitFor();
  equal(await page.locator("main img").count(), 0, "pictures out of text");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  holds(!wide, "a long word does not widen the page");
  await page.check();
}
