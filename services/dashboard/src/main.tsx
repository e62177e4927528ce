import {render} from "preact";
import lazy, {ErrorBoundary} from "preact-iso/lazy";
import {LocationProvider, Route, Router} from "preact-iso/router";
import {useEffect, useState} from "preact/hooks";
import {loadSession, online, session, wordsOf} from "./lib/api";
import {runLive} from "./lib/live";
import {Login} from "./pages/login";
import {Loading, Notice} from "./ui/basics";
import {MadeSecret} from "./ui/secret";
import {NotFound, Shell} from "./ui/shell";
import {applyTheme} from "./ui/theme";
import "./style/index.css";

const Overview = lazy(() => import("./pages/overview"));
const Experts = lazy(() => import("./pages/experts"));
const Skills = lazy(() => import("./pages/skills"));
const Playground = lazy(() => import("./pages/playground"));
const Requests = lazy(() => import("./pages/requests"));
const Request = lazy(() => import("./pages/request"));
const Batches = lazy(() => import("./pages/batches"));
const Evaluation = lazy(() => import("./pages/evaluation"));
const Policies = lazy(() => import("./pages/policies"));
const Keys = lazy(() => import("./pages/keys"));
const Settings = lazy(() => import("./pages/settings"));

function Pages() {
  const [broken, setBroken] = useState<unknown>(null);
  if (broken) return <Notice tone="bad" title="This page failed.">{wordsOf(broken)} <a href={location.href} onClick={() => location.reload()}>Load it again</a></Notice>;
  return (
    <ErrorBoundary onError={setBroken}>
      <Router>
        <Route path="/ui" component={Overview} />
        <Route path="/ui/experts" component={Experts} />
        <Route path="/ui/skills" component={Skills} />
        <Route path="/ui/playground" component={Playground} />
        <Route path="/ui/requests" component={Requests} />
        <Route path="/ui/requests/:id" component={Request} />
        <Route path="/ui/batches" component={Batches} />
        <Route path="/ui/evaluation" component={Evaluation} />
        <Route path="/ui/policies" component={Policies} />
        <Route path="/ui/keys" component={Keys} />
        <Route path="/ui/settings" component={Settings} />
        <Route default component={NotFound} />
      </Router>
    </ErrorBoundary>
  );
}

function App() {
  const [error, setError] = useState<unknown>(null);
  const connected = online.value;
  useEffect(() => {
    if (!session.value) loadSession().then(() => setError(null), setError);
  }, [connected]);
  if (!session.value) return error ? <Notice tone="bad">{wordsOf(error)}</Notice> : <Loading what="Connecting to moerge" />;
  if (session.value.login_required) return <Login />;
  return <Shell><Pages /></Shell>;
}

applyTheme();
void runLive();
const root = document.getElementById("app");
if (root) render(<LocationProvider scope="/ui"><App /><MadeSecret /></LocationProvider>, root);
