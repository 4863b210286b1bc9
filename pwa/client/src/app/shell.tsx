// The shell around the screens: where one is, the screen itself, the languages.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Called } from "../screens/called.tsx";
import { Home } from "../screens/home.tsx";
import { Join } from "../screens/join.tsx";
import { Take } from "../screens/take.tsx";
import { Ticket } from "../screens/ticket.tsx";
import { filled } from "../shared/format.ts";
import { useApp } from "./context.ts";
import { lazy } from "./lazy.tsx";
import { texts } from "./language.ts";
import { Languages } from "./languages.tsx";
import { route } from "./router.ts";
import { placeInLine } from "./turn.ts";

const more = () => import("../screens/more.ts");
const Book = lazy(() => more().then((part) => part.Book));
const Details = lazy(() => more().then((part) => part.DetailsScreen));
const Bookings = lazy(() => more().then((part) => part.Bookings));
const TakeBooking = lazy(() => more().then((part) => part.TakeBooking));
const Move = lazy(() => more().then((part) => part.Move));
const Settings = lazy(() => more().then((part) => part.Settings));

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
      <Footer />
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
      {at.screen === "book" && <Book key={at.service} service={at.service} />}
      {at.screen === "details" && <Details />}
      {at.screen === "bookings" && <Bookings code={at.code} />}
      {at.screen === "move" && <Move key={at.booking} name={at.booking} />}
      {at.screen === "takeBooking" && <TakeBooking token={at.token} />}
      {at.screen === "settings" && <Settings />}
    </main>
  );
}

function Footer(): JSX.Element {
  return (
    <footer>
      <Ways />
      {route.value.screen !== "settings" && <Languages />}
    </footer>
  );
}

/** The ways to what is one's own. */
function Ways(): JSX.Element {
  const { store } = useApp();
  const said = texts.value;
  const screen = route.value.screen;
  return (
    <nav>
      {screen !== "bookings" && store.bookings.read() !== null && (
        <a href="#/bookings">{said.myBookings}</a>
      )}
      {screen !== "settings" && <a href="#/settings">{said.settings}</a>}
    </nav>
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
