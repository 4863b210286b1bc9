// The shell around the screens: where one is, the screen itself, the languages.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Called } from "../screens/called.tsx";
import { Home } from "../screens/home.tsx";
import { Join } from "../screens/join.tsx";
import { Take } from "../screens/take.tsx";
import { Ticket } from "../screens/ticket.tsx";
import { filled } from "../shared/format.ts";
import { type Language, NAMES } from "../shared/texts.ts";
import { useApp } from "./context.ts";
import { language, texts } from "./language.ts";
import { route } from "./router.ts";
import { placeInLine } from "./turn.ts";

export function Shell(): JSX.Element {
  const { config, session } = useApp();
  const ticket = session.live.value?.ticket.value;
  const isCalled = ticket?.state === "called" && session.age.value === "live";
  useTitle();
  useFocus(isCalled ? "called" : route.value);
  if (isCalled) return <Called ticket={ticket} />;
  const isHome = route.value.screen === "home";
  return (
    <>
      {!isHome && (
        <header>
          <a href="#/">
            <bdi>{config.provider.name}</bdi>
          </a>
        </header>
      )}
      <Screen />
      <Languages />
    </>
  );
}

function Screen(): JSX.Element {
  const at = route.value;
  return (
    <main id="main" tabIndex={-1}>
      {at.screen === "home" && <Home />}
      {at.screen === "join" && <Join key={at.queue} queue={at.queue} />}
      {at.screen === "ticket" && <Ticket />}
      {at.screen === "take" && <Take token={at.token} />}
    </main>
  );
}

function Languages(): JSX.Element {
  const { store } = useApp();
  const choose = (chosen: Language): void => {
    language.value = chosen;
    store.language.write(chosen);
  };
  return (
    <footer>
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
    </footer>
  );
}

/** A new screen is read from its start; where the first begins is the browser's to say. */
function useFocus(screen: unknown): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) {
      scrollTo(0, 0);
      document.getElementById("main")?.focus();
    }
    isFirst.current = false;
  }, [screen]);
}

/** The tab says what matters most, for whoever looks at another. */
function useTitle(): void {
  const { config, session } = useApp();
  const ticket = session.live.value?.ticket.value;
  const place =
    ticket?.state === "called"
      ? filled(texts.value.yourTurn, { code: ticket.code })
      : ticket?.state === "waiting"
        ? `${ticket.code}: ${placeInLine(ticket)}`
        : null;
  const title = [place, config.provider.name].filter(Boolean).join(" – ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
