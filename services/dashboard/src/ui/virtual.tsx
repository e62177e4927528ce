// A list of which only what is in sight is in the document.
import {elementScroll, observeElementOffset, observeElementRect, Virtualizer} from "@tanstack/virtual-core";
import type {ComponentChildren} from "preact";
import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";

const ROW = 34;

export function VirtualList({count, label, head, row, onEnd, onTop}: {
  count: number; label: string; head: ComponentChildren;
  row: (index: number, style: {transform: string}) => ComponentChildren;
  onEnd: () => void;             // the last row comes into sight
  onTop: (atTop: boolean) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, draw] = useState(0);
  const virtual = useRef<Virtualizer<HTMLDivElement, HTMLElement> | null>(null);
  const options = {
    count, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8,
    scrollToFn: elementScroll, observeElementRect, observeElementOffset, onChange: () => draw((old) => old + 1),
  };
  virtual.current ??= new Virtualizer<HTMLDivElement, HTMLElement>(options);
  virtual.current.setOptions(options);
  useLayoutEffect(() => virtual.current!._didMount(), []);
  useLayoutEffect(() => virtual.current!._willUpdate());
  const items = virtual.current.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const top = (virtual.current.scrollOffset ?? 0) < ROW;
  useEffect(() => {
    if (last >= count - 1 && count) onEnd();
  }, [last, count]);
  useEffect(() => onTop(top), [top]);
  return (
    <div class="list-frame" role="table" aria-label={label} aria-rowcount={count}>
      <div class="list-row list-head" role="row">{head}</div>
      <div class="list-scroll" ref={scroller} role="rowgroup" style={{maxHeight: `${count * ROW + 18}px`}} tabIndex={0} aria-label={label}>
        <div class="list-inner" role="presentation" style={{height: `${virtual.current.getTotalSize()}px`}}>
          {items.map((item) => row(item.index, {transform: `translateY(${item.start}px)`}))}
        </div>
      </div>
    </div>
  );
}
