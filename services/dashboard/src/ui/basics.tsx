// Small pieces that every page uses.
import {cloneElement, isValidElement, type ComponentChildren, type JSX, type VNode} from "preact";
import {useEffect, useId, useState} from "preact/hooks";
import {ApiError, wordsOf} from "../lib/api";
import {exactTime, relativeTime} from "../lib/time";
import {wordOf, type WordKind} from "../lib/words";

type Children = {children?: ComponentChildren};

// Relative, the exact one on hover.
export function Time({at}: {at: string | number | null | undefined}) {
  const [, turn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => turn((old) => old + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (at == null) return <span>–</span>;
  const time = new Date(typeof at === "number" ? at * 1000 : at);
  if (isNaN(+time)) return <span>{String(at)}</span>;
  return <time dateTime={time.toISOString()} title={exactTime(time)}>{relativeTime(time, new Date())}</time>;
}

export type Tone = "good" | "bad" | "warn" | "plain" | "info";

// `long`: a sentence, which may take several lines.
export function Badge({tone = "plain", title, long, children}: Children & {tone?: Tone; title?: string | undefined; long?: boolean}) {
  return <span class={`badge ${tone} ${long ? "long" : ""}`} title={title}>{children}</span>;
}

// A word of the API, with what it means on hover.
export function Word({of, value}: {of: WordKind; value: string}) {
  const {text, tone, why} = wordOf(of, value);
  return <Badge tone={tone} title={why || undefined}>{text}</Badge>;
}

export function Notice({tone = "info", children, title}: Children & {tone?: Tone; title?: string}) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {title && <strong>{title} </strong>}
      {children}
    </div>
  );
}

export function ErrorNotice({error, retry}: {error: unknown; retry?: () => void}) {
  if (!error) return null;
  const offered = !(error instanceof ApiError && error.notOffered);
  return (
    <Notice tone={offered ? "bad" : "info"}>
      {wordsOf(error)}{" "}
      {retry && offered && <button class="small" onClick={retry}>Try again</button>}
    </Notice>
  );
}

// What to do where there is nothing yet.
export function Empty({title, children}: Children & {title: string}) {
  return <div class="empty"><p class="empty-title">{title}</p>{children}</div>;
}

export function Section({title, aside, children, id}: Children & {title: string; aside?: ComponentChildren; id?: string}) {
  return (
    <section class="panel" id={id}>
      <header class="panel-head"><h2>{title}</h2>{aside && <div class="aside">{aside}</div>}</header>
      {children}
    </section>
  );
}

export function PageHead({title, children}: Children & {title: string}) {
  useEffect(() => {
    document.title = `${title} · moerge`;
  }, [title]);
  return <div class="page-head"><h1>{title}</h1><div class="actions">{children}</div></div>;
}

// A control with its name; `error` is the API's word on it. Help and error describe the control and are
// no part of its name.
export function Field({label, help, error, children}: Children & {label: string; help?: string | undefined; error?: string | null | undefined}) {
  const id = useId();
  const described = [help ? `${id}h` : "", error ? `${id}e` : ""].filter(Boolean).join(" ");
  return (
    <div class={error ? "field wrong" : "field"}>
      <label class="field-control">
        <span class="field-label">{label}</span>
        {described && isValidElement(children) && typeof children.type === "string" ? cloneElement(children as VNode<JSX.HTMLAttributes>, {"aria-describedby": described}) : children}
      </label>
      {help && <span class="help" id={`${id}h`}>{help}</span>}
      {error && <span class="field-error" id={`${id}e`} role="alert">{error}</span>}
    </div>
  );
}

export function Loading({what = "Loading"}: {what?: string}) {
  return <p class="loading" role="status">{what} …</p>;
}

// A share of one as a bar.
export function Bar({value, label, tone = "info"}: {value: number; label: string; tone?: Tone}) {
  const width = `${Math.max(0, Math.min(1, value)) * 100}%`;
  return <span class="bar" role="img" aria-label={label}><span class={`bar-fill ${tone}`} style={{width}} /></span>;
}

// Text from outside: as it is, its own direction, long ones folded.
export function Outside({text, most = 600}: {text: string; most?: number}) {
  const [open, setOpen] = useState(false);
  const long = text.length > most;
  return (
    <div>
      <pre class="outside" dir="auto">{long && !open ? text.slice(0, most) + "…" : text}</pre>
      {long && <button class="small" onClick={() => setOpen(!open)}>{open ? "Show less" : `Show all ${text.length.toLocaleString("en-US")} characters`}</button>}
    </div>
  );
}

export function Select({value, options, onChange, label, disabled, class: name}: {
  value: string; options: (string | [string, string])[]; onChange: (value: string) => void; label?: string;
  disabled?: boolean; class?: string;
}) {
  return (
    <select class={name} disabled={disabled} aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {options.map((option) => {
        const [key, text] = typeof option === "string" ? [option, option] : option;
        return <option key={key} value={key}>{text}</option>;
      })}
    </select>
  );
}

export function Tile({label, value, note, tone}: {label: string; value: ComponentChildren; note?: ComponentChildren; tone?: Tone}) {
  return (
    <div class={`tile ${tone ?? ""}`}>
      <span class="tile-label">{label}</span>
      <span class="tile-value">{value}</span>
      <span class="tile-note">{note}</span>
    </div>
  );
}
