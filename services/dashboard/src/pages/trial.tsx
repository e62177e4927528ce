// A version of a policy that answers a share of its requests: what both do, put in force or taken back.
import type {ComponentChildren} from "preact";
import {useState} from "preact/hooks";
import {call, reloadAll} from "../lib/api";
import {count, milliseconds, percent, usd} from "../lib/format";
import {useAction, useEtag, useLoad} from "../lib/load";
import {changedFields} from "../lib/diff";
import {namePath} from "../lib/query";
import {alarmText} from "../lib/wrong";
import type {Policy, ScoreSample, Trial, TrialArm} from "../lib/types";
import {ErrorNotice, Field, Loading, Notice, Time} from "../ui/basics";
import {Dialog} from "../ui/dialog";
import {IntervalBar} from "./expert-card";

function Sample({sample, label}: {sample: ScoreSample; label: string}) {
  if (sample.mean == null) return <span class="quiet">nothing yet</span>;
  return (
    <span>
      <strong>{percent(sample.mean)}</strong> <span class="quiet">of {count(sample.count)}</span>
      <IntervalBar mean={sample.mean} {...(sample.low != null && sample.high != null ? {low: sample.low, high: sample.high} : {})} label={`${label}: ${percent(sample.mean)}`} />
    </span>
  );
}

function Arms({trial}: {trial: Trial}) {
  const rows: [string, (arm: TrialArm) => ComponentChildren][] = [
    ["Requests", (arm) => `${count(arm.requests)}${arm.cut ? " (the newest are counted)" : ""}`],
    ["Without error", (arm) => <Sample sample={arm.success} label="Without error" />],
    ["Judged good", (arm) => <Sample sample={arm.feedback} label="Judged good" />],
    ["Latency p50, p95, p99", (arm) => [arm.latency_ms.p50, arm.latency_ms.p95, arm.latency_ms.p99].map(milliseconds).join(", ")],
    ["Cost of a request", (arm) => (arm.requests ? usd(arm.cost_usd / arm.requests) : "–")],
    ["Calls of a request", (arm) => (arm.requests ? (arm.calls / arm.requests).toFixed(2) : "–")],
  ];
  return (
    <div class="diff">
      <strong>Since <Time at={trial.since} /></strong><strong>In force, {percent(1 - trial.share)}</strong><strong>On trial, {percent(trial.share)}</strong>
      {rows.map(([what, show]) => [<span key={what}>{what}</span>, <span key={what + "s"}>{show(trial.arms.stable)}</span>, <span key={what + "c"}>{show(trial.arms.candidate)}</span>])}
    </div>
  );
}

// What the comparison of both says, as a sentence. Pure.
export function verdictText(one: Trial["comparison"][number]): string {
  const what = one.measure === "feedback" ? "judgements" : "success";
  if (!one.enough) return `Too few requests to compare ${what} yet: both need at least 30.`;
  const points = `${Math.abs(one.difference * 100).toFixed(1)} points`;
  const side = one.difference >= 0 ? `better by ${points}` : `worse by ${points}`;
  return `By ${what} the version on trial is ${side}; that it is not worse has p = ${one.p < 0.001 ? "< 0.001" : one.p.toFixed(3)}.`;
}

export function TrialDialog({policy, old, onClose}: {policy: string; old: Policy | undefined; onClose: () => void}) {
  const path = `/api/v1/policies/${namePath(policy)}/trial`;
  const loaded = useLoad<Trial>(path, 5000);
  const [share, setShare] = useState("");
  const action = useAction();
  const trial = loaded.data;
  const etag = useEtag(path, trial?.share);
  const fields = trial && old ? changedFields({before: comparable(old), after: comparable(trial.candidate)}) : [];
  const act = (run: () => Promise<unknown>, close: boolean) => action.run(async () => {
    await run();
    reloadAll();
    if (close) onClose();
  });
  return (
    <Dialog title={`A version of ${policy} on trial`} onClose={onClose} wide>
      <ErrorNotice error={loaded.error ?? action.error} retry={loaded.reload} />
      {!trial && loaded.loading && <Loading />}
      {trial && <>
        {trial.alarms.map((alarm) => <Notice key={alarm.measure} tone="bad">{alarmText(alarm)}</Notice>)}
        <Arms trial={trial} />
        {trial.comparison.map((one) => <p key={one.measure}>{verdictText(one)}</p>)}
        <h3>What is different</h3>
        <div class="diff">
          <strong>Field</strong><strong>In force</strong><strong>On trial</strong>
          {fields.map(([key, before, after]) => [<code key={key}>{key}</code>, <span key={key + "b"} class="was" dir="auto">{before}</span>, <span key={key + "a"} dir="auto">{after}</span>])}
        </div>
        <form class="row" onSubmit={(event) => {
          event.preventDefault();
          void act(() => call("PUT", path, {body: {share: Number(share) / 100}}), false);
        }}>
          <Field label="Share of conversations, %"><input type="number" min="0" max="100" step="any" required value={share} placeholder={(trial.share * 100).toString()} onInput={(event) => setShare(event.currentTarget.value)} /></Field>
          <button type="submit" disabled={action.busy || !share}>Change the share</button>
        </form>
        <footer class="dialog-foot">
          <button class="danger" disabled={action.busy} onClick={() => void act(() => call("DELETE", path, {ifMatch: etag}), true)}>Take it back</button>
          <button class="primary" disabled={action.busy} onClick={() => void act(() => call("POST", `${path}/promote`, {body: {}, ifMatch: etag}), true)}>Put it in force</button>
        </footer>
      </>}
    </Dialog>
  );
}

function comparable({name: _name, origin: _origin, trial: _trial, ...rest}: Policy): Record<string, unknown> {
  return rest;
}
