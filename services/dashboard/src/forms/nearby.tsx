// Model servers on the machine that moerge runs on, at the ports that they usually have.
import {useState} from "preact/hooks";
import {ApiError, call} from "../lib/api";
import {plural} from "../lib/format";
import {useAction} from "../lib/load";
import type {List} from "../lib/types";
import {ErrorNotice} from "../ui/basics";
import {KINDS, type ServerKind} from "./server-kinds";

// llama.cpp's own port is moerge's too, which is why a new one starts from the next.
const NEARBY = KINDS.filter((kind) => kind.fields.base_url.startsWith("http://127.0.0.1:")).flatMap((kind) =>
  (kind.key === "llamacpp" ? [kind, {...kind, fields: {...kind.fields, base_url: "http://127.0.0.1:8080/v1"}}] : [kind]));
const portOf = (kind: ServerKind) => new URL(kind.fields.base_url).port;

interface Found {
  kind: ServerKind;
  models: string[];
}

export function Nearby({onChoose}: {onChoose: (kind: ServerKind) => void}) {
  const [found, setFound] = useState<Found[] | null>(null);
  const action = useAction();
  const ask = async (kind: ServerKind): Promise<Found | null> => {
    try {
      const list = await call<List<{name: string}>>("POST", "/api/v1/backends/probe", {body: kind.fields});
      return {kind, models: list.data.map((one) => one.name)};
    } catch (error) {
      if (error instanceof ApiError && error.status === 424) return null;  // nobody there
      throw error;
    }
  };
  const look = () => action.run(async () => {
    const all = await Promise.all(NEARBY.map(ask));
    setFound(all.filter((one): one is Found => one != null && !one.models.includes("auto")));  // moerge itself has that
  });
  return (
    <div class="models">
      <button type="button" class="small" disabled={action.busy} onClick={() => void look()}>{action.busy ? "Looking …" : "Look for servers on moerge's machine"}</button>
      <ErrorNotice error={action.error} />
      {found && !found.length && <p class="quiet" role="status">None answers at the usual ports ({NEARBY.map(portOf).join(", ")}). Is it running? At another port: choose its kind and give its address.</p>}
      {found && found.length > 0 && (
        <div class="row" role="status">
          Found: {found.map(({kind, models}) => <button key={kind.fields.base_url} type="button" class="small" onClick={() => onChoose(kind)}>{kind.title} at port {portOf(kind)}, {plural(models.length, "model")}</button>)}
        </div>
      )}
    </div>
  );
}
