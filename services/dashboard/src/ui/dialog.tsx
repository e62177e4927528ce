// A native modal dialog, and one that asks before something cannot be undone.
import type {ComponentChildren} from "preact";
import {useEffect, useId, useRef} from "preact/hooks";
import {useAction} from "../lib/load";
import {ErrorNotice} from "./basics";

// `stays`: it is open as long as it is drawn; whoever wants to leave it is told of it by `onClose`.
export function Dialog({title, onClose, children, wide, stays}: {
  title: string; onClose: () => void; children: ComponentChildren; wide?: boolean; stays?: boolean;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    let mounted = true;
    // A browser may close it without asking.
    const closed = () => {
      if (!mounted) return;
      if (stays) dialog?.showModal();
      onClose();
    };
    dialog?.addEventListener("close", closed);
    dialog?.showModal();
    return () => {
      mounted = false;
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? "wide" : ""} aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onMouseDown={(event) => { if (event.target === element.current) onClose(); }}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          {!stays && <button class="plain" aria-label="Close" onClick={onClose}>✕</button>}
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function Confirm({title, verb, act, onClose, children}: {
  title: string; verb: string; act: () => Promise<void>; onClose: () => void; children: ComponentChildren;
}) {
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      <ErrorNotice error={action.error} />
      <footer class="dialog-foot">
        <button onClick={onClose}>Keep it</button>
        <button class="danger" disabled={action.busy}
          onClick={async () => { if (await action.run(act)) onClose(); }}>{verb}</button>
      </footer>
    </Dialog>
  );
}
