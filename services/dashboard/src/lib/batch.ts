// One batch, followed through its events; and what an answered line is about.
import {useFollowed, type Followed} from "./follow";
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

// Until it is over.
export const useBatch = (id: string): Followed<Batch> =>
  useFollowed<Batch>(`/api/v1/batches/${encodeURIComponent(id)}/progress?stream=true`, (batch) => !isRunning(batch));
