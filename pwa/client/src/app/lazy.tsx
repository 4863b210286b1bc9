// Screens that are loaded when they are opened first. The worker keeps them on the phone.

import type { FunctionComponent, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { NoAnswerError } from "./api.ts";
import { Loading, NotLoaded } from "./parts.tsx";

export function lazy<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
): FunctionComponent<P> {
  let loaded: FunctionComponent<P> | null = null;
  return function Lazy(props: P): JSX.Element | null {
    const [, setIsLoaded] = useState(loaded !== null);
    const [hasFailed, setHasFailed] = useState(false);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (found) => {
          loaded = found;
          setIsLoaded(true);
        },
        () => setHasFailed(true),
      );
    }, []);
    if (loaded !== null) {
      const Screen = loaded;
      return <Screen {...props} />;
    }
    // Browsers remember that a part was missing; it may also be one of a release that is gone.
    if (hasFailed) return <NotLoaded error={new NoAnswerError()} again={() => location.reload()} />;
    return <Loading lines={4} />;
  };
}
