// The languages, each in its own script: whoever looks for one may not read another.

import type { JSX } from "preact";

import { type Language, NAMES } from "../shared/texts.ts";
import { useApp } from "./context.ts";
import { language, texts } from "./language.ts";

export function Languages(): JSX.Element {
  const { store } = useApp();
  const choose = (chosen: Language): void => {
    language.value = chosen;
    store.language.write(chosen);
  };
  return (
    <nav aria-label={texts.value.language}>
        {(Object.keys(NAMES) as Language[]).map((one) => (
          <button
            key={one}
            type="button"
            class="button--plain"
            lang={one}
            aria-pressed={language.value === one}
            onClick={() => choose(one)}
          >
            {NAMES[one]}
          </button>
        ))}
    </nav>
  );
}
