// What this phone holds is told of by push, from the moment that somebody asked for it.

import { effect, type ReadonlySignal } from "@preact/signals";

import { mayPush, push } from "./alerts.ts";
import { language } from "./language.ts";
import type { Followed } from "./push.ts";

/** Follows all of these, whatever they become; anew in another language. Returns what stops it. */
export function startFollowing(
  api: string,
  about: ReadonlySignal<readonly Followed[]>,
): () => void {
  let known = "";
  return effect(() => {
    const wanted = mayPush.value ? about.value : [];
    const key = JSON.stringify([wanted, language.value]);
    if (key === known) return;
    known = key;
    if (wanted.length > 0) void push(api, wanted, language.value);
  });
}
