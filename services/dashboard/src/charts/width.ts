// The width that a picture has, so that its letters keep their size.
import {useCallback, useRef, useState} from "preact/hooks";

export function useWidth(): [number, (element: SVGSVGElement | null) => void] {
  const [width, setWidth] = useState(640);
  const watch = useRef<ResizeObserver | null>(null);
  const attach = useCallback((element: SVGSVGElement | null) => {
    watch.current?.disconnect();
    if (!element) return;
    watch.current = new ResizeObserver(() => setWidth(Math.max(240, element.clientWidth)));
    watch.current.observe(element);
  }, []);
  return [width, attach];
}
