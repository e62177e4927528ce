// Keys, sessions, settings, the record of changes.
import {equal, holds, open, see} from "./browser.mjs";
import {api} from "./servers.mjs";

export async function theFirstKeyClosesTheDoorAndOpensIt(browser, stage) {
  const {url} = await stage.serve("");
  const page = await open(browser, url, {expected: [401, 409]});
  await page.goto("/ui/batches");
  await page.getByRole("button", {name: "New batch"}).first().click();
  await page.getByLabel("Requests from").selectOption("lines");
  await page.getByLabel("Questions").fill("What is 17 * 23?");
  await page.getByRole("button", {name: "Start"}).click();
  await page.getByRole("dialog").getByText("completed", {exact: true}).waitFor();
  await page.goto("/ui/keys");
  await page.getByRole("button", {name: "Create a key"}).first().click();
  await page.getByLabel("Name", {exact: true}).fill("boss");
  await page.getByRole("button", {name: "Create", exact: true}).click();
  const secret = await page.getByLabel("Secret", {exact: true}).innerText();
  await page.getByRole("button", {name: "I have it"}).click();
  await page.getByLabel("API key").fill("wrong");
  await page.getByRole("button", {name: "Log in"}).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("API key").fill(secret.trim());
  await page.getByRole("button", {name: "Log in"}).click();
  await page.getByRole("row", {name: /boss/}).waitFor();
  await page.getByRole("navigation").getByRole("link", {name: "Batches"}).click();
  await page.getByRole("row", {name: /completed/}).waitFor();  // made before there was a key
  await page.getByRole("navigation").getByRole("link", {name: "Keys"}).click();
  await page.getByRole("row", {name: /boss/}).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie]));
  holds(!kept.includes(secret.trim()), "no script can read the key");
  // A change with the session's cookie and its token.
  await page.getByRole("button", {name: "Create a key"}).click();
  await page.getByLabel("Name", {exact: true}).fill("app");
  await page.getByLabel("Requests a minute").fill("60");
  await page.getByRole("button", {name: "Create", exact: true}).click();
  await page.getByLabel("Secret", {exact: true}).waitFor();
  const app = (await page.getByLabel("Secret", {exact: true}).innerText()).trim();
  await page.getByRole("button", {name: "I have it"}).click();
  await page.getByRole("row", {name: /app/}).getByText("60 requests a minute").waitFor();
  equal((await api(url, "GET", "/v1/models", undefined, {authorization: `Bearer ${app}`})).status, 200, "the new key's status");
  await page.getByRole("row", {name: /app/}).getByRole("button", {name: "Rotate"}).click();
  await page.getByRole("button", {name: "Make a new secret"}).click();
  await page.getByLabel("Secret", {exact: true}).waitFor();
  equal((await api(url, "GET", "/v1/models", undefined, {authorization: `Bearer ${app}`})).status, 401, "the old secret's status");
  await page.getByRole("button", {name: "I have it"}).click();
  await page.getByRole("row", {name: /app/}).getByRole("button", {name: "Revoke"}).click();
  await page.getByRole("button", {name: "Revoke the key"}).click();
  await page.getByRole("row", {name: /app/}).waitFor({state: "detached"});
  await page.getByRole("button", {name: "Log out"}).click();
  await page.getByLabel("API key").waitFor();
  await page.check();
}

// What the page asks for besides is refused as soon as the first key is there: before the reply that has its
// secret comes, or while the secret is shown.
async function madeAsTheDoorCloses(browser, stage, early) {
  const {url} = await stage.serve("");
  const page = await open(browser, url, {expected: [401]});
  await page.goto("/ui/");
  await page.getByRole("navigation").getByRole("link", {name: "Keys"}).click();
  await page.getByRole("button", {name: "Create a key"}).first().click();
  await page.getByLabel("Name", {exact: true}).fill("boss");
  const refused = async () => {
    await page.goBack();
    await page.getByLabel("API key").waitFor({state: "attached"});
  };
  await page.route("**/api/v1/keys", async (route) => {
    const reply = await route.fetch();
    if (early) await refused();
    await route.fulfill({response: reply});
  });
  await page.getByRole("button", {name: "Create", exact: true}).click();
  const secret = page.getByLabel("Secret", {exact: true});
  await secret.waitFor();
  if (!early) await refused();
  const text = (await secret.innerText()).trim();
  await page.getByRole("button", {name: "I have it"}).click();
  await page.getByLabel("API key").fill(text);
  await page.getByRole("button", {name: "Log in"}).click();
  await page.getByRole("button", {name: "Log out"}).waitFor();
  await page.check();
}

