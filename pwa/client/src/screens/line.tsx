// The Line: a bar for each person ahead, one's own wide in the provider's colour.

import type { JSX } from "preact";

import { language } from "../app/language.ts";
import { number } from "../shared/format.ts";

const BARS = 12;

/** Drawn for eyes only: its sentence stands beside it. */
export function Line(props: { ahead: number; isCalling: boolean }): JSX.Element {
  const more = props.ahead - BARS;
  return (
    <div class="line" aria-hidden="true">
      <span class={props.isCalling ? "line__counter line__counter--calling" : "line__counter"} />
      {Array.from({ length: Math.min(props.ahead, BARS) }, (_, index) => (
        <span key={index} class="line__bar" />
      ))}
      {more > 0 && (
        <bdi class="line__more" dir="ltr">
          +{number(language.value, more)}
        </bdi>
      )}
      <span class="line__you" />
    </div>
  );
}
