// The kiosk: one question a screen, then the number, and back to the start by itself.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { newKey } from "../app/api.ts";
import { asks } from "../shared/asks.ts";
import { type KioskApi, NotPairedError, RefusedError } from "./api.ts";
import { idleAfter } from "./idle.ts";
import { Choices, Field, Languages, type Said } from "./questions.tsx";
import { type Answers, back, joining, queueOf, type Question, stepOf } from "./steps.ts";
import { RIGHT_TO_LEFT, TEXTS } from "./texts.ts";
import { PaperTicket, TicketScreen } from "./ticket.tsx";
import type { KioskDocument, Taken } from "./types.ts";

const ASK_EVERY = 15_000;
const TRY_EVERY = 3_000;
const TICK = 1_000;
const HELP_SHOWN = 20_000;

export function Kiosk({ api, release }: { api: KioskApi; release: string }): JSX.Element | null {
  const { kiosk, isCut, isUnpaired } = useDocument(api);
  const [answers, setAnswers] = useState<Answers>({});
  const [taken, setTaken] = useState<Taken | null>(null);
  const [wrong, setWrong] = useState<Question | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const language = answers.language ?? kiosk?.languages[0] ?? "en";
  const said = TEXTS[language] ?? TEXTS["en"]!;
  const isAtStart = Object.keys(answers).length === 0 && taken === null && refused === null;

  const wipe = (): void => {
    setAnswers({});
    setTaken(null);
    setWrong(null);
    setRefused(null);
    // A newer release is loaded between two people.
    if (kiosk !== null && kiosk.release !== release) location.reload();
  };
  const answer = (more: Answers): void => {
    setWrong(null);
    setAnswers({ ...answers, ...more });
  };
  const idle = useIdle(!isAtStart, wipe);
  useLanguage(language);

  if (isUnpaired) return <Message text={said.notPaired} />;
  if (kiosk === null) return isCut ? <Message text={said.cut} /> : null;
  const step = taken === null && refused === null ? stepOf(kiosk, answers) : null;
  const before = step === null || step === "take" ? null : back(answers);
  const isAsking = step !== null && step !== "take" && step !== "language";
  const [low, high] = kiosk.reach;
  const size = { "--mm": `calc(100vh / ${kiosk.height_cm * 10})`, "--low": low, "--high": high };
  return (
    <div class="kiosk" style={size}>
      <header class="kiosk__head">
        <bdi>{kiosk.provider}</bdi>
        {kiosk.on_site !== null && isAtStart && !isCut && <OnSite {...kiosk.on_site} said={said} />}
      </header>
      <div class="kiosk__reach">
        {isAtStart && isCut ? (
          <Message text={said.cut} />
        ) : (
          <main class="kiosk__main" key={taken?.code ?? refused ?? step}>
            {taken !== null && (
              <TicketScreen taken={taken} kiosk={kiosk} said={said} language={language} done={wipe} />
            )}
            {refused !== null && <Message text={refused} />}
            {step === "language" && (
              <Languages of={kiosk.languages} choose={(chosen) => answer({ language: chosen })} />
            )}
            {step === "queue" && (
              <Choices
                title={said.whichQueue}
                of={kiosk.queues}
                choose={(queue) => answer({ queue })}
              />
            )}
            {step === "present" && (
              <Choices
                title={queueOf(kiosk, answers)!.name}
                of={[{ id: 1, name: said.takeNumber }]}
                choose={() => answer({ present: true })}
              />
            )}
            {step === "closed" && <Message text={whyClosed(kiosk, answers, said, language)} />}
            {step === "service" && (
              <Choices
                title={said.whichService}
                of={queueOf(kiosk, answers)!.services}
                choose={(service) => answer({ service })}
              />
            )}
            {step === "people" && (
              <Choices
                title={said.howMany}
                of={numbersTo(queueOf(kiosk, answers)!.max_people)}
                choose={(people) => answer({ people })}
              />
            )}
            {(step === "name" || step === "phone") && (
              <Field
                field={step}
                isRequired={answers.booking || asks(queueOf(kiosk, answers)!, step) === "required"}
                isWrong={wrong === step}
                said={said}
                tell={(text) => answer({ [step]: text })}
              />
            )}
            {step === "take" && (
              <Taking
                take={(key) =>
                  answers.booking
                    ? api.checkIn(answers.phone!, key)
                    : api.take(joining(kiosk, answers, language), key)
                }
                said={said}
                taken={setTaken}
                refused={(error) => {
                  if (error.field === "name" || error.field === "phone") {
                    const { [error.field]: _, ...others } = answers;
                    setWrong(error.field);
                    setAnswers(others);
                  } else setRefused(reasonFor(error, said));
                }}
              />
            )}
          </main>
        )}
        <nav class="kiosk__foot" aria-label={said.help}>
          {before !== null && (
            <button type="button" class="quiet" onClick={() => setAnswers(before)}>
              {said.back}
            </button>
          )}
          {!isAtStart && taken === null && step !== "take" && (
            <button type="button" class="quiet" onClick={wipe}>
              {said.startAgain}
            </button>
          )}
          {kiosk.takes_bookings && isAsking && !answers.booking && (
            <button type="button" class="quiet" onClick={() => answer({ booking: true })}>
              {said.haveBooking}
            </button>
          )}
          <Aloud language={language} said={said} />
          <Help api={api} said={said} />
        </nav>
      </div>
      {idle.is === "asked" && <StillThere said={said} secondsLeft={idle.secondsLeft} />}
      {taken !== null && <PaperTicket taken={taken} kiosk={kiosk} said={said} language={language} />}
    </div>
  );
}

