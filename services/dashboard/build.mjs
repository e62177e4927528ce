// Bundles the dashboard and writes it as C++ (files.h says what that is).
// usage: node build.mjs [--out FILE.cc] [--dir FOLDER] [--modules NODE_MODULES]
//   --out      the generated C++ source
//   --dir      the same files as they are, to look at or to serve in development
//   --modules  where the packages are; without it: node_modules next to this file
// Prints the size of each file and fails where all of them together exceed LIMIT_KB.
import {createHash} from "node:crypto";
import {createRequire} from "node:module";
import {mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {dirname, join, relative, resolve} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {gzipSync} from "node:zlib";

const LIMIT_KB = 250;
const here = dirname(fileURLToPath(import.meta.url));
const TYPES = {
  html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8", svg: "image/svg+xml",
};

function option(name) {
  const at = process.argv.indexOf("--" + name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const hash = (content) => createHash("sha256").update(content).digest("base64url").slice(0, 16);

// Path (below /ui/) and content of every file but index.html.
async function bundle(modules) {
  const require = createRequire(pathToFileURL(join(modules, "x.js")));
  const esbuild = require(join(modules, "esbuild"));
  const done = await esbuild.build({
    absWorkingDir: here, entryPoints: {app: "src/main.tsx"}, bundle: true, write: false, format: "esm",
    splitting: true, minify: true, target: "es2022", charset: "utf8", legalComments: "none",
    jsx: "automatic", jsxImportSource: "preact", nodePaths: [modules], outdir: "out", logLevel: "warning",
    entryNames: "assets/[name]-[hash]", chunkNames: "assets/[name]-[hash]",
    define: {"process.env.NODE_ENV": '"production"'},
  });
  const files = done.outputFiles.map((file) => ({
    path: relative(join(here, "out"), file.path).replaceAll("\\", "/"), content: Buffer.from(file.contents),
  }));
  const icon = readFileSync(join(here, "src/icon.svg"));
  files.push({path: `assets/icon-${hash(icon)}.svg`, content: icon});
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function page(files) {
  const only = (pattern) => {
    const found = files.filter((file) => pattern.test(file.path));
    if (found.length !== 1) throw new Error(`${found.length} files like ${pattern}, not one`);
    return found[0].path;
  };
  return readFileSync(join(here, "src/index.html"), "utf8")
    .replace("{script}", only(/^assets\/app-.*\.js$/))
    .replace("{style}", only(/^assets\/app-.*\.css$/))
    .replace("{icon}", only(/^assets\/icon-.*\.svg$/));
}

function source(files) {
  const text = ["// Written by services/dashboard/build.mjs.", '#include "services/dashboard/files.h"', "",
    "namespace moerge {", "namespace {", ""];
  files.forEach((file, index) => {
    text.push(`constexpr unsigned char kFile${index}[] = {`);
    for (let at = 0; at < file.gzip.length; at += 30) text.push(file.gzip.subarray(at, at + 30).join(",") + ",");
    text.push("};");
  });
  text.push("constexpr DashboardFile kFiles[] = {");
  files.forEach((file, index) => text.push(
    `    {${JSON.stringify(file.path)}, ${JSON.stringify(file.type)}, "\\"${file.etag}\\"", kFile${index}, ` +
    `${file.path.startsWith("assets/")}},`));
  text.push("};", "", "}  // namespace", "",
    "std::span<const DashboardFile> DashboardFiles() { return kFiles; }", "", "}  // namespace moerge", "");
  return text.join("\n");
}

function write(path, content) {
  mkdirSync(dirname(path), {recursive: true});
  writeFileSync(path, content);
}

const files = await bundle(resolve(option("modules") ?? join(here, "node_modules")));
files.unshift({path: "index.html", content: Buffer.from(page(files))});
let total = 0;
for (const file of files) {
  file.gzip = gzipSync(file.content, {level: 9});
  file.etag = hash(file.content);
  file.type = TYPES[file.path.split(".").pop()];
  total += file.gzip.length;
  console.log(`${(file.gzip.length / 1024).toFixed(1).padStart(7)} KB  ${file.path}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  all, compressed (at most ${LIMIT_KB})`);
if (total > LIMIT_KB * 1024) {
  console.error(`The dashboard has ${(total / 1024).toFixed(1)} KB compressed; at most ${LIMIT_KB} are allowed.`);
  process.exit(1);
}
if (option("out")) write(option("out"), source(files));
if (option("dir")) for (const file of files) write(join(option("dir"), file.path), file.content);
