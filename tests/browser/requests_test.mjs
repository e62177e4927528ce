// The playground, the list of requests, one request.
import {equal, holds, open, see} from "./browser.mjs";
import {api, chat, until} from "./servers.mjs";

const MODELS = (url) => `backends: [{name: models, base_url: "${url}/v1"}]
experts:
  - {name: ada, backend: models, model: ada, skills: {general: 0.5}}
  - {name: clio, backend: models, model: clio, skills: {general: 0.4}}
  - {name: remy, backend: models, model: remy, skills: {general: 0.3}}
policies: [{name: three, experts: 3, aggregate: vote, options: {vote.at_once: 3, vote.gain: 0, experts.gain: 0}}]
`;
const QUESTION = "Solve for x: 4x - 9 = 2x + 15.";

export async function theSamePolicyDecidesAnswersAndIsCompared(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url, {expected: [503]});  // a decision that is still being written
  await page.goto("/ui/playground");
  await page.getByLabel("Question", {exact: true}).fill(QUESTION);
  await page.getByRole("button", {name: "Only decide"}).click();
  await see(page, "decided; no expert was asked");
  await page.getByText("left out: has none of the skills in demand").first().waitFor();
  equal((await api(url, "GET", "/api/v1/decisions?outcome=ok")).body.data.length, 0, "answered requests");
  await page.getByRole("button", {name: "Compare with another"}).click();
  await page.getByLabel("Compare with, number 1").selectOption("moerge/three");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await page.getByRole("heading", {name: "Answers, combined by vote"}).waitFor();
  await page.getByLabel("Answer of auto").getByText("The answer is (12).").waitFor();
  holds((await page.locator(".vote details").count()) >= 2, "several answers were counted");
  equal(await page.locator(".vote.won").count(), 1, "winning blocks");
  // Both answers are there to be judged, so that the first is auto's, and both decisions are written.
  await until(async () => (await page.getByText(/Was the answer right/).count()) === 2, "two answers to judge");
  await until(async () => (await api(url, "GET", "/api/v1/decisions?outcome=ok")).body.data.length === 2, "two decisions");
  await page.getByRole("button", {name: "Right"}).first().click();
  await page.getByText(/Kept as evidence about ada/).waitFor();
  await page.getByRole("group", {name: "Did it help?"}).first().getByRole("button", {name: "It did not help"}).click();
  await page.getByText(/counted apart and changes no routing/).waitFor();
  // The first half stays as it was said, on the page of the request too.
  const [judged] = (await api(url, "GET", "/api/v1/feedback")).body.data;
  equal([judged.score, judged.helpfulness], [1, 0], "the judgement");
  await page.goto(`/ui/requests/${judged.decision}`);
  await page.getByRole("button", {name: "Right", pressed: true}).waitFor();
  await page.getByRole("button", {name: "It did not help", pressed: true}).waitFor();
  await page.goto("/ui/requests");
  await page.getByText("What people said of answers").click();
  const row = page.getByRole("region", {name: "Judgements by expert"}).getByRole("row", {name: /ada/});
  await row.getByRole("img", {name: "ada right: 100 %"}).waitFor();
  await row.getByRole("img", {name: "ada helped: 0 %"}).waitFor();
  await page.check();
}

export async function aLinkHoldsTheRequestAndThePolicies(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url);
  await page.goto("/ui/playground");
  await page.getByLabel("Question", {exact: true}).fill(QUESTION + "\n<&>");
  await page.getByLabel("Policy or expert").selectOption("moerge/three");
  await page.getByRole("button", {name: "Copy a link"}).click();
  await see(page, "Copied");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await open(browser, url);
  await other.goto(link);
  await other.getByLabel("Policy or expert").waitFor();
  equal(await other.getByLabel("Question", {exact: true}).inputValue(), QUESTION + "\n<&>", "the question");
  equal(await other.getByLabel("Policy or expert").inputValue(), "moerge/three", "the policy");
  await other.check();
  await page.check();
}

export async function anErrorOfAnExpertIsSaidInWords(browser, stage) {
  const {url} = await stage.serve(`backends: [{name: gone, base_url: "http://127.0.0.1:9/v1", retries: 0}]\nexperts: [{name: lost, backend: gone, model: lost}]\n`);
  const page = await open(browser, url, {expected: [503]});
  await page.goto("/ui/playground#p=lost&q=Hello");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await page.getByRole("alert").getByText(/cannot connect/).waitFor();
  await page.check();
}

export async function requestsAreFilteredFollowedAndOpened(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  await chat(url, "auto", "What is 17 * 23?");
  await chat(url, "moerge/three", QUESTION);
  await until(async () => (await api(url, "GET", "/api/v1/decisions")).body.data.length === 2, "both are kept");
  const page = await open(browser, url);
  await page.goto("/ui/requests");
  await page.getByRole("row").nth(2).waitFor();
  await page.getByLabel("Policy", {exact: true}).fill("three");
  await page.getByLabel("Policy", {exact: true}).press("Enter");
  await page.waitForURL(/policy=three/);
  await until(async () => (await page.getByRole("row").count()) === 2, "one row is left, with the head");
  await chat(url, "auto", "What is 18 * 23?");
  await chat(url, "moerge/three", "Factor the polynomial x^2 - 5x - 36.");
  await until(async () => (await page.getByRole("row").count()) === 3, "the new one that passes the filter is shown");
  await page.getByRole("row").nth(1).getByRole("link").click();
  await see(page, "Factor the polynomial x^2 - 5x - 36.");
  await page.getByRole("heading", {name: "Calls"}).waitFor();
  await page.getByRole("button", {name: "Replay with what is known today"}).click();
  await page.getByText(/Nothing would be different/).waitFor();
  await api(url, "POST", "/api/v1/experts", {name: "sage", backend: "models", model: "ada", skills: {general: 0.99}});
  await page.getByRole("button", {name: "Replay with what is known today"}).click();
  await page.getByText("Another expert would be asked first.").waitFor();
  await page.getByText("not among the candidates").first().waitFor();
  await page.goBack();
  await page.waitForURL(/policy=three/);
  await page.goto("/ui/requests/" + "0".repeat(32)).catch(() => undefined);
  page.expected.add(404);
  await see(page, "There is no such request.");
  page.faults = page.faults.filter((fault) => !fault.includes("404"));
  await page.check();
}

