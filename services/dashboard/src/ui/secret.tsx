// A secret that was just made, over whatever the page shows, until the person has it.
import {useEffect, useState} from "preact/hooks";
import {useAction} from "../lib/load";
import {forgetSecret, madeSecret} from "../lib/secret";
import {ErrorNotice, Notice} from "./basics";
import {Dialog} from "./dialog";

const askBeforeLeaving = (event: BeforeUnloadEvent) => event.preventDefault();

export function MadeSecret() {
  const secret = madeSecret.value;
  return secret && <SecretDialog key={secret.text} {...secret} />;
}

function SecretDialog({name, text}: {name: string; text: string}) {
  const copying = useAction();
  const [copied, setCopied] = useState(false);
  const [hasty, setHasty] = useState(false);
  useEffect(() => {
    addEventListener("beforeunload", askBeforeLeaving);
    return () => removeEventListener("beforeunload", askBeforeLeaving);
  }, []);
  return (
    <Dialog title={`The secret of ${name}`} stays onClose={() => setHasty(true)}>
      <p>It is shown this once and kept nowhere: only its hash is stored. Keep it where clients read it.</p>
      <pre class="code" aria-label="Secret">{text}</pre>
      {hasty && <Notice tone="warn">It cannot be shown again. Copy it, then press “I have it”.</Notice>}
      <ErrorNotice error={copying.error} />
      <footer class="dialog-foot">
        <button onClick={() => void copying.run(async () => { await navigator.clipboard.writeText(text); setCopied(true); })}>{copied ? "Copied" : "Copy"}</button>
        <button class="primary" onClick={() => void forgetSecret()}>I have it</button>
      </footer>
    </Dialog>
  );
}
