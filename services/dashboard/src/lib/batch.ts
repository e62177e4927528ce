// One batch, followed through its events; and what an answered line is about.
import {useEffect, useState} from "preact/hooks";
import {ApiError, epoch, send} from "./api";
import {readEvents} from "./sse";
import type {Batch} from "./types";

const RUNNING = ["validating", "in_progress", "finalizing", "cancelling"];

export const isRunning = (batch: Batch) => RUNNING.includes(batch.status);

// As the server says; else from the rate so far. Null where nothing can be said.
export function timeLeft(batch: Batch, now: number): number | null {
  const {total, completed, failed} = batch.request_counts;
  const done = completed + failed;
  if (!isRunning(batch) || !batch.in_progress_at || done >= total) return null;
  if (batch.moerge.seconds_left != null) return batch.moerge.seconds_left * 1000;
  return done ? ((now / 1000 - batch.in_progress_at) / done) * (total - done) * 1000 : null;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

// Follows until it is over; a stream that ends before is begun again, as after a restart of the server.
export function useBatch(id: string): {batch: Batch | null; error: ApiError | null} {
  const [batch, setBatch] = useState<Batch | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const round = epoch.value;
  useEffect(() => {
    const cancel = new AbortController();
    const follow = async () => {
      let over = false;
      const reply = await send("GET", `/api/v1/batches/${encodeURIComponent(id)}/progress?stream=true`, {signal: cancel.signal});
      setError(null);
      await readEvents(reply, ({event, data}) => {
        if (event !== "progress") return;
        const next = JSON.parse(data) as Batch;
        over = !isRunning(next);
        setBatch(next);
      });
      return over;
    };
    const run = async () => {
      while (!cancel.signal.aborted) {
        try {
          if (await follow()) return;
        } catch (caught) {
          if (cancel.signal.aborted) return;
          if (caught instanceof ApiError) setError(caught);
          if (caught instanceof ApiError && [401, 403, 404].includes(caught.status)) return;
          await pause(2000);
        }
        await pause(500);
      }
    };
    void run();
    return () => cancel.abort();
  }, [id, round]);
  return {batch, error};
}
