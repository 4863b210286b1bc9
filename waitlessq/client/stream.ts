// Follows live state: an event stream, the snapshot on every connect, polling beside it.
//
// A stream may lose messages and dies with its server; it is never the truth. So whoever follows
// asks for the newest state when the stream opens, when it is silent for too long, when the page
// comes back into view, and twice a minute, since what was lost leaves no trace; what arrives
// with a lower sequence number is for the caller to drop.

export interface Followed {
  /** The address of the stream, heartbeats among it; asked for anew at each connect. */
  url: () => string;
  /** Fetches the newest state and shows it; rejects when there was no answer. */
  ask: () => Promise<void>;
  /** A message of the stream: its event and its data; false to have the newest state asked for. */
  told: (event: string, data: unknown) => boolean | void;
  /** What is shown is what the server knows now: a message, an answer, or a heartbeat after one. */
  heard: () => void;
  /** Milliseconds of silence after which it asks, and goes on asking. */
  silence: number;
}

export const EVENTS = ["snapshot", "changed", "help", "offer"] as const;

const FIRST_RETRY = 500;
const LONGEST_RETRY = 15_000;
// For so long the first answer waits for the stream to open.
const FIRST_PATIENCE = 1000;
const LONGEST_UNASKED = 25_000;
// A stream that is silent for so many times the silence is dead, though nobody closed it.
const SILENCES_TO_DEATH = 3;

/** Somewhere between half of it and one and a half: many clients must not come back at once. */
export function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

/** Follows until the function that it returns is called. */
export function follow(followed: Followed): () => void {
  let source: EventSource | null = null;
  let heardAt = Date.now();
  let streamHeardAt = heardAt;
  let answeredAt = heardAt;
  let retry = FIRST_RETRY;
  let reconnecting: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let askAgain = false;
  let isClosed = false;
  // A heartbeat says that the publisher lives, not that nothing was missed before this connect.
  let opens = 0;
  let caughtUpWith = 0;

  const hear = (): void => {
    heardAt = Date.now();
    followed.heard();
  };

  // One question at a time; what comes up meanwhile is one more question after it.
  const ask = async (): Promise<void> => {
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    const asksFor = opens;
    try {
      await followed.ask();
      answeredAt = Date.now();
      caughtUpWith = asksFor;
      if (!isClosed) hear();
    } catch {
      // The silence goes on, and shows.
    } finally {
      asking = false;
      if (askAgain && !isClosed) {
        askAgain = false;
        void ask();
      }
    }
  };

  const lose = (lost: EventSource): void => {
    lost.close();
    if (source !== lost || isClosed) return;
    source = null;
    reconnecting = setTimeout(connect, jittered(retry));
    retry = Math.min(retry * 2, LONGEST_RETRY);
  };

  const connect = (): void => {
    if (isClosed) return;
    const connected = new EventSource(followed.url());
    source = connected;
    streamHeardAt = Date.now();
    connected.addEventListener("open", () => {
      opens += 1;
      void ask();
    });
    connected.addEventListener("heartbeat", () => {
      streamHeardAt = Date.now();
      retry = FIRST_RETRY;
      if (caughtUpWith === opens) hear();
    });
    for (const event of EVENTS) {
      connected.addEventListener(event, (message: MessageEvent<string>) => {
        streamHeardAt = Date.now();
        retry = FIRST_RETRY;
        if (followed.told(event, JSON.parse(message.data)) === false) void ask();
        if (caughtUpWith === opens) hear();
      });
    }
    // The browser's own retry has no jitter, and gives up on any answer but 200.
    connected.addEventListener("error", () => lose(connected));
  };

  const watchdog = setInterval(() => {
    const now = Date.now();
    const isSilent = now - heardAt > followed.silence;
    if (isSilent || now - answeredAt > LONGEST_UNASKED) void ask();
    if (source !== null && now - streamHeardAt > SILENCES_TO_DEATH * followed.silence) lose(source);
  }, jittered(followed.silence / 2));
  const impatience = setTimeout(() => {
    if (opens === 0) void ask();
  }, FIRST_PATIENCE);
  const back = (): void => {
    if (document.visibilityState !== "visible") return;
    void ask();
    if (source === null) {
      clearTimeout(reconnecting);
      connect();
    }
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("online", back);
  connect();

  return () => {
    isClosed = true;
    source?.close();
    clearTimeout(reconnecting);
    clearTimeout(impatience);
    clearInterval(watchdog);
    document.removeEventListener("visibilitychange", back);
    window.removeEventListener("online", back);
  };
}