// The list is loaded, the events have not begun, and a request ends: it is shown all the same.
export async function aRequestByAnExpertsNameSaysThatNoPolicyChose(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  equal((await chat(url, "clio", QUESTION)).status, 200, "asked by name");
  equal((await chat(url, "auto", QUESTION)).status, 200, "asked by the policy");
  await until(async () => (await api(url, "GET", "/api/v1/decisions")).body.data.length === 2, "both are kept");
  const page = await open(browser, url);
  await page.goto("/ui/requests");
  const direct = page.getByRole("cell", {name: "direct", exact: true});
  await direct.waitFor();
  equal(await direct.getAttribute("title"), "asked by name: no policy chose", "the word on hover");
  equal(await page.getByRole("cell", {name: "auto", exact: true}).getAttribute("title"), null, "a policy that somebody wrote");
  equal(await page.getByRole("cell", {name: "ok", exact: true}).first().locator("[title]").getAttribute("title"), "It was answered.", "the outcome on hover");
  const filter = page.getByLabel("Policy", {exact: true});
  await filter.fill("di");
  await page.locator("#names-policies option[value=direct]").waitFor({state: "attached"});
  await filter.fill("direct");
  await filter.press("Enter");
  await until(async () => (await page.getByRole("row").count()) === 2, "the head and the one that no policy chose");
  await page.getByRole("row", {name: /direct/}).getByRole("link").click();
  await page.getByText("asked by name: no policy chose").waitFor();
  await page.getByText("The client named the expert; nothing was classified.").waitFor();
  equal(await page.getByText("Candidates").count(), 0, "scores of one that was compared with nobody");
  await page.check();
}

export async function whatEndsBeforeTheEventsBeginIsShown(browser, stage) {
  const {url} = await stage.serve(MODELS(await stage.replay()));
  const page = await open(browser, url);
  let begin;
  const held = new Promise((resolve) => (begin = resolve));
  await page.route("**/api/v1/events", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("/ui/requests");
  await see(page, "No request in this time.");
  await chat(url, "auto", "What is 17 * 23?");
  await until(async () => (await api(url, "GET", "/api/v1/decisions")).body.data.length === 1, "it is kept");
  begin();
  await until(async () => (await page.getByRole("row").count()) === 2, "it is shown");
  await page.check();
}

export async function thousandsOfRequestsKeepTheListSmallAndFollowItsPages(browser, stage) {
  const {url} = await stage.serve("");
  const requests = Array.from({length: 700}, (_, index) => ({model: "auto", messages: [{role: "user", content: `What is ${index} * 3?`}]}));
  const done = await api(url, "POST", "/api/v1/bulk", {requests});
  equal(done.body.request_counts.completed, 700, "answered");
  await until(async () => (await api(url, "GET", "/api/v1/usage")).body.data.reduce((sum, row) => sum + row.requests, 0) >= 700, "all are kept");
  const page = await open(browser, url);
  await page.goto("/ui/requests");
  await see(page, "200 requests loaded");
  const scroller = page.locator(".list-scroll");
  await until(async () => {
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    return await page.getByText("700 requests loaded, all of this time").isVisible();
  }, "the last page is loaded");
  holds((await page.getByRole("row").count()) < 80, "only what is in sight is in the document");
  await see(page, "paused while you scroll");
  await chat(url, "auto", "What is 5 * 5?");
  await page.getByRole("button", {name: "1 new: show"}).click();
  await see(page, "701 requests loaded");
  const [csv] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", {name: "CSV"}).click()]);
  equal(csv.suggestedFilename(), "moerge-requests.csv", "the file's name");
  await page.check();
}

export async function aDebateIsToldRoundByRound(browser, stage) {
  const opening = {ada: "The answer is 4.", clio: "The answer is 5."};
  const models = await stage.models((body) => (JSON.stringify(body.messages).includes(opening.ada) ? "You are right: the answer is 4." : opening[body.model]));
  const {url} = await stage.serve(`backends: [{name: models, base_url: "${models}/v1"}]
experts: [{name: ada, backend: models, model: ada, skills: {general: 0.5}}, {name: clio, backend: models, model: clio, skills: {general: 0.5}}]
policies: [{name: duel, experts: 2, aggregate: debate, options: {debate.rounds: 1, answers.kind: number}}]
`);
  const page = await open(browser, url, {expected: [503]});  // a decision that is still being written
  await page.goto("/ui/playground");
  await page.getByLabel("Question", {exact: true}).fill("How many legs has a table?");
  await page.getByLabel("Policy or expert").selectOption("moerge/duel");
  await page.getByRole("button", {name: "Ask", exact: true}).click();
  await page.getByRole("heading", {name: "Openings"}).waitFor();
  await page.getByRole("heading", {name: "Round 1: rebuttals"}).waitFor();
  equal(await page.getByText("changed its mind").count(), 1, "sides that changed their mind");
  await page.getByRole("link", {name: "The request in full"}).click();
  await page.getByRole("heading", {name: "Round 1: rebuttals"}).waitFor();
  await page.check();
}