/** Asks until it is answered, always with the same key, so that there is one number only. */
function Taking(props: {
  take: (key: string) => Promise<Taken>;
  said: Said;
  taken: (taken: Taken) => void;
  refused: (error: RefusedError) => void;
}): JSX.Element {
  const [tries, setTries] = useState(0);
  const [key] = useState(newKey);
  useEffect(() => {
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    props.take(key).then(
      (taken) => isHere && props.taken(taken),
      (error: unknown) => {
        if (!isHere) return;
        if (error instanceof RefusedError) props.refused(error);
        else timer = setTimeout(() => setTries(tries + 1), TRY_EVERY);
      },
    );
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
    // One try for each number of tries, whatever else is drawn anew.
  }, [tries]);
  return <Message text={tries === 0 ? props.said.oneMoment : props.said.noAnswer} />;
}

/** For who has a booking on a phone: it is scanned from there, so it may stand out of reach. */
function OnSite(props: { code: string; qr: string; said: Said }): JSX.Element {
  return (
    <figure class="on-site">
      <figcaption>
        {props.said.onSite} <bdi dir="ltr">{props.code}</bdi>
      </figcaption>
      <div aria-hidden="true" dangerouslySetInnerHTML={{ __html: props.qr }} />
    </figure>
  );
}

function Message({ text }: { text: string }): JSX.Element {
  return (
    <p class="message" role="status">
      {text}
    </p>
  );
}

function StillThere(props: { said: Said; secondsLeft: number }): JSX.Element {
  const more = useRef<HTMLButtonElement>(null);
  useEffect(() => more.current?.focus(), []);
  const { said, secondsLeft } = props;
  return (
    <div class="still" role="alertdialog" aria-modal="true" aria-labelledby="still">
      <h2 id="still">{said.stillThere}</h2>
      {/* Any touch is an answer; the button says so. */}
      <button type="button" ref={more}>
        {said.moreTime}
      </button>
      <p aria-live="off">{said.startsIn.replace("{seconds}", String(secondsLeft))}</p>
    </div>
  );
}

