// What is around the pages: addresses, keyboard, themes, a lost connection, the first visit.
import {equal, holds, open, see} from "./browser.mjs";
import {api, chat, until} from "./servers.mjs";

const PAGES = ["Overview", "Experts", "Skills", "Playground", "Requests", "Batches", "Evaluation", "Policies", "Keys", "Settings"];

export async function everyPageIsReachedByItsLinkAndByItsAddress(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/");
  equal(new URL(page.url()).pathname, "/ui/", "the address of /");
  for (const title of PAGES) {
    await page.getByRole("navigation").getByRole("link", {name: title, exact: true}).click();
    await page.getByRole("heading", {level: 1, name: title}).waitFor();
    await page.waitForFunction((wanted) => document.title.startsWith(wanted), title);  // set after the page is drawn
    await page.reload();
    await page.getByRole("heading", {level: 1, name: title}).waitFor();
  }
  await page.goto("/ui/no/such/page");
  await see(page, "There is no such page.");
  await page.check();
}

export async function theTimeFilterStaysFromPageToPage(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/ui/requests?t=7d");
  equal(await page.getByLabel("Time range").inputValue(), "7d", "the filter");
  await page.getByLabel("Time range").selectOption("1h");
  await page.waitForURL(/t=1h/);
  await page.getByRole("navigation").getByRole("link", {name: "Overview"}).click();
  await page.waitForURL(/t=1h/);
  await page.getByLabel("Time range").selectOption("...");
  await page.getByLabel("From", {exact: true}).fill("2026-01-01T00:00");
  await page.getByLabel("To", {exact: true}).fill("2026-01-02T00:00");
  await page.getByRole("button", {name: "Show"}).click();
  await page.waitForURL(/t=2026/);
  await page.check();
}

export async function theKeyboardJumpsAndSearches(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url);
  await page.goto("/ui/");
  await page.getByRole("heading", {level: 1, name: "Overview"}).waitFor();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", {name: /Name of a page/});
  await box.fill("arithm");
  await page.getByRole("option", {name: /arithmetic/}).first().waitFor();
  await box.fill("experts");
  await box.press("Enter");
  await page.getByRole("heading", {level: 1, name: "Experts"}).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("dates");
  await page.waitForURL(/find=dates/);
  equal(await page.getByRole("article").count(), 1, "the experts found");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({state: "detached"});
  await page.check();
}

export async function coloursAreChosenAndKept(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url, {theme: "light"});
  await page.goto("/ui/settings");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole("heading", {level: 1}).waitFor();
  const light = await background();
  await page.getByLabel("Colours").selectOption("dark");
  holds((await background()) !== light, "dark is another background");
  await page.reload();
  await page.getByRole("heading", {level: 1}).waitFor();
  holds((await background()) !== light, "the choice is kept");
  await page.check();
}

export async function aFirstVisitLeadsToARoutedQuestion(browser, stage) {
  const models = await stage.replay();
  const {url} = await stage.serve("");
  const page = await open(browser, url, {expected: [503]});  // a decision that is still being written
  await page.goto("/");
  await see(page, "Start here");
  await page.getByRole("button", {name: "Add a model server"}).first().click();
  await page.getByLabel("Kind").selectOption("other");
  await page.getByLabel("Name", {exact: true}).fill("local");
  await page.getByLabel("Address").fill(models + "/v1");
  await page.getByRole("button", {name: "Add", exact: true}).click();
  await page.getByRole("button", {name: "Add an expert"}).click();
  await page.getByLabel("Name", {exact: true}).fill("ada");
  await page.getByLabel("Model", {exact: true}).fill("ada");
  await page.getByLabel("Declared strengths").fill("algebra 0.9\ngeneral 0.4");
  await page.getByRole("button", {name: "Add the expert"}).click();
  await page.getByRole("link", {name: "Open the playground"}).click();
  await page.getByLabel("Question").fill("Solve for x: 4x - 9 = 2x + 15.");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await see(page, "The answer is (12).");
  await page.getByRole("link", {name: "The request in full"}).click();
  await page.getByRole("heading", {name: "Decision", exact: true}).waitFor();
  await see(page, "Solve for x: 4x - 9 = 2x + 15.");
  await page.getByRole("navigation").getByRole("link", {name: "Overview"}).click();
  await see(page, "What needs attention");
  equal(await page.getByText("Start here").count(), 0, "the guide when all is done");
  await page.check();
}