export const theSecretOutlivesARefusalWhileItIsShown = (browser, stage) => madeAsTheDoorCloses(browser, stage, false);
export const theSecretOutlivesARefusalBeforeItIsShown = (browser, stage) => madeAsTheDoorCloses(browser, stage, true);

export async function rotatingTheKeyOfThisSessionShowsItsSecret(browser, stage) {
  const {url} = await stage.serve("");
  const boss = (await api(url, "POST", "/api/v1/keys", {name: "boss", role: "admin"})).body.secret;
  const page = await open(browser, url, {expected: [401]});
  await page.goto("/ui/keys");
  await page.getByLabel("API key").fill(boss);
  await page.getByRole("button", {name: "Log in"}).click();
  await page.getByRole("row", {name: /boss/}).getByRole("button", {name: "Rotate"}).click();
  await see(page, /this page asks for the new one/);
  await page.getByRole("button", {name: "Make a new secret"}).click();
  await page.getByLabel("API key").waitFor({state: "attached"});
  const text = (await page.getByLabel("Secret", {exact: true}).innerText()).trim();
  // It is shown once: nothing but the person's word takes it away.
  for (let turn = 0; turn < 3; turn++) await page.keyboard.press("Escape");
  await page.mouse.click(5, 5);
  await see(page, /It cannot be shown again/);
  const leaving = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const asked = await leaving;
  equal(asked.type(), "beforeunload", "the question before the page goes");
  await asked.dismiss();
  equal((await page.getByLabel("Secret", {exact: true}).innerText()).trim(), text, "the secret that is shown");
  await page.getByRole("button", {name: "I have it"}).click();
  await page.getByLabel("API key").fill(text);
  await page.getByRole("button", {name: "Log in"}).click();
  await page.getByRole("row", {name: /boss/}).waitFor();
  await page.check();
}

export async function settingsSayWhereTheyComeFromAndWhatChanged(browser, stage) {
  const {url, file} = await stage.serve("");
  await api(url, "POST", "/api/v1/skills", {name: "gardening", category: "life", description: "Plants", examples: ["When do I prune roses?"]});
  await api(url, "PATCH", "/api/v1/skills/gardening", {description: "Plants and soil"});
  const page = await open(browser, url);
  await page.goto("/ui/settings");
  await page.getByRole("row", {name: /server\.listen/}).getByText("file").waitFor();
  await see(page, file);
  await page.getByText(/changed the skill/).click();
  await page.getByText("Plants and soil").waitFor();
  await page.getByRole("button", {name: "Reload the configuration file"}).click();
  await page.getByText(/was read again and is in force/).waitFor();
  await page.check();
}

export async function anEarlierVersionIsComparedAndBroughtBack(browser, stage) {
  const {url} = await stage.serve("");
  await api(url, "POST", "/api/v1/skills", {name: "gardening", category: "life", description: "Plants", examples: ["When do I prune roses?"]});
  await api(url, "PATCH", "/api/v1/skills/gardening", {description: "Plants and soil"});
  const page = await open(browser, url);
  await page.goto("/ui/settings");
  await page.getByRole("button", {name: "Compare"}).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Plants and soil").waitFor();
  await dialog.getByRole("button", {name: /Bring revision \d+ back/}).click();
  await dialog.getByText(/is in force again/).waitFor();
  equal((await api(url, "GET", "/api/v1/skills/gardening")).body.description, "Plants", "the description");
  const [file] = await Promise.all([page.waitForEvent("download"), (async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("button", {name: "Export the registry"}).click();
    await page.getByRole("button", {name: "Save the file"}).click();
  })()]);
  equal(file.suggestedFilename(), "moerge-registry.jsonl", "the file's name");
  await page.check();
}
