// Versions of the registry: what each changed, what differs from today, and bringing one back.
import {useState} from "preact/hooks";
import {call, reloadAll} from "../lib/api";
import {changedFields} from "../lib/diff";
import {plural} from "../lib/format";
import {useAction, useLoad} from "../lib/load";
import {parseOrder} from "../lib/tables";
import type {List, Restored, Revision, RevisionDifference} from "../lib/types";
import {ErrorNotice, Loading, Notice, Section, Time} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {Table, type Column} from "../ui/table";

const VERBS: Record<string, string> = {create: "added", change: "changed", remove: "removed"};

function changesText(revision: Revision): string {
  const named = revision.named.map((one) => `${one.kind} ${one.name} ${VERBS[one.action] ?? one.action}`).join(", ");
  const more = revision.changes - revision.named.length;
  return more > 0 ? `${named} and ${plural(more, "other change")}` : named;
}

export function Revisions() {
  const list = useLoad<List<Revision>>("/api/v1/revisions?limit=50");
  const [chosen, setChosen] = useState<number | null>(null);
  const rows = list.data?.data ?? [];
  const newest = rows[0]?.revision;
  const columns: Column<Revision>[] = [
    {key: "revision", title: "Revision", number: true, value: (row) => row.revision},
    {key: "time", title: "When", value: (row) => row.time, show: (row) => <Time at={row.time} />},
    {key: "who", title: "Who", wide: true, value: (row) => row.who ?? "without a key"},
    {key: "changes", title: "What", value: changesText, show: (row) => <span dir="auto">{changesText(row)}</span>},
    {key: "act", title: "", value: () => null, show: (row) => (row.revision === newest ? <span class="quiet">in force</span> : <button class="small" onClick={() => setChosen(row.revision)}>Compare</button>)},
  ];
  return (
    <Section title="Versions of the registry" aside="Backends, experts, skills and policies">
      <ErrorNotice error={list.error} retry={list.reload} />
      {list.data && !rows.length && <p class="quiet">Nothing was changed yet.</p>}
      {rows.length > 0 && <Table label="Versions" columns={columns} rows={rows} keyOf={(row) => String(row.revision)} order={parseOrder(undefined, {key: "revision", down: true})} />}
      {list.data?.has_more && <p class="quiet">Older ones are in the record of changes.</p>}
      {chosen != null && <Compare revision={chosen} onClose={() => setChosen(null)} />}
    </Section>
  );
}

function Compare({revision, onClose}: {revision: number; onClose: () => void}) {
  const loaded = useLoad<List<RevisionDifference>>(`/api/v1/revisions/compare?from=${revision}`);
  const [done, setDone] = useState<Restored | null>(null);
  const action = useAction();
  const restore = () => action.run(async () => {
    setDone(await call<Restored>("POST", `/api/v1/revisions/${revision}/restore`, {body: {}}));
    reloadAll();
  });
  const found = loaded.data?.data ?? [];
  return (
    <Dialog title={`Revision ${revision} and today`} onClose={onClose} wide>
      <ErrorNotice error={loaded.error ?? action.error} />
      {!loaded.data && loaded.loading && <Loading />}
      {done ? <>
        <Notice tone="good">Revision {revision} is in force again, as revision {done.revision}: {plural(done.put, "thing")} put back, {plural(done.removed, "thing")} removed.</Notice>
        {done.skipped.map((why) => <Notice key={why} tone="warn">{why}</Notice>)}
      </> : <>
        {loaded.data && !found.length && <p>Nothing differs.</p>}
        {found.map((one) => (
          <div key={one.kind + one.name} class="vote">
            <p><strong dir="auto">{one.kind} {one.name}</strong> {one.before ? (one.after ? "differs" : "was removed since") : "was added since"}</p>
            <div class="diff">
              <strong>Field</strong><strong>Revision {revision}</strong><strong>Today</strong>
              {changedFields(one).map(([key, before, after]) => [<code key={key}>{key}</code>, <span key={key + "b"} class="was" dir="auto">{before}</span>, <span key={key + "a"} dir="auto">{after}</span>])}
            </div>
          </div>
        ))}
      </>}
      <footer class="dialog-foot">
        <button onClick={onClose}>Close</button>
        {!done && found.length > 0 && <button class="primary" disabled={action.busy} onClick={() => void restore()}>Bring revision {revision} back</button>}
      </footer>
    </Dialog>
  );
}
