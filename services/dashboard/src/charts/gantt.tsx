// What devices have loaded when: loads hatched, each expert in its colour, a line at the present and at the
// expected end.
import {useState} from "preact/hooks";
import {lanesOf, nameOf, spellText, type SpellBar, type Window} from "../lib/schedule";
import {ticks} from "../lib/scale";
import {span} from "../lib/format";
import type {ResidencySpell} from "../lib/types";
import {useWidth} from "./width";

const LANE = 26, GAP = 10, AXIS = 24, RIGHT = 12, LETTER = 7.2;
const COLOURS = 8;

const pad = (value: number) => String(value).padStart(2, "0");

function clock(ms: number, seconds: boolean): string {
  const time = new Date(ms);
  return `${pad(time.getHours())}:${pad(time.getMinutes())}${seconds ? `:${pad(time.getSeconds())}` : ""}`;
}

// Steps that a clock has, about one in 110 pixels.
function steps(window: Window, width: number): number[] {
  const wanted = (window.to - window.from) / Math.max(1, width / 110) / 1000;
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].find((one) => one >= wanted);
  if (!step) return ticks(window.from, window.to, 4);
  const list: number[] = [];
  for (let at = Math.ceil(window.from / 1000 / step) * step * 1000; at <= window.to; at += step * 1000) list.push(at);
  return list;
}

// `live`: the time goes on; else what is shown is over.
export function Gantt({spells, window, now, end, live, onChoose}: {
  spells: ResidencySpell[]; window: Window; now: number; end: number | null; live: boolean; onChoose?: (spell: ResidencySpell) => void;
}) {
  const [width, attach] = useWidth();
  const [over, setOver] = useState<string | null>(null);
  const devices = lanesOf(spells, window, now);
  const names = [...new Set(spells.map(nameOf))].sort();
  const colour = (spell: ResidencySpell) => `var(--c${names.indexOf(nameOf(spell)) % COLOURS})`;
  const left = width < 500 ? 64 : 110;
  const x = (ms: number) => left + ((ms - window.from) / (window.to - window.from)) * (width - left - RIGHT);
  let top = 4;
  const rows = devices.map(({device, lanes}) => {
    const at = top;
    top += lanes.length * LANE + GAP;
    return {device, lanes, at};
  });
  const bottom = top, height = bottom + AXIS;
  const seconds = window.to - window.from < 10 * 60_000;
  return (
    <figure class="gantt">
      <svg class="picture" ref={attach} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Models by device: ${devices.map((one) => one.device).join(", ")}`}>
        <defs>
          <pattern id="loading" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="7" height="7" fill="var(--panel)" /><rect width="3" height="7" fill="var(--quiet)" />
          </pattern>
        </defs>
        {steps(window, width - left - RIGHT).map((tick) => (
          <g key={tick}><line class="guide" x1={x(tick)} x2={x(tick)} y1="0" y2={bottom} /><text class="quiet" x={x(tick)} y={height - 6} text-anchor="middle">{clock(tick, seconds)}</text></g>
        ))}
        {rows.map(({device, lanes, at}) => (
          <g key={device}>
            <text x="2" y={at + 17}>{device.slice(0, left / 8)}<title>{device}</title></text>
            {lanes.map((lane, index) => lane.map((bar) => (
              <Bar key={bar.spell.begun + nameOf(bar.spell)} bar={bar} x={Math.max(left, x(bar.from))} to={Math.max(x(bar.to), x(bar.from) + 2)} y={at + index * LANE} colour={colour(bar.spell)}
                text={spellText(bar.spell, now)} onOver={setOver} onChoose={() => onChoose?.(bar.spell)} />
            )))}
          </g>
        ))}
        {live && <line x1={x(now)} x2={x(now)} y1="0" y2={bottom} stroke="var(--bad)" stroke-width="1.5"><title>now</title></line>}
        {end != null && <line x1={x(end)} x2={x(end)} y1="0" y2={bottom} stroke="var(--text)" stroke-width="1" stroke-dasharray="5 3"><title>{`expected end, in ${span(end - now)}`}</title></line>}
      </svg>
      <figcaption class="legend">
        {names.slice(0, 12).map((name, index) => <span key={name} dir="auto"><i style={{background: `var(--c${index % COLOURS})`}} />{name}</span>)}
        <span><i class="hatched" />loading</span>{live && <span><i class="line-now" />now</span>}{end != null && <span><i class="line-end" />expected end</span>}
      </figcaption>
      <p class="quiet gantt-said" aria-hidden="true">{over ?? ""}</p>
    </figure>
  );
}

function Bar({bar, x, to, y, colour, text, onOver, onChoose}: {
  bar: SpellBar; x: number; to: number; y: number; colour: string; text: string; onOver: (text: string | null) => void; onChoose: () => void;
}) {
  const width = Math.max(2, to - x), name = nameOf(bar.spell);
  const {state} = bar.spell;
  const fits = state === "loaded" && name.length * LETTER + 8 < width;
  return (
    <g class={`spell ${state}`} onMouseEnter={() => onOver(text)} onMouseLeave={() => onOver(null)} onClick={onChoose}>
      <rect x={x} y={y} width={width} height={LANE - 4} rx="3" fill={state === "loading" ? "url(#loading)" : state === "failed" ? "var(--bad)" : colour}
        stroke={state === "loading" ? colour : "none"} stroke-width="1.5"><title>{text}</title></rect>
      {fits && <text class="on-bar" x={x + 6} y={y + 15}>{name}</text>}
    </g>
  );
}
