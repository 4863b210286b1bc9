// The way out of somebody's page: what is held there, in a window of the app's own.

import type { JSX } from "preact";

import { isEmbedded } from "./embedded.ts";
import { texts } from "./language.ts";

/** `fragment` names the screen, and holds the secret: behind the "#" it reaches no server. */
export function OpenApart({ fragment }: { fragment: string }): JSX.Element | null {
  if (!isEmbedded) return null;
  return (
    <p>
      <a class="button button--framed" href={`./${fragment}`} target="_blank" rel="noopener">
        {texts.value.openApart}
      </a>
    </p>
  );
}
