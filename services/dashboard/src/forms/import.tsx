// A table of results becomes evidence about experts.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {percent, plural} from "../lib/format";
import {JSON_LINES} from "../lib/jsonl";
import {useAction} from "../lib/load";
import type {ProfileReport} from "../lib/types";
import {ErrorNotice, Field, Notice} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {Table} from "../ui/table";

export function ImportForm({onClose}: {onClose: () => void}) {
  const [file, setFile] = useState<File | null>(null);
  const [source, setSource] = useState("");
  const [strict, setStrict] = useState(false);
  const [report, setReport] = useState<ProfileReport | null>(null);
  const action = useAction();
  const send = () => action.run(async () => {
    const query = new URLSearchParams({...(source ? {source} : {}), ...(strict ? {strict: "true"} : {})});
    setReport(await call<ProfileReport>("POST", `/api/v1/profiles/import?${query}`, {raw: file!, type: JSON_LINES}));
  });
  if (report) {
    return (
      <Dialog title="Imported" onClose={onClose} wide>
        <p>{plural(report.rows, "row")} of <strong>{report.source}</strong> count from now on{report.bad ? `; ${plural(report.bad, "row")} could not be read` : ""}.</p>
        {report.unknown_experts && report.unknown_experts.length > 0 && <Notice tone="warn">No expert here has these names: {report.unknown_experts.join(", ")}. Their scores count once experts of these names are added.</Notice>}
        {report.warnings?.map((text) => <Notice key={text} tone="warn">{text}</Notice>)}
        <Table label="Skills" rows={report.skills} keyOf={(row) => row.skill} columns={[
          {key: "skill", title: "Skill", value: (row) => row.skill}, {key: "rows", title: "Rows", number: true, value: (row) => row.rows},
          {key: "mean", title: "Right", number: true, value: (row) => row.mean, show: (row) => percent(row.mean)},
          {key: "best", title: "Best", value: (row) => row.best_expert, show: (row) => <span>{row.best_expert} <span class="quiet">{percent(row.best_mean)}</span></span>},
        ]} />
        <footer class="dialog-foot"><button class="primary" onClick={onClose}>Close</button></footer>
      </Dialog>
    );
  }
  return (
    <Dialog title="Import results" onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <Field label="File" help={'JSON Lines, one row per question: {"id", "prompt", "category", "scores": {"expert": 0 to 1}}; or an export of evidence.'}>
          <input type="file" required accept=".jsonl,.ndjson,.json" onChange={(event) => {
            const chosen = event.currentTarget.files?.[0] ?? null;
            setFile(chosen);
            if (chosen && !source) setSource(chosen.name.replace(/\.(jsonl|ndjson|json)$/, ""));
          }} />
        </Field>
        <Field label="Name of this evidence" error={action.error?.param === "source" ? action.error.message : null} help="Importing under the same name again replaces it.">
          <input value={source} onInput={(event) => setSource(event.currentTarget.value)} />
        </Field>
        <label class="check"><input type="checkbox" checked={strict} onChange={(event) => setStrict(event.currentTarget.checked)} /> refuse the table if a row is bad</label>
        {action.error && action.error.param !== "source" && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy || !file}>Import</button>
        </footer>
      </form>
    </Dialog>
  );
}
