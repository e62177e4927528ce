// A new batch: an uploaded file of requests, or lines of text.
import {useState} from "preact/hooks";
import {call} from "../lib/api";
import {plural} from "../lib/format";
import {JSON_LINES, checkRequests, requestsOf} from "../lib/jsonl";
import {useAction, useLoad} from "../lib/load";
import type {Batch, List, Policy, StoredFile} from "../lib/types";
import {ErrorNotice, Field, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";

export function BatchForm({onClose}: {onClose: (id?: string) => void}) {
  const [way, setWay] = useState("file");
  const [file, setFile] = useState<{name: string; text: string} | null>(null);
  const [prompts, setPrompts] = useState("");
  const [model, setModel] = useState("auto");
  const policies = useLoad<List<Policy>>("/api/v1/policies?limit=1000");
  const action = useAction();
  const text = way === "file" ? file?.text ?? "" : prompts.trim() ? requestsOf(prompts, model) : "";
  const checked = text ? checkRequests(text) : null;
  const models = (policies.data?.data ?? []).map((policy) => (policy.name === "auto" ? "auto" : `moerge/${policy.name}`));
  const start = () => action.run(async () => {
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", new Blob([text], {type: JSON_LINES}), way === "file" ? file?.name ?? "requests.jsonl" : "lines.jsonl");
    const stored = await call<StoredFile>("POST", "/v1/files", {raw: form});
    const batch = await call<Batch>("POST", "/v1/batches", {body: {input_file_id: stored.id, endpoint: "/v1/chat/completions", completion_window: "24h"}});
    onClose(batch.id);
  });
  return (
    <Dialog title="New batch" onClose={() => onClose()}>
      <form onSubmit={(event) => { event.preventDefault(); void start(); }}>
        <Field label="Requests from"><Select value={way} options={[["file", "a file (JSON Lines, as OpenAI's batches)"], ["lines", "lines of text"]]} onChange={setWay} /></Field>
        {way === "file" ? (
          <Field label="File" error={checked?.error} help="Each line: {custom_id, method, url, body}; body is a chat request with any model or policy.">
            <input type="file" accept=".jsonl,.ndjson,.json,.txt" required onChange={async (event) => {
              const chosen = event.currentTarget.files?.[0];
              setFile(chosen ? {name: chosen.name, text: await chosen.text()} : null);
            }} />
          </Field>
        ) : <>
          <Field label="Questions" help="One a line."><textarea required rows={8} dir="auto" value={prompts} onInput={(event) => setPrompts(event.currentTarget.value)} /></Field>
          <Field label="Policy"><Select value={model} options={models.length ? models : ["auto"]} onChange={setModel} /></Field>
        </>}
        {checked && !checked.error && <p class="quiet" role="status">{plural(checked.lines, "request")}.</p>}
        <ErrorNotice error={action.error} />
        <footer class="dialog-foot">
          <button type="button" onClick={() => onClose()}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy || !checked || Boolean(checked.error)}>Start</button>
        </footer>
      </form>
    </Dialog>
  );
}
