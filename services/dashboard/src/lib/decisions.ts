// Which requests a list shows, page by page, and those that come in while it is looked at.
import {useEffect, useMemo, useRef, useState} from "preact/hooks";
import {ApiError, epoch, get} from "./api";
import {liveState, onDecision} from "./live";
import type {DecisionRow, List} from "./types";

export const FILTERS = ["policy", "expert", "skill", "outcome", "client", "status"] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

const PAGE = 200;
const KEPT = 200_000;       // rows in memory; older ones are found by the time filter
const POLL = 3000;
const WRITTEN_MS = 10_000;  // by then a request that was shown live is in the store too

export function passes(row: DecisionRow, filters: Filters): boolean {
  return FILTERS.every((key) => !filters[key] || String(row[key]) === filters[key]);
}

// Those of `fresh` that `known` does not start with, newest first.
export function newer(fresh: DecisionRow[], known: DecisionRow[]): DecisionRow[] {
  const ids = new Set(known.slice(0, fresh.length + PAGE).map((row) => row.id));
  return fresh.filter((row) => !ids.has(row.id));
}

// A page from the store, with those shown live of late that it does not have yet.
export function withArrived(page: DecisionRow[], arrived: {row: DecisionRow; at: number}[], filters: Filters, now: number): DecisionRow[] {
  const late = arrived.filter(({row, at}) => now - at < WRITTEN_MS && passes(row, filters)).map(({row}) => row);
  return [...newer(late, page), ...page];
}

export interface Decisions {
  rows: DecisionRow[];
  waiting: DecisionRow[];  // came in while the list was paused
  more: boolean;
  loading: boolean;
  error: ApiError | null;
  loadMore: () => void;
  showWaiting: () => void;
}

export function useDecisions(filters: Filters, rangeQuery: string, tail: boolean, paused: boolean): Decisions {
  const query = useMemo(() => new URLSearchParams(Object.entries(filters).filter((entry): entry is [string, string] => Boolean(entry[1]))).toString() + "&" + rangeQuery,
    [JSON.stringify(filters), rangeQuery]);
  const [rows, setRows] = useState<DecisionRow[]>([]);
  const [waiting, setWaiting] = useState<DecisionRow[]>([]);
  const [state, setState] = useState<{more: boolean; loading: boolean; error: ApiError | null}>({more: false, loading: true, error: null});
  const round = useRef(0);
  const current = useRef({rows, waiting, paused, loading: false, arrived: [] as {row: DecisionRow; at: number}[]});
  current.current.rows = rows;
  current.current.waiting = waiting;
  current.current.paused = paused;

  const load = (before: string | null) => {
    if (current.current.loading && before) return;
    const mine = before ? round.current : ++round.current;
    current.current.loading = true;
    setState((old) => ({...old, loading: true, error: null}));
    get<List<DecisionRow>>(`/api/v1/decisions?limit=${PAGE}&${query}${before ? `&before=${before}` : ""}`).then((list) => {
      if (mine !== round.current) return;
      setRows((old) => (before ? [...old, ...list.data] : tail ? withArrived(list.data, current.current.arrived, filters, Date.now()) : list.data));
      if (!before) setWaiting([]);
      setState({more: Boolean(list.has_more), loading: false, error: null});
    }, (error: ApiError) => {
      if (mine === round.current) setState((old) => ({...old, loading: false, error}));
    }).finally(() => {
      if (mine === round.current) current.current.loading = false;
    });
  };

  const epochNow = epoch.value;
  useEffect(() => load(null), [query, epochNow]);

  const arrive = (fresh: DecisionRow[]) => {
    const own = newer(newer(fresh.filter((row) => passes(row, filters)), current.current.rows), current.current.waiting);
    if (!own.length) return;
    if (current.current.paused) setWaiting((old) => [...own, ...old]);
    else setRows((old) => [...own, ...old].slice(0, KEPT));
  };

  const live = liveState.value === "live";
  useEffect(() => {
    if (!tail) return;
    let over = false;
    const look = () => get<List<DecisionRow>>(`/api/v1/decisions?limit=${PAGE}&${query}`).then((list) => over || arrive(list.data), () => undefined);
    if (live) void look();  // what ended before the events began
    const stop = live ? onDecision((row) => {
      const at = Date.now();
      current.current.arrived = [{row, at}, ...current.current.arrived.filter((one) => at - one.at < WRITTEN_MS)].slice(0, PAGE);
      arrive([row]);
    }) : undefined;
    const timer = live ? undefined : setInterval(() => document.hidden || void look(), POLL);
    return () => {
      over = true;
      stop?.();
      clearInterval(timer);
    };
  }, [tail, live, query]);

  return {
    rows, waiting, ...state,
    loadMore: () => {
      const last = current.current.rows.at(-1);
      if (last && state.more && current.current.rows.length < KEPT) load(last.id);
    },
    showWaiting: () => {
      setRows((old) => [...current.current.waiting, ...old].slice(0, KEPT));
      setWaiting([]);
    },
  };
}
