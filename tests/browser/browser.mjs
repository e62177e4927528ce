// Pages that fail a test when they log an error or break their own security policy.
import {existsSync, readFileSync, statSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {chromium} from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WAIT_MS = +(process.env.WAITMS ?? 30_000);
export const WIDE = {width: 1400, height: 900}, NARROW = {width: 400, height: 850};

const pages = [];
// Pictures of what a failed test had open, for the person who mends it.
export async function keepPictures(folder, name) {
  for (const [index, page] of pages.splice(0).entries()) {
    if (!page.isClosed()) await page.screenshot({path: `${folder}/${name}-${index}.png`}).catch(() => undefined);
  }
}

// The dashboard as build.mjs --dir wrote it, in place of the one in the program; with the program's own headers.
async function fromFolder(route, folder) {
  const path = new URL(route.request().url()).pathname.slice("/ui/".length);
  const file = join(folder, path), index = !path || !existsSync(file) || statSync(file).isDirectory();
  const types = {js: "text/javascript", css: "text/css", svg: "image/svg+xml"};
  const page = await route.fetch({url: new URL("/ui/", route.request().url()).href});
  await route.fulfill({
    status: 200, body: readFileSync(index ? join(folder, "index.html") : file),
    headers: {"content-security-policy": page.headers()["content-security-policy"], "content-type": index ? "text/html; charset=utf-8" : types[path.split(".").pop()]},
  });
}

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// `expected`: statuses of refusals that the test provokes; a browser logs each of them.
export async function open(browser, url, {expected = [], theme = "light", viewport = WIDE} = {}) {
  const context = await browser.newContext({colorScheme: theme, viewport, acceptDownloads: true, baseURL: url});
  if (process.env.DASHBOARD) await context.route(/\/ui(\/|$)/, (route) => fromFolder(route, process.env.DASHBOARD).catch(() => undefined));  // the page may be gone
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.faults = [];
  pages.push(page);
  page.expected = new Set(expected);
  page.on("pageerror", (error) => page.faults.push(`exception: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const status = /status of (\d+)/.exec(message.text())?.[1];
    if (status ? page.expected.has(Number(status)) : page.expected.has("offline") && /ERR_|Failed to load/.test(message.text())) return;
    page.faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  });
  page.check = async () => {
    const violations = await page.evaluate(() => window.violations ?? []);
    const faults = [...page.faults, ...violations.map((one) => `policy: ${one}`)];
    await context.close();
    if (faults.length) throw new Error(faults.join("\n"));
  };
  return page;
}

// The faults that axe calls serious or critical.
export async function seriousFaults(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"]}));
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.help} (${one.nodes.length}; ${one.nodes[0].html.slice(0, 200)}; ${one.nodes[0].failureSummary})`);
}

export function equal(got, wanted, what = "") {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
}

export const see = (page, text) => page.getByText(text).first().waitFor();
