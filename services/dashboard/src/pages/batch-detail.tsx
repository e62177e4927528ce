// One batch: how far it is, expert by expert, what its devices load, what went wrong by line, what came out.
import {useEffect, useState} from "preact/hooks";
import {isRunning, timeLeft, useBatch} from "../lib/batch";
import {call, get, send} from "../lib/api";
import {bytes, count, percent, plural, span} from "../lib/format";
import {JSON_LINES, inputsOf, resultsOf, type InputLine, type Result} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {loadsSince} from "../lib/schedule";
import type {Batch, BatchExpert, List, ResidencySpell, StoredFile} from "../lib/types";
import {Badge, Bar, ErrorNotice, Loading, Notice, Outside, Time, Word} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {download, Table} from "../ui/table";
import {Progress} from "./batches";
import {Schedule} from "./devices";

const MOST = 50;
const MOST_INPUT = 8_000_000;  // bytes of the input that are fetched to show what failed lines ask

export function BatchDetail({id, onClose}: {id: string; onClose: () => void}) {
  const {data: batch, error} = useBatch(id);
  const action = useAction();
  const running = batch != null && isRunning(batch);
  const history = useLoad<List<ResidencySpell>>("/api/v1/residency/history", running ? 2000 : 0);
  useEffect(() => { if (batch && !running) history.reload(); }, [running]);
  const cancel = () => action.run(() => call("POST", `/v1/batches/${encodeURIComponent(id)}/cancel`, {body: {}}));
  return (
    <Dialog title={`Batch ${id.slice(0, 24)}`} onClose={onClose} wide>
      {!batch && !error && <Loading />}
      <ErrorNotice error={error ?? action.error} />
      {batch && <>
        <p class="row"><Word of="work" value={batch.status} /> <span>made <Time at={batch.created_at} /></span>
          {batch.completed_at && <span>done <Time at={batch.completed_at} /></span>}
          {running && batch.moerge.lines_per_second > 0 && <span>{count(batch.moerge.lines_per_second)} lines a second</span>}
          {running && batch.expires_at && <span>ends at the latest <Time at={batch.expires_at} /></span>}
          {running && batch.status !== "cancelling" && <button class="small danger" disabled={action.busy} onClick={() => void cancel()}>Cancel</button>}
        </p>
        <Progress batch={batch} />
        {batch.moerge.experts.length > 0 && <ByExpert batch={batch} spells={history.data?.data ?? []} />}
        {history.data && history.data.data.length > 0 && <Devices batch={batch} spells={history.data.data} />}
        {batch.errors && batch.errors.data.length > 0 && <>
          <Notice tone="bad">The file was refused: {plural(batch.errors.data.length, "wrong line")}. Correct and upload it again.</Notice>
          <Table label="Wrong lines" rows={batch.errors.data} keyOf={(row) => `${row.line}${row.param}${row.message}`} columns={[
            {key: "line", title: "Line", number: true, value: (row) => row.line}, {key: "param", title: "Field", value: (row) => row.param},
            {key: "message", title: "What is wrong", value: (row) => row.message},
          ]} />
        </>}
        {batch.error_file_id && <FilePanel title="Failed lines" id={batch.error_file_id} name={`${id}-errors.jsonl`} input={batch.input_file_id} />}
        {batch.output_file_id && <FilePanel title="Answers" id={batch.output_file_id} name={`${id}-output.jsonl`} />}
      </>}
    </Dialog>
  );
}

