// How far something is, followed through its events named `progress`.
import {useEffect, useState} from "preact/hooks";
import {ApiError, epoch, send} from "./api";
import {readEvents} from "./sse";

export interface Followed<T> {
  data: T | null;
  error: ApiError | null;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

// Until it is over; a stream that ends before is begun again, as after a restart of the server. `path` null: nothing.
export function useFollowed<T>(path: string | null, isOver: (state: T) => boolean): Followed<T> {
  const [followed, setFollowed] = useState<Followed<T> & {path: string | null}>({path, data: null, error: null});
  const round = epoch.value;
  useEffect(() => {
    if (path == null) return;
    const cancel = new AbortController();
    const follow = async () => {
      let over = false;
      const reply = await send("GET", path, {signal: cancel.signal});
      await readEvents(reply, ({event, data}) => {
        if (event !== "progress") return;
        const next = JSON.parse(data) as T;
        over = isOver(next);
        setFollowed({path, data: next, error: null});
      });
      return over;
    };
    const run = async () => {
      while (!cancel.signal.aborted) {
        try {
          if (await follow()) return;
        } catch (caught) {
          if (cancel.signal.aborted) return;
          if (caught instanceof ApiError) setFollowed((old) => ({...old, error: caught}));
          if (caught instanceof ApiError && [401, 403, 404].includes(caught.status)) return;
          await pause(2000);
        }
        await pause(500);
      }
    };
    void run();
    return () => cancel.abort();
  }, [path, round]);
  return followed.path === path ? followed : {data: null, error: null};
}
