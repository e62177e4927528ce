// One batch: how far it is, what went wrong by line, what came out.
import {useState} from "preact/hooks";
import {call, send} from "../lib/api";
import {plural} from "../lib/format";
import {resultsOf, type Result} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import type {Batch} from "../lib/types";
import {Badge, ErrorNotice, Loading, Notice, Outcome, Outside, Time} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {download, Table} from "../ui/table";
import {isRunning, Progress} from "./batches";

const MOST = 50;

export function BatchDetail({id, onClose}: {id: string; onClose: () => void}) {
  const [fast, setFast] = useState(true);
  const loaded = useLoad<Batch>(`/v1/batches/${encodeURIComponent(id)}`, fast ? 1000 : 0);
  const action = useAction();
  const batch = loaded.data;
  if (batch && isRunning(batch) !== fast) setFast(!fast);
  const cancel = () => action.run(async () => {
    await call("POST", `/v1/batches/${encodeURIComponent(id)}/cancel`, {body: {}});
    loaded.reload();
  });
  return (
    <Dialog title={`Batch ${id.slice(0, 24)}`} onClose={onClose} wide>
      {!batch && loaded.loading && <Loading />}
      <ErrorNotice error={loaded.error ?? action.error} retry={loaded.reload} />
      {batch && <>
        <p class="row"><Outcome value={batch.status} /> <span>made <Time at={batch.created_at} /></span>
          {batch.completed_at && <span>done <Time at={batch.completed_at} /></span>}
          {isRunning(batch) && batch.expires_at && <span>ends at the latest <Time at={batch.expires_at} /></span>}
          {isRunning(batch) && batch.status !== "cancelling" && <button class="small danger" disabled={action.busy} onClick={() => void cancel()}>Cancel</button>}
        </p>
        <Progress batch={batch} />
        {batch.errors && batch.errors.data.length > 0 && <>
          <Notice tone="bad">The file was refused: {plural(batch.errors.data.length, "wrong line")}. Correct and upload it again.</Notice>
          <Table label="Wrong lines" rows={batch.errors.data} keyOf={(row) => `${row.line}${row.param}${row.message}`} columns={[
            {key: "line", title: "Line", number: true, value: (row) => row.line}, {key: "param", title: "Field", value: (row) => row.param},
            {key: "message", title: "What is wrong", value: (row) => row.message},
          ]} />
        </>}
        {batch.error_file_id && <FilePanel title="Failed lines" id={batch.error_file_id} name={`${id}-errors.jsonl`} />}
        {batch.output_file_id && <FilePanel title="Answers" id={batch.output_file_id} name={`${id}-output.jsonl`} />}
      </>}
    </Dialog>
  );
}

// Fetched on demand: a file may be large.
function FilePanel({title, id, name}: {title: string; id: string; name: string}) {
  const [results, setResults] = useState<Result[] | null>(null);
  const action = useAction();
  const fetchText = async () => (await send("GET", `/v1/files/${encodeURIComponent(id)}/content`)).text();
  return (
    <section>
      <div class="row spread">
        <h3>{title}</h3>
        <span class="row">
          <button class="small" disabled={action.busy} onClick={() => void action.run(async () => setResults(resultsOf(await fetchText())))}>Show</button>
          <button class="small" disabled={action.busy} onClick={() => void action.run(async () => download(name, "application/x-ndjson", await fetchText()))}>Download</button>
        </span>
      </div>
      <ErrorNotice error={action.error} />
      {results?.slice(0, MOST).map((one, index) => (
        <div key={index} class="vote">
          <div class="row spread"><strong dir="auto">{one.id}</strong>{one.status != null && <Badge tone={one.status === 200 ? "good" : "bad"}>{one.status}</Badge>}</div>
          <Outside text={one.text} most={400} />
        </div>
      ))}
      {results && results.length > MOST && <p class="quiet">{results.length - MOST} more are in the file.</p>}
    </section>
  );
}
