// The whole registry as one file: out with its evidence, and in, looked at before it is put in force.
import {useState} from "preact/hooks";
import {call, send} from "../lib/api";
import {plural} from "../lib/format";
import {JSON_LINES} from "../lib/jsonl";
import {useAction} from "../lib/load";
import type {RegistryReport} from "../lib/types";
import {ErrorNotice, Field, Notice} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {download} from "../ui/table";

export function RegistryExport({onClose}: {onClose: () => void}) {
  const [observations, setObservations] = useState(false);
  const action = useAction();
  const save = () => action.run(async () => {
    const reply = await send("GET", `/api/v1/registry/export${observations ? "?observations=true" : ""}`);
    download("moerge-registry.jsonl", JSON_LINES, await reply.text());
    onClose();
  });
  return (
    <Dialog title="Export the registry" onClose={onClose}>
      <p>Backends, experts, skills, policies and evidence that were added here, over the API or on the command line, as one file. What stands in the configuration file is not in it, nor is any key.</p>
      <label class="check"><input type="checkbox" checked={observations} onChange={(event) => setObservations(event.currentTarget.checked)} /> with the texts of requests that were learnt from</label>
      <ErrorNotice error={action.error} />
      <footer class="dialog-foot">
        <button onClick={onClose}>Cancel</button>
        <button class="primary" disabled={action.busy} onClick={() => void save()}>Save the file</button>
      </footer>
    </Dialog>
  );
}

// What the file puts in force, as words. Pure.
export function reportText(report: RegistryReport): string {
  const parts = [
    plural(report.backends, "backend"), plural(report.experts, "expert"), plural(report.skills, "skill"),
    plural(report.policies, "policy", "policies"), plural(report.evidence, "piece of evidence", "pieces of evidence"),
  ].filter((part) => !part.startsWith("0 "));
  return (parts.join(", ") || "nothing") + (report.observations ? ` and ${plural(report.observations, "observation")}` : "");
}

export function RegistryImport({onClose, onDone}: {onClose: () => void; onDone: () => void}) {
  const [file, setFile] = useState<File | null>(null);
  const [replace, setReplace] = useState(false);
  const [preview, setPreview] = useState<RegistryReport | null>(null);
  const [done, setDone] = useState<RegistryReport | null>(null);
  const action = useAction();
  const put = (dry: boolean) => action.run(async () => {
    const query = new URLSearchParams({...(replace ? {replace: "true"} : {}), ...(dry ? {dry_run: "true"} : {})});
    const report = await call<RegistryReport>("POST", `/api/v1/registry/import?${query}`, {raw: file!, type: JSON_LINES});
    if (dry) return setPreview(report);
    setDone(report);
    onDone();
  });
  if (done) {
    return (
      <Dialog title="Import a registry" onClose={onClose}>
        <Notice tone="good">In force as revision {done.revision}: {reportText(done)}{done.removed ? `; ${plural(done.removed, "entry", "entries")} removed` : ""}. The versions below hold the state before it.</Notice>
        <footer class="dialog-foot"><button class="primary" onClick={onClose}>Close</button></footer>
      </Dialog>
    );
  }
  return (
    <Dialog title="Import a registry" onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void put(preview == null); }}>
        <Field label="File" help="As “Export the registry” or moerge registry export wrote it.">
          <input type="file" required accept=".jsonl,.ndjson" onChange={(event) => { setFile(event.currentTarget.files?.[0] ?? null); setPreview(null); action.clear(); }} />
        </Field>
        <label class="check"><input type="checkbox" checked={replace} onChange={(event) => { setReplace(event.currentTarget.checked); setPreview(null); }} /> also remove what the file does not hold</label>
        {preview && <Notice tone={preview.removed ? "warn" : "info"}>Nothing was changed yet. The file puts in force: {reportText(preview)}.
          {preview.removed > 0 && <> <strong>{plural(preview.removed, "entry is", "entries are")} removed</strong>, since the file does not hold {preview.removed === 1 ? "it" : "them"}.</>}</Notice>}
        <ErrorNotice error={action.error} />
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy || !file}>{preview ? "Put it in force" : "Preview"}</button>
        </footer>
      </form>
    </Dialog>
  );
}
