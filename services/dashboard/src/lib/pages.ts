// A list of the server that is shown page by page: what was loaded stays, more is added on request.
import {useEffect, useState} from "preact/hooks";
import {ApiError, epoch, get} from "./api";
import type {List} from "./types";

export interface Pages<T> {
  rows: T[] | null;  // null: nothing has come yet
  more: boolean;
  loading: boolean;
  error: ApiError | null;
  loadMore: () => void;
  reload: () => void;
}

// All pages up to `count`, one after the other, since each begins where the one before ends.
async function load<T>(path: string, nameOf: (row: T) => string, count: number, signal: AbortSignal): Promise<{rows: T[]; more: boolean}> {
  const rows: T[] = [];
  for (let page = 0; page < count; page++) {
    const last = rows.at(-1);
    const list = await get<List<T>>(path + (last ? `&after=${encodeURIComponent(nameOf(last))}` : ""), signal);
    rows.push(...list.data);
    if (!list.has_more) return {rows, more: false};
  }
  return {rows, more: true};
}

// `path` holds its limit; `every`: milliseconds, while the page is looked at.
export function usePages<T>(path: string, nameOf: (row: T) => string, every = 0): Pages<T> {
  const [count, setCount] = useState({path, pages: 1});
  const [state, setState] = useState<{rows: T[] | null; more: boolean; loading: boolean; error: ApiError | null}>({rows: null, more: false, loading: true, error: null});
  const [turn, setTurn] = useState(0);
  const round = epoch.value;
  const pages = count.path === path ? count.pages : 1;

  useEffect(() => {
    const cancel = new AbortController();
    setState((old) => ({...old, loading: true}));
    load(path, nameOf, pages, cancel.signal).then(
      (found) => setState({...found, loading: false, error: null}),
      (error: unknown) => {
        if (!cancel.signal.aborted) setState((old) => ({...old, loading: false, error: error instanceof ApiError ? error : new ApiError(String(error), 0)}));
      });
    return () => cancel.abort();
  }, [path, pages, turn, round]);

  useEffect(() => {
    if (!every) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((old) => old + 1);
    }, every);
    return () => clearInterval(timer);
  }, [every]);

  return {...state, loadMore: () => setCount({path, pages: pages + 1}), reload: () => setTurn((old) => old + 1)};
}
