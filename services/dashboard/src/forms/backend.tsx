// Adding or changing a model server.
import {useRef, useState} from "preact/hooks";
import {call} from "../lib/api";
import {plural} from "../lib/format";
import {useAction, useEtag} from "../lib/load";
import {namePath} from "../lib/query";
import type {Backend} from "../lib/types";
import {ErrorNotice, Field, Select} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {expertName, ModelPicker, UNKNOWN_STRENGTHS} from "./models";
import {Nearby} from "./nearby";
import {KINDS, withScheme, type ServerKind} from "./server-kinds";


export function BackendForm({old, onClose, onSaved}: {old?: Backend; onClose: () => void; onSaved?: (name: string) => void}) {
  const [kind, setKind] = useState("ollama");
  const [fields, setFields] = useState(old
    ? {name: old.name, protocol: old.protocol, base_url: old.base_url, api_key_env: old.api_key_env, max_concurrency: old.max_concurrency}
    : {...KINDS[0]!.fields, max_concurrency: 64});
  const [models, setModels] = useState<string[]>([]);
  const made = useRef<string | null>(null);
  const action = useAction();
  const etag = useEtag(old ? `/api/v1/backends/${namePath(old.name)}` : null);
  const set = (patch: Partial<typeof fields>) => setFields({...fields, ...patch});
  const wrong = (param: string) => (action.error?.param === param ? action.error.message : null);
  const choose = ({key, fields}: ServerKind) => {
    setKind(key);
    set(fields);
    setModels([]);
  };
  const save = () => action.run(async () => {
    if (old) await call("PATCH", `/api/v1/backends/${namePath(old.name)}`, {body: {...fields, name: undefined}, ifMatch: etag});
    else {
      // Where one expert is refused, the next try goes on from there.
      if (made.current !== fields.name) await call("POST", "/api/v1/backends", {body: fields});
      made.current = fields.name;
      for (const model of models) {
        await call("POST", "/api/v1/experts", {body: {name: expertName(model), backend: fields.name, model, skills: UNKNOWN_STRENGTHS}});
        setModels((old) => old.filter((one) => one !== model));
      }
    }
    onSaved?.(fields.name);
    onClose();
  });
  return (
    <Dialog title={old ? `Change the backend ${old.name}` : "Add a model server"} onClose={onClose}>
      <form onSubmit={(event) => { event.preventDefault(); void save(); }}>
        {!old && <>
          <Nearby onChoose={choose} />
          <Field label="Kind">
            <Select value={kind} options={KINDS.map(({key, title}) => [key, title])} onChange={(key) => choose(KINDS.find((one) => one.key === key)!)} />
          </Field>
        </>}
        {!old && <Field label="Name" error={wrong("name")} help="What experts refer to.">
          <input required value={fields.name} onInput={(event) => set({name: event.currentTarget.value})} />
        </Field>}
        <Field label="Address" error={wrong("base_url")}>
          <input required type="url" value={fields.base_url} onInput={(event) => set({base_url: event.currentTarget.value})}
            onChange={(event) => set({base_url: withScheme(event.currentTarget.value)})} />
        </Field>
        <div class="fields">
          <Field label="Protocol" error={wrong("protocol")}>
            <Select value={fields.protocol} options={["openai", "ollama", "anthropic"]} onChange={(protocol) => set({protocol})} />
          </Field>
          <Field label="Calls at once" error={wrong("max_concurrency")}>
            <input type="number" min="1" max="65536" value={fields.max_concurrency} onInput={(event) => set({max_concurrency: event.currentTarget.valueAsNumber})} />
          </Field>
        </div>
        <Field label="Variable with its API key" error={wrong("api_key_env")} help="Name of an environment variable of the moerge process, not the key. Empty: the server wants none.">
          <input value={fields.api_key_env} onInput={(event) => set({api_key_env: event.currentTarget.value})} />
        </Field>
        {!old && <>
          <ModelPicker key={withScheme(fields.base_url)} ask={() => call("POST", "/api/v1/backends/probe", {body: {...fields, name: "probe"}})} chosen={models} onChange={setModels} />
          {models.length > 0 && <p class="quiet">{plural(models.length, "expert")} will be added with it: {models.map(expertName).join(", ")}. What each is good at is unknown, so that all are declared 0.5 for everything until you or measurements say better.</p>}
        </>}
        {action.error && !["name", "base_url", "protocol", "max_concurrency", "api_key_env"].includes(action.error.param ?? "") && <ErrorNotice error={action.error} />}
        <footer class="dialog-foot">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={action.busy}>{old ? "Save" : "Add"}</button>
        </footer>
      </form>
    </Dialog>
  );
}
