// The state of the page in its address, and the time filter that all pages share.
import {useLocation} from "preact-iso/router";
import {useMemo} from "preact/hooks";
import {address, patched, type Query} from "./query";
import {parseRange, type Range} from "./time";
import {epoch} from "./api";

export interface Page {
  query: Query;
  path: string;
  range: Range;
  rangeQuery: string;  // since=...&until=... for the API
  // Replaces the address: what is typed into a filter is no step of the history.
  set: (patch: Query) => void;
  go: (path: string, query?: Query) => void;
  // An address of the dashboard that keeps the time filter.
  href: (path: string, query?: Query) => string;
}

export function usePage(): Page {
  const location = useLocation();
  const query = location.query as Query;
  const key = query["t"];
  const round = epoch.value;
  const range = useMemo(() => parseRange(key, new Date()), [key, round]);
  const href = (path: string, more: Query = {}) => address("/ui" + path, {t: key, ...more});
  const rangeQuery = `since=${encodeURIComponent(range.since.toISOString())}` +
    (range.until ? `&until=${encodeURIComponent(range.until.toISOString())}` : "");
  return {
    query, path: location.path, range, rangeQuery, href,
    set: (patch) => location.route(address(location.path, patched(query, patch)), true),
    go: (path, more) => location.route(href(path, more)),
  };
}