export async function aLostConnectionIsSaidAndFoundAgain(browser, stage) {
  const first = await stage.serve("");
  await chat(first.url, "auto", "What is 17 * 23?");
  const page = await open(browser, first.url, {expected: ["offline"]});
  await page.goto("/ui/requests");
  await page.getByRole("row").nth(1).waitFor();
  await first.program.stop();
  await see(page, "The connection to moerge is lost");
  const listen = new URL(first.url).host;
  const again = await stage.serve("", {listen, store: first.store});
  await see(page, "The connection is back");
  await chat(again.url, "auto", "What is 18 * 23?");
  await until(async () => (await page.getByRole("row").count()) === 3, "the new request is shown");
  await page.check();
}

export async function whatIsSavedOrAskedWhileMoergeIsAwaySaysWhatToDo(browser, stage) {
  const models = await stage.replay("--tokens-per-second", "1");
  const text = `backends: [{name: models, base_url: "${models}/v1"}]\nexperts: [{name: ada, backend: models, model: ada, skills: {general: 0.9}}]\n`;
  const first = await stage.serve(text);
  const page = await open(browser, first.url, {expected: ["offline"]});
  await page.goto("/ui/playground");
  await page.getByLabel("Question", {exact: true}).fill("Solve for x: 4x - 9 = 2x + 15.");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await until(async () => (await page.getByText("Waiting for the first words").count()) === 0, "an answer that has begun");
  stage.programs.splice(stage.programs.indexOf(first.program), 1);
  first.program.process.kill("SIGKILL");
  await see(page, "The connection to moerge broke off before the answer was whole.");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await see(page, "It may be stopped or restarting; try again when the connection is back.");
  const again = await stage.serve(text, {listen: new URL(first.url).host, store: first.store});
  await page.goto("/ui/experts");
  await page.getByRole("button", {name: "Add an expert"}).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", {exact: true}).fill("clio");
  await dialog.getByLabel("Model", {exact: true}).fill("clio");
  await again.program.stop();
  await dialog.getByRole("button", {name: "Add the expert"}).click();
  await dialog.getByText("try again when the connection is back").waitFor();
  await stage.serve(text, {listen: new URL(first.url).host, store: first.store});
  await page.getByText("live", {exact: true}).waitFor();
  await dialog.getByRole("button", {name: "Add the expert"}).click();
  await page.getByRole("article", {name: "clio"}).waitFor();
  await page.check();
}

// What happens shortly after the page has loaded again is shown too, though nothing happens any more.
export async function theOverviewCatchesUpOnceItIsQuiet(browser, stage) {
  const {url} = await stage.serve(`backends: [{name: models, base_url: "${await stage.replay()}/v1"}]
experts: [{name: ada, backend: models, model: ada, skills: {general: 0.5}}]
`);
  const page = await open(browser, url);
  await chat(url, "auto", "Solve for x: 4x - 9 = 2x + 15.");
  await page.goto("/ui/");
  await page.getByText(/, 1 request$/).nth(1).waitFor();  // of shares by expert and by skill
  for (const asked of ["2", "3"]) {
    await chat(url, "auto", "Solve for x: 4x - 9 = 2x + 15.");
    await page.getByText(new RegExp(`, ${asked} requests$`)).first().waitFor();
  }
  await page.getByText(/, 3 requests$/).nth(1).waitFor();
  await page.check();
}

export async function theOverviewShowsTrafficAndWhatIsWrong(browser, stage) {
  const {url} = await stage.serve(`backends: [{name: gone, base_url: "http://127.0.0.1:9/v1", retries: 0}]
experts: [{name: lost, backend: gone, model: lost, skills: {general: 0.9}}]
`);
  for (let turn = 0; turn < 8; turn++) await chat(url, turn % 2 ? "lost" : "auto", `What is ${turn} * 23?`);
  const page = await open(browser, url);
  await page.goto("/ui/");
  await page.getByText(/of 8 requests in this time failed/).waitFor();
  equal(await page.locator("canvas").count(), 4, "charts");
  await page.getByRole("link", {name: "The failed ones"}).click();
  await page.waitForURL(/outcome=error/);
  await page.getByRole("row").nth(4).waitFor();
  equal(await page.getByRole("row").count(), 5, "rows with the head");
  await page.goto("/ui/?t=1h");
  await see(page, "Latency, percentiles");
  await api(url, "GET", "/health");
  await page.check();
}
