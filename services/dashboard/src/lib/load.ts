// What a page shows of the server: loaded, loaded again, kept while it is.
import {useEffect, useState} from "preact/hooks";
import {ApiError, epoch, get, send} from "./api";

export interface Loaded<T> {
  data: T | null;  // the last that came
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
  const round = epoch.value;

  useEffect(() => {
    if (path == null) {
      setState({path, data: null, error: null, loading: false});
      return;
    }
    const cancel = new AbortController();
    // What was shown of another range stays until the new one is there, so that nothing jumps.
    setState((old) => ({...old, path, loading: true}));
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

  return {data: state.data, error: state.error, loading: state.loading || (path != null && path !== state.path), reload: () => setTurn((old) => old + 1)};
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

// The state that a form shows, for If-Match: a change over another state is refused. Null while it is not
// known, or where the server says none. Asked for again where `shown` changes, since then it is another state.
export function useEtag(path: string | null, shown: unknown = null): string | null {
  const [etag, setEtag] = useState<string | null>(null);
  useEffect(() => {
    if (path) send("GET", path).then((reply) => setEtag(reply.headers.get("etag")), () => undefined);
  }, [path, shown]);
  return etag;
}
