// What telemetry takes of a routed request, in instructions of the whole process (tests/browser/counted.mjs): without
// it, with a receiver on this machine, and with one that is taken for another machine's, so that posts are compressed.
// usage: node cost.mjs MOERGE     Prints, asserts nothing; three minutes.
import {createServer} from "node:http";
import {CountedStage, askMany, median, perRequest} from "../../browser/counted.mjs";
import {Stage} from "../../browser/servers.mjs";

const ROUNDS = 3, GATHER_MS = 3000;  // beyond the second that spans wait for others

let bytes = 0;
const receiver = createServer((post, reply) => {
  post.on("data", (piece) => (bytes += piece.length));
  post.on("end", () => reply.writeHead(200, {"content-type": "application/x-protobuf"}).end());
});
await new Promise((listens) => receiver.listen(0, "127.0.0.1", listens));
const {port} = receiver.address();

const models = new Stage(process.argv[2]), counted = new CountedStage(process.argv[2]);
const registry = `backends: [{name: models, base_url: "${await models.replay()}/v1"}]\nexperts: [{name: ada, backend: models, model: ada, skills: {general: 0.5}}]\n`;
const settle = () => new Promise((wake) => setTimeout(wake, GATHER_MS));
for (const [what, telemetry] of [["off", ""], ["here", `telemetry: {otlp: "http://127.0.0.1:${port}"}\n`], ["elsewhere", `telemetry: {otlp: "http://0.0.0.0:${port}"}\n`]]) {
  // Decisions written to a disk cost now more and now less.
  const server = await counted.serve(registry + telemetry, {store: "memory:"});
  await askMany(server.url, 200);
  await settle();
  bytes = 0;
  const each = [];
  for (let round = 0; round < ROUNDS; round++) each.push(await perRequest(counted, server, settle));
  console.log(`${what.padEnd(10)} ${Math.round(median(each)).toLocaleString("en")} instructions a request, ${(bytes / ROUNDS / 3000).toFixed(0)} bytes sent`);
}
await counted.clear();
await models.clear();
receiver.closeAllConnections();
receiver.close();
