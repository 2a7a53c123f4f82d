import { useEffect, useState } from "preact/hooks";
import type { Gateway } from "./gateway.ts";
import type { Route } from "./route.ts";

export interface AppProps {
  gateway: Gateway;
  route: Route;
  version: string;
}

export function App({ gateway, version }: AppProps) {
  const [status, setStatus] = useState<{ state: string; jobs: number }>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const load = () =>
      gateway
        .read<{ state: string; jobs: number }>("status")
        .then(setStatus, (error: Error) => setProblem(error.message));
    void load();
    return gateway.onChange(() => void load());
  }, [gateway]);
  return (
    <main>
      <h1>Command Cron {version}</h1>
      <p>{problem ?? (status === undefined ? "…" : `${status.state}, ${status.jobs} jobs`)}</p>
    </main>
  );
}
