// A ticket that was taken elsewhere, at a kiosk: this phone holds it from now on.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { useApp } from "../app/context.ts";
import { Loading, NotLoaded } from "../app/parts.tsx";

export function Take({ token }: { token: string }): JSX.Element {
  const { api, session } = useApp();
  const [error, setError] = useState<unknown>(null);
  const take = async (): Promise<void> => {
    setError(null);
    try {
      session.hold(await api.ticket(token));
      // The secret stays in no address that one can go back to.
      location.replace("#/ticket");
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => void take(), [token]);
  return error === null ? <Loading lines={3} /> : <NotLoaded error={error} again={() => void take()} />;
}
