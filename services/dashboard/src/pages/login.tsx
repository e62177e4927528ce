// Where keys are configured: one that administers opens the dashboard.
import {useState} from "preact/hooks";
import {logIn} from "../lib/api";
import {useAction} from "../lib/load";
import {ErrorNotice, Field} from "../ui/basics";

export function Login() {
  const [key, setKey] = useState("");
  const action = useAction();
  return (
    <main class="login">
      <h1>moerge</h1>
      <form onSubmit={(event) => {
        event.preventDefault();
        void action.run(() => logIn(key));
      }}>
        <Field label="API key" help="A key with the role admin, as the configuration file has it. It is exchanged for a session and not kept in this page.">
          <input type="password" autocomplete="current-password" required value={key} onInput={(event) => setKey(event.currentTarget.value)} />
        </Field>
        <ErrorNotice error={action.error} />
        <button type="submit" class="primary" disabled={action.busy || !key}>Log in</button>
      </form>
    </main>
  );
}
