// How this phone tells of a turn: what works, quiet or not, and a try.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

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
  const isOn = works !== null;
  const wasTapped = useRef(false);
  const status = useRef<HTMLDivElement>(null);
  const turnOn = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that had the focus is gone: on to what the tap led to, or to the way back.
    if (wasTapped.current) (isOn ? status : turnOn).current?.focus();
    wasTapped.current = false;
  }, [isOn]);
  const turn = (work: () => Promise<void>): void => {
    wasTapped.current = true;
    void work();
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
      <div role="status" ref={status} tabIndex={-1}>
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
      {!isOn ? (
        <button
          type="button"
          class="button--framed"
          ref={turnOn}
          onClick={() => turn(enableAlerts)}
        >
          {said.turnOn}
        </button>
      ) : (
        <p class="actions">
          <button type="button" class="button--framed" onClick={test}>
            {texts.value.test}
          </button>
          <button type="button" class="button--framed" onClick={() => turn(disableAlerts)}>
            {said.turnOff}
          </button>
        </p>
      )}
    </fieldset>
  );
}
