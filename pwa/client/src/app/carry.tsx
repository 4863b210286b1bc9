// "Take it to another phone": closed until somebody asks.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { lazy } from "./lazy.tsx";
import { texts } from "./language.ts";

const Code = lazy(() => import("../screens/more.ts").then((part) => part.Carry));

export function CarryElsewhere({ fragment }: { fragment: string }): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{texts.value.carry}</summary>
      {isOpen && <Code fragment={fragment} />}
    </details>
  );
}
