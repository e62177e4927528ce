// Series over time with uPlot; all charts of one `sync` share a cursor.
import uPlot from "uplot";
import {useEffect, useRef, useState} from "preact/hooks";
import {exactTime} from "../lib/time";
import {dark} from "../ui/theme";

export interface Series {
  label: string;
  values: (number | null)[];
  color: number;  // of --c0 to --c7
  stacked?: boolean;
}

export interface LinesProps {
  title: string;
  times: number[];  // seconds, growing
  series: Series[];
  format: (value: number) => string;
  sync: string;
  bars?: boolean;
  empty?: string;
}

const HEIGHT = 150;

function color(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// Sums from below, so that the series stand on one another.
function stack(series: Series[]): (number | null)[][] {
  const sums: number[] = [];
  return series.map((one) => one.stacked
    ? one.values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0)) || null)
    : one.values);
}

const pad = (value: number) => String(value).padStart(2, "0");

// The time of day; at its beginning the day.
function timeText(seconds: number): string {
  const time = new Date(seconds * 1000);
  if (time.getHours() || time.getMinutes()) return `${pad(time.getHours())}:${pad(time.getMinutes())}`;
  return `${time.getDate()} ${time.toLocaleString("en-GB", {month: "short"})}`;
}

// A value without neighbours is no line: only a point shows it.
export function hasLonely(values: (number | null)[]): boolean {
  return values.some((value, index) => value != null && values[index - 1] == null && values[index + 1] == null);
}

// What stands on others is drawn before them, so that each covers its own part only.
const drawn = (series: Series[]) => (series.some((one) => one.stacked) ? [...series].reverse() : series);

function options(props: LinesProps, width: number, onCursor: (index: number | null) => void): uPlot.Options {
  const quiet = color("--quiet"), line = color("--line");
  const axis = {stroke: quiet, grid: {stroke: line, width: 1}, ticks: {stroke: line, width: 1}, font: "11px system-ui, sans-serif"};
  return {
    width, height: HEIGHT, legend: {show: false}, padding: [8, 22, 0, 0],
    cursor: {sync: {key: props.sync}, drag: {x: false, y: false}, points: {size: 6}},
    scales: {x: {time: true}, y: {range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1]}},
    axes: [{...axis, size: 30, values: (_plot, values) => values.map(timeText)}, {...axis, size: 84, values: (_plot, values) => values.map((value) => (value == null ? "" : props.format(value)))}],
    series: [{}, ...drawn(props.series).map((one) => {
      const stroke = color(`--c${one.color % 8}`);
      return {
        label: one.label, stroke, width: one.stacked ? 1 : 2, spanGaps: false,
        ...(one.stacked || props.bars ? {fill: stroke.replace("rgb(", "rgba(").replace(")", one.stacked ? ", 1)" : ", .55)")} : {}),
        ...(props.bars ? {paths: uPlot.paths.bars!({size: [0.7, 40]})} : {}),
        points: {show: !props.bars && !one.stacked && hasLonely(one.values), size: 6, fill: stroke},
      };
    })],
    hooks: {setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)]},
  };
}

function data(props: LinesProps): uPlot.AlignedData {
  const values = stack(props.series);
  return [props.times, ...(drawn(props.series) === props.series ? values : values.reverse())] as uPlot.AlignedData;
}

export function Lines(props: LinesProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const isDark = dark.value;
  const shape = props.series.map((one) => one.label + one.color + hasLonely(one.values)).join("|");
  const newest = useRef(props);
  newest.current = props;

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const made = new uPlot(options(newest.current, element.clientWidth, setIndex), data(newest.current), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({width: element.clientWidth, height: HEIGHT}));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark, shape, props.bars]);

  useEffect(() => plot.current?.setData(data(props)), [props.times, props.series]);

  const none = !props.times.length;
  const time = index == null ? null : props.times[index];
  return (
    <figure class="panel chart-panel">
      <figcaption class="row spread">
        <span class="chart-title">{props.title}</span>
        <span class="quiet">{time ? exactTime(new Date(time * 1000)).slice(0, 16) : ""}</span>
      </figcaption>
      <div class="chart" ref={frame} role="img" aria-label={summary(props)} />
      <div class="legend">
        {none ? <span>{props.empty ?? "Nothing in this time."}</span> : props.series.map((one) => (
          <span key={one.label}><i style={{background: `var(--c${one.color % 8})`}} />{one.label} <b>{legendValue(one, index, props.format)}</b></span>
        ))}
      </div>
    </figure>
  );
}

function legendValue(series: Series, index: number | null, format: (value: number) => string): string {
  const value = index == null ? undefined : series.values[index];
  return value == null ? "" : format(value);
}

function summary(props: LinesProps): string {
  const parts = props.series.map((one) => {
    const known = one.values.filter((value): value is number => value != null);
    return known.length ? `${one.label} up to ${props.format(Math.max(...known))}` : `${one.label}: none`;
  });
  return `${props.title}: ${parts.join("; ")}`;
}