function Help({ api, said }: { api: KioskApi; said: Said }): JSX.Element {
  const [answer, setAnswer] = useState("");
  useEffect(() => {
    if (answer === "") return undefined;
    const timer = setTimeout(() => setAnswer(""), HELP_SHOWN);
    return () => clearTimeout(timer);
  }, [answer]);
  const ring = async (): Promise<void> => {
    setAnswer(
      await api.help().then(
        () => said.helpComes,
        () => said.helpFailed,
      ),
    );
  };
  return (
    <>
      {answer === "" && (
        <button type="button" class="quiet" onClick={() => void ring()}>
          {said.help}
        </button>
      )}
      <p class="help" role="status">
        {answer}
      </p>
    </>
  );
}

function Aloud({ language, said }: { language: string; said: Said }): JSX.Element | null {
  if (typeof speechSynthesis === "undefined") return null;
  const read = (): void => {
    const words = document.querySelector<HTMLElement>(".kiosk__main")?.innerText ?? "";
    const speech = new SpeechSynthesisUtterance(words.replaceAll("\n", ". "));
    speech.lang = language;
    speechSynthesis.cancel();
    speechSynthesis.speak(speech);
  };
  return (
    <button type="button" class="quiet" onClick={read}>
      {said.readAloud}
    </button>
  );
}

/** What is offered, asked for anew now and then. */
function useDocument(api: KioskApi): {
  kiosk: KioskDocument | null;
  isCut: boolean;
  isUnpaired: boolean;
} {
  const [kiosk, setKiosk] = useState<KioskDocument | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const ask = async (): Promise<void> => {
      try {
        const told = await api.document();
        if (told !== null) setKiosk(told);
        setProblem(null);
      } catch (error) {
        setProblem(error);
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_EVERY);
    return () => clearInterval(timer);
  }, [api]);
  return { kiosk, isCut: problem !== null, isUnpaired: problem instanceof NotPairedError };
}

/** How long nobody touched it; wipes when it is too long. */
function useIdle(isWatching: boolean, wipe: () => void): ReturnType<typeof idleAfter> {
  const touchedAt = useRef(Date.now());
  const [seconds, setSeconds] = useState(0);
  const wipeNow = useRef(wipe);
  wipeNow.current = wipe;
  useEffect(() => {
    const touch = (): void => {
      touchedAt.current = Date.now();
      setSeconds(0);
    };
    touch();
    if (!isWatching) return undefined;
    const timer = setInterval(() => {
      const since = (Date.now() - touchedAt.current) / 1000;
      setSeconds(since);
      if (idleAfter(since).is === "over") wipeNow.current();
    }, TICK);
    // The touch that answers the question must not press what is below it.
    addEventListener("click", touch);
    addEventListener("keydown", touch);
    return () => {
      clearInterval(timer);
      removeEventListener("click", touch);
      removeEventListener("keydown", touch);
    };
  }, [isWatching]);
  return isWatching ? idleAfter(seconds) : { is: "present" };
}

function useLanguage(language: string): void {
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
  }, [language]);
}

function numbersTo(most: number): { id: number; name: string }[] {
  return Array.from({ length: most }, (_, index) => ({ id: index + 1, name: String(index + 1) }));
}

function whyClosed(kiosk: KioskDocument, answers: Answers, said: Said, language: string): string {
  const queue = queueOf(kiosk, answers)!;
  if (queue.status === "paused") return said.paused;
  if (queue.opens_at === null) return said.closed;
  const at = new Intl.DateTimeFormat(`${language}-u-nu-latn`, {
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: kiosk.time_zone,
  });
  return said.opens.replace("{time}", at.format(new Date(queue.opens_at)));
}

function reasonFor(error: RefusedError, said: Said): string {
  const reasons: Record<string, string> = {
    "queue-full": said.full,
    "queue-not-open": said.paused,
    "no-booking": said.noBooking,
    "no-queue": said.noBooking,
  };
  return reasons[error.code] ?? said.failed;
}
