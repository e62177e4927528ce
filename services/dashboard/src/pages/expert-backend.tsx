// The backend that the list of experts is filtered by.
import {useState} from "preact/hooks";
import {BackendForm} from "../forms/backend";
import {call} from "../lib/api";
import {count} from "../lib/format";
import {namePath} from "../lib/query";
import type {Backend} from "../lib/types";
import {Badge, Section, Word} from "../ui/basics";
import {Confirm} from "../ui/dialog";

export function BackendPanel({backend, onChanged, onRemoved}: {backend: Backend | undefined; onChanged: () => void; onRemoved: () => void}) {
  const [doing, setDoing] = useState<"edit" | "remove" | null>(null);
  if (!backend) return null;
  const condition = backend.condition;
  return (
    <Section title={`Backend ${backend.name}`} aside={<>
      <Word of="origin" value={backend.origin} />
      {backend.origin === "store" && <><button class="small" onClick={() => setDoing("edit")}>Change</button><button class="small danger" onClick={() => setDoing("remove")}>Remove</button></>}
    </>}>
      <div class="facts">
        <span>{backend.protocol}</span><span>{backend.base_url}</span>
        <span><b>{count(condition?.in_flight ?? 0)}</b> of {count(backend.max_concurrency)} calls, <b>{count(condition?.queued ?? 0)}</b> queued</span>
        {backend.api_key_env && <span>key from the variable <code>{backend.api_key_env}</code></span>}
        <Badge long tone={condition?.avoided ? "bad" : "good"}>{condition?.avoided ? `avoided: ${condition.reason ?? "its calls fail"}` : "in use"}</Badge>
        {(condition?.models ?? []).map((one) => <Badge key={one.model} long tone="bad">{`model ${one.model} avoided: ${one.reason ?? "its calls fail"}`}</Badge>)}
      </div>
      {doing === "edit" && <BackendForm old={backend} onClose={() => { setDoing(null); onChanged(); }} />}
      {doing === "remove" && (
        <Confirm title={`Remove the backend ${backend.name}?`} verb="Remove it" onClose={() => setDoing(null)}
          act={async () => { await call("DELETE", `/api/v1/backends/${namePath(backend.name)}`); onRemoved(); }}>
          <p>It can be removed once no expert refers to it.</p>
        </Confirm>
      )}
    </Section>
  );
}
