// A time range of one's own.
import {useState} from "preact/hooks";
import {Field} from "./basics";
import {Dialog} from "./dialog";

function local(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function RangeDialog({onClose, onRange}: {onClose: () => void; onRange: (key: string) => void}) {
  const [from, setFrom] = useState(local(new Date(Date.now() - 86_400_000)));
  const [to, setTo] = useState(local(new Date()));
  const wrong = new Date(from) < new Date(to) ? null : "The end must be after the beginning.";
  return (
    <Dialog title="Time range" onClose={onClose}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (wrong) return;
        onRange(`${new Date(from).toISOString()}..${new Date(to).toISOString()}`);
        onClose();
      }}>
        <Field label="From"><input type="datetime-local" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} /></Field>
        <Field label="To" error={wrong}><input type="datetime-local" required value={to} onInput={(event) => setTo(event.currentTarget.value)} /></Field>
        <footer class="dialog-foot"><button type="submit" class="primary">Show</button></footer>
      </form>
    </Dialog>
  );
}
