// Experts that are asked questions whose answers are known: how far each run is, and how they did.
import {useEffect, useState} from "preact/hooks";
import {EvaluateForm} from "../forms/evaluate";
import {call, reloadAll, send} from "../lib/api";
import {useFollowed} from "../lib/follow";
import {count, percent, plural} from "../lib/format";
import {JSON_LINES} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import {usePage} from "../lib/page";
import {wilson} from "../lib/stats";
import type {Evaluation, List} from "../lib/types";
import {wordOf} from "../lib/words";
import {Bar, ErrorNotice, Loading, Notice, Section, Time, Word} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {download, exportRows, Exports, Table, type Column} from "../ui/table";
import {IntervalBar} from "./expert-card";

const isOver = (run: Evaluation) => run.status !== "running" && run.status !== "cancelling";

const useEvaluation = (id: string | null) => useFollowed<Evaluation>(id && `/api/v1/evaluations/${encodeURIComponent(id)}/events`, isOver);

function Progress({run}: {run: Evaluation}) {
  const share = run.calls ? run.asked / run.calls : 0;
  return (
    <div>
      <Bar value={share} label={`${percent(share)} asked`} tone={run.status === "cancelled" ? "plain" : wordOf("work", run.status).tone} />
      <div class="quiet">{count(run.asked)} of {plural(run.calls, "call")}</div>
    </div>
  );
}

export function Runs() {
  const page = usePage();
  const [adding, setAdding] = useState(false);
  const list = useLoad<List<Evaluation>>("/api/v1/evaluations", 10_000);
  const running = list.data?.data.find((run) => !isOver(run));
  const live = useEvaluation(running?.id ?? null).data;
  const rows = (list.data?.data ?? []).map((run) => (run.id === live?.id ? live : run));
  useEffect(() => { if (live && isOver(live)) reloadAll(); }, [live?.status]);  // what was measured is in force
  const open = page.query["run"];
  const columns: Column<Evaluation>[] = [
    {key: "source", title: "Evidence", value: (run) => run.source, show: (run) => <button class="link" onClick={() => page.set({run: run.id})}>{run.source}</button>},
    {key: "status", title: "Status", value: (run) => run.status, show: (run) => <Word of="work" value={run.status} />},
    {key: "progress", title: "Progress", value: (run) => run.asked, show: (run) => <Progress run={run} />},
    {key: "questions", title: "Questions", number: true, wide: true, value: (run) => run.questions},
    {key: "started", title: "Begun", value: (run) => run.started, show: (run) => <Time at={run.started} />},
  ];
  return (
    <Section title="Runs" aside={<button class="small" onClick={() => setAdding(true)}>Run an evaluation</button>}>
      <ErrorNotice error={list.error} retry={list.reload} />
      {list.data && !rows.length && <p class="quiet">Ask your experts questions whose answers you know: how often each is right becomes evidence that routing goes by.</p>}
      {rows.length > 0 && <Table label="Runs, newest first" columns={columns} rows={rows} keyOf={(run) => run.id} />}
      {adding && <EvaluateForm onClose={(id) => { setAdding(false); list.reload(); if (id) page.set({run: id}); }} />}
      {open && list.data && <RunDialog id={open} onClose={() => page.set({run: undefined})} />}
    </Section>
  );
}

const COLUMNS: Column<Evaluation["experts"][number]>[] = [
  {key: "expert", title: "Expert", value: (row) => row.expert, show: (row) => <span dir="auto">{row.expert}</span>},
  {key: "right", title: "Right", number: true, value: (row) => (row.answered ? row.right / row.answered : null), show: (row) => <>{row.answered ? percent(row.right / row.answered) : "–"} <span class="quiet">{count(row.right)} of {count(row.answered)}</span></>},
  {key: "interval", title: "90 % interval", wide: true, sortable: false, value: (row) => {
    const {low, high} = wilson(row.right, row.answered);
    return `${low.toFixed(3)}-${high.toFixed(3)}`;
  }, show: (row) => (row.answered ? <IntervalBar {...wilson(row.right, row.answered)} label={`${row.expert} ${percent(row.right / row.answered)}`} /> : null)},
  {key: "failure", title: "Without an answer", value: (row) => row.failure, show: (row) => (row.asked > row.answered ? <span dir="auto">{count(row.asked - row.answered)}{row.failure ? `: ${row.failure}` : ""}</span> : "")},
];

function RunDialog({id, onClose}: {id: string; onClose: () => void}) {
  const path = `/api/v1/evaluations/${encodeURIComponent(id)}`;
  const {data: run, error} = useEvaluation(id);
  const [forced, setForced] = useState(false);
  const action = useAction();
  const table = async () => (await send("GET", `${path}/table`)).text();
  const force = () => action.run(async () => {
    await call("POST", `/api/v1/profiles/import?${new URLSearchParams({source: run!.source})}`, {raw: await table(), type: JSON_LINES});
    setForced(true);
    reloadAll();
  });
  return (
    <Dialog title={run?.source ?? "Evaluation"} onClose={onClose} wide>
      <ErrorNotice error={error ?? action.error} />
      {!run && !error && <Loading />}
      {run && <>
        <p class="row"><Word of="work" value={run.status} /> <span>begun <Time at={run.started} /></span>{run.finished && <span>ended <Time at={run.finished} /></span>}
          {run.status === "running" && <button class="small danger" disabled={action.busy} onClick={() => void action.run(() => call("POST", `${path}/cancel`, {body: {}}))}>Cancel</button>}</p>
        {run.error && <Notice tone="bad">{run.error}</Notice>}
        <Progress run={run} />
        <Table label="How the experts did" columns={COLUMNS} rows={[...run.experts].sort((a, b) => b.right - a.right)} keyOf={(row) => row.expert} />
        <div class="row spread">
          <span class="row"><Exports name={`moerge-${id}`} rows={() => exportRows(COLUMNS, run.experts)} />
            <button class="small" disabled={action.busy || !run.asked} onClick={() => void action.run(async () => download(`${id}.jsonl`, JSON_LINES, await table()))}>Table of results</button></span>
          {run.status === "completed" && run.import && <span class="quiet">What was measured is in force as {run.source}.</span>}
          {run.status === "completed" && !run.import && (forced ? <span role="status">In force as {run.source}.</span> : <button class="primary" disabled={action.busy} onClick={() => void force()}>Put it in force</button>)}
        </div>
      </>}
    </Dialog>
  );
}