// Calls, which are more than lines where one line asks several experts or a call is tried again.
function ByExpert({batch, spells}: {batch: Batch; spells: ResidencySpell[]}) {
  const page = usePage();
  const loads = loadsSince(spells, (batch.in_progress_at ?? batch.created_at ?? 0) * 1000);
  const loaded = new Set(spells.filter((spell) => spell.state === "loaded" && !spell.ended).map((spell) => spell.expert));
  const most = Math.max(1, ...batch.moerge.experts.map((one) => one.answered + one.failed));
  const done = (one: BatchExpert) => one.answered + one.failed;
  const share = (one: BatchExpert) => (one.planned ? done(one) / one.planned : done(one) / most);
  return (
    <section>
      <h3>By expert</h3>
      <Table label="Progress by expert" rows={batch.moerge.experts} keyOf={(row) => row.expert} columns={[
        {key: "expert", title: "Expert", value: (row) => row.expert, show: (row) => <><a href={page.href("/experts", {open: row.expert})} dir="auto">{row.expert}</a> {isRunning(batch) && loaded.has(row.expert) && <Badge tone="good">loaded</Badge>}</>},
        {key: "done", title: "Calls", value: done, show: (row) => (
          <div>
            <Bar value={share(row)} tone={row.failed ? "warn" : "info"} label={row.planned ? `${row.expert}: ${percent(share(row))} of its calls done` : `${row.expert}: ${plural(done(row), "call")} done`} />
            <span class="quiet">{count(row.answered)} answered{row.planned ? ` of ${count(row.planned)}` : ""}{row.failed ? `, ${count(row.failed)} failed` : ""}</span>
          </div>
        )},
        {key: "loads", title: "Loads", number: true, value: (row) => loads.get(row.expert) ?? null, show: (row) => loads.get(row.expert) ?? "–"},
      ]} />
    </section>
  );
}

function Devices({batch, spells}: {batch: Batch; spells: ResidencySpell[]}) {
  const now = Date.now(), left = timeLeft(batch, now);
  const until = batch.completed_at ?? batch.cancelled_at ?? batch.failed_at;
  const since = (batch.in_progress_at ?? batch.created_at ?? 0) * 1000;
  const shown = spells.filter((spell) => (!spell.ended || Date.parse(spell.ended) >= since) && (until == null || Date.parse(spell.begun) <= until * 1000 + 1000));
  if (!shown.length) return null;
  return (
    <section>
      <h3>What its devices load{left != null && <span class="quiet">; about {span(left)} left</span>}</h3>
      <Schedule spells={shown} since={since} now={until != null ? Math.min(now, until * 1000 + 1000) : now} end={left == null ? null : now + left} live={until == null} />
    </section>
  );
}

// What failed lines ask; nothing where the input is gone or large.
async function inputsFor(id: string): Promise<Map<string, InputLine>> {
  const path = `/v1/files/${encodeURIComponent(id)}`;
  try {
    if ((await get<StoredFile>(path)).bytes > MOST_INPUT) return new Map();
    return inputsOf(await (await send("GET", `${path}/content`)).text());
  } catch {
    return new Map();
  }
}

// Fetched on demand: a file may be large. `input`: of a file with errors, what its lines answer to.
function FilePanel({title, id, name, input}: {title: string; id: string; name: string; input?: string}) {
  const [results, setResults] = useState<Result[] | null>(null);
  const [asked, setAsked] = useState<Map<string, InputLine>>(new Map());
  const action = useAction();
  const info = useLoad<StoredFile>(`/v1/files/${encodeURIComponent(id)}`);
  const fetchText = async () => (await send("GET", `/v1/files/${encodeURIComponent(id)}/content`)).text();
  const show = () => action.run(async () => {
    const [text, lines] = await Promise.all([fetchText(), input ? inputsFor(input) : new Map<string, InputLine>()]);
    setAsked(lines);
    setResults(resultsOf(text));
  });
  return (
    <section>
      <div class="row spread">
        <h3>{title} {info.data && <span class="quiet">{bytes(info.data.bytes)}</span>}</h3>
        <span class="row">
          <button class="small" disabled={action.busy} onClick={() => void show()}>Show</button>
          <button class="small" disabled={action.busy} onClick={() => void action.run(async () => download(name, JSON_LINES, await fetchText()))}>Download</button>
        </span>
      </div>
      <ErrorNotice error={action.error} />
      {results?.slice(0, MOST).map((one, index) => <ResultView key={index} one={one} asked={asked.get(one.id)} />)}
      {results && results.length > MOST && <p class="quiet">{results.length - MOST} more are in the file.</p>}
    </section>
  );
}

function ResultView({one, asked}: {one: Result; asked: InputLine | undefined}) {
  return (
    <div class="vote">
      <div class="row spread"><strong dir="auto">{asked ? `Line ${count(asked.line)}: ${one.id}` : one.id}</strong>{one.status != null && <Badge tone={one.status === 200 ? "good" : "bad"}>{one.status}</Badge>}</div>
      {asked && <div class="quiet"><Outside text={asked.text} most={200} /></div>}
      <Outside text={one.text} most={400} />
    </div>
  );
}
