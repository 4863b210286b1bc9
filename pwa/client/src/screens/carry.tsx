// A ticket or booking for another phone, or a carer: a code that takes it there. Both follow it then.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { encode } from "uqr";

import { texts } from "../app/language.ts";

/** `fragment` names the screen, and holds the secret: behind the "#" it reaches no server. */
export function Carry({ fragment }: { fragment: string }): JSX.Element {
  const address = new URL(`./${fragment}`, location.href).href;
  const { data, size } = useMemo(() => encode(address, { ecc: "M", border: 4 }), [address]);
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <>
      <p>{texts.value.carryMeans}</p>
      <svg class="code-to-scan" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={texts.value.carryCode}>
        <path d={path} />
      </svg>
    </>
  );
}
