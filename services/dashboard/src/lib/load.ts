// What a page shows of the server: loaded, loaded again, kept while it is.
import {useEffect, useRef, useState} from "preact/hooks";
import {ApiError, epoch, get} from "./api";

export interface Loaded<T> {
  data: T | null;  // the last that came, of this path
  error: ApiError | null;
  loading: boolean;
  reload: () => void;
}

function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(error instanceof Error ? error.message : String(error), 0);
}

// `path` null: nothing is loaded. `every`: milliseconds, while the page is looked at.
export function useLoad<T>(path: string | null, every = 0): Loaded<T> {
  const [state, setState] = useState<{path: string | null; data: T | null; error: ApiError | null; loading: boolean}>(
    {path, data: null, error: null, loading: path != null});
  const [turn, setTurn] = useState(0);
  const shown = useRef(path);
  const round = epoch.value;

  useEffect(() => {
    if (path == null) {
      setState({path, data: null, error: null, loading: false});
      return;
    }
    const cancel = new AbortController();
    const other = shown.current !== path;
    shown.current = path;
    setState((old) => ({path, data: other ? keepShape(old.data) : old.data, error: old.error, loading: true}));
    get<T>(path, cancel.signal).then(
      (data) => setState({path, data, error: null, loading: false}),
      (error: unknown) => {
        if (!cancel.signal.aborted) setState((old) => ({...old, error: toApiError(error), loading: false}));
      });
    return () => cancel.abort();
  }, [path, turn, round]);

  useEffect(() => {
    if (!every || path == null) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((old) => old + 1);
    }, every);
    return () => clearInterval(timer);
  }, [path, every]);

  return {data: state.data, error: state.error, loading: state.loading, reload: () => setTurn((old) => old + 1)};
}

// A chart or list of another range stays until the new one is there, so that nothing jumps.
function keepShape<T>(data: T | null): T | null {
  return data;
}

// Runs `act` once at a time; its error in words, and whether it runs.
export function useAction(): {
  busy: boolean; error: ApiError | null; clear: () => void; run: (act: () => Promise<void>) => Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await act();
      return true;
    } catch (caught) {
      setError(toApiError(caught));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {busy, error, clear: () => setError(null), run};
}
