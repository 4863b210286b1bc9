// How this phone tells of a turn: what works, quiet or not, and a try.

import type { JSX } from "preact";

import { SETTINGS_TEXTS } from "../shared/settings_texts.ts";
import { alertOnce, disableAlerts, enableAlerts, isQuiet, setQuiet, ways } from "./alerts.ts";
import { useApp } from "./context.ts";
import { language, texts } from "./language.ts";

export function AlertSettings(): JSX.Element {
  const { config, store } = useApp();
  const said = SETTINGS_TEXTS[language.value];
  const works = ways.value;
  const quieten = (quiet: boolean): void => {
    store.quiet.write(quiet);
    setQuiet(quiet);
  };
  const test = (): void => alertOnce(said.testTitle, config.provider.name);
  return (
    <fieldset>
      <legend>{said.alerts}</legend>
      <label class="option">
        <input
          type="checkbox"
          checked={isQuiet.value}
          onChange={(event) => quieten(event.currentTarget.checked)}
        />
        {said.quiet}
      </label>
      <div role="status">
        {works !== null && works.length === 0 && <p>{said.noneWork}</p>}
        {works !== null && works.length > 0 && (
          <>
            <p>{texts.value.thisPhone}</p>
            <ul>
              {works.map((way) => (
                <li key={way}>{texts.value[way]}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      {works === null ? (
        <button type="button" class="button--framed" onClick={() => void enableAlerts()}>
          {said.turnOn}
        </button>
      ) : (
        <p class="actions">
          <button type="button" class="button--framed" onClick={test}>
            {texts.value.test}
          </button>
          <button type="button" class="button--framed" onClick={() => void disableAlerts()}>
            {said.turnOff}
          </button>
        </p>
      )}
    </fieldset>
  );
}
