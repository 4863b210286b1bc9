// How this phone likes it: language, text size, alerts; and to be forgotten by it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { AlertSettings } from "../app/alert_settings.tsx";
import { useApp } from "../app/context.ts";
import { disableAlerts } from "../app/alerts.ts";
import { eraseDeeds } from "../app/deeds.ts";
import { erasePhone } from "../app/erase.ts";
import { language, texts } from "../app/language.ts";
import type { TextSize } from "../app/storage.ts";
import { showTextSize, TEXT_SIZES } from "../app/text_size.ts";
import { SETTINGS_TEXTS } from "../shared/settings_texts.ts";
import { type Language, NAMES } from "../shared/texts.ts";

export function Settings(): JSX.Element {
  return (
    <>
      <h1>{texts.value.settings}</h1>
      <LanguageChoice />
      <TextSizeChoice />
      <AlertSettings />
      <Erase />
    </>
  );
}

function LanguageChoice(): JSX.Element {
  const { store } = useApp();
  return (
    <fieldset class="large">
      <legend>{texts.value.language}</legend>
      {(Object.keys(NAMES) as Language[]).map((one) => (
        <label key={one} class="option" lang={one}>
          <input
            type="radio"
            name="language"
            checked={language.value === one}
            onChange={() => {
              language.value = one;
              store.language.write(one);
            }}
          />
          <bdi>{NAMES[one]}</bdi>
        </label>
      ))}
    </fieldset>
  );
}

function TextSizeChoice(): JSX.Element {
  const { store } = useApp();
  const said = SETTINGS_TEXTS[language.value];
  const [size, setSize] = useState<TextSize>(store.textSize.read() ?? "normal");
  const choose = (chosen: TextSize): void => {
    store.textSize.write(chosen);
    showTextSize(chosen);
    setSize(chosen);
  };
  return (
    <fieldset>
      <legend>{said.textSize}</legend>
      {TEXT_SIZES.map((one) => (
        <label key={one} class="option">
          <input type="radio" name="size" checked={size === one} onChange={() => choose(one)} />
          {said[one]}
        </label>
      ))}
    </fieldset>
  );
}

/** What it means stands there before it is done; there is no way back. */
function Erase(): JSX.Element {
  const { config, session, store } = useApp();
  const said = SETTINGS_TEXTS[language.value];
  const [isSure, setIsSure] = useState(false);
  const erase = async (): Promise<void> => {
    await erasePhone({
      live: session.live.peek(),
      store,
      alerts: disableAlerts,
      deeds: () => eraseDeeds(config.provider.slug),
    });
    location.replace("#/");
    location.reload();
  };
  if (!isSure) {
    return (
      <button type="button" class="button--framed" onClick={() => setIsSure(true)}>
        {said.erase}
      </button>
    );
  }
  return (
    <section class="notice notice--error" role="alert">
      <p>
        <strong>{said.eraseMeans}</strong>
      </p>
      <p>{said.eraseKeeps}</p>
      <p class="actions">
        <button type="button" class="button--framed" onClick={() => void erase()}>
          {said.erase}
        </button>
        <button type="button" class="button--framed" onClick={() => setIsSure(false)}>
          {said.keep}
        </button>
      </p>
    </section>
  );
}
