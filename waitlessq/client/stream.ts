// Follows live state: an event stream, the snapshot on every connect, polling where it is silent.
//
// A stream may lose messages and dies with its server; it is never the truth. So whoever follows
// asks for the newest state when the stream opens, when it is silent for too long, and when the
// page comes back into view; what arrives with a lower sequence number is for the caller to drop.

export interface Followed {
  /** The address of the stream; asked for anew at each connect. */
  url: () => string;
  /** Fetches the newest state and shows it; rejects when there was no answer. */
  ask: () => Promise<void>;
  /** A message of the stream: its event and its data; false to have the newest state asked for. */
  told: (event: string, data: unknown) => boolean;
  /** Something was heard: a message, a heartbeat or an answer. */
  heard: () => void;
  /** Milliseconds of silence after which it asks, and goes on asking. */
  silence: number;
}

export const EVENTS = ["snapshot", "changed"] as const;

const FIRST_RETRY = 500;
const LONGEST_RETRY = 15_000;
// Even where all is well it asks now and then: a stream can not say what it has lost.
const LONGEST_UNASKED = 30_000;

/** Somewhere between half of it and one and a half: many clients must not come back at once. */
export function jittered(milliseconds: number): number {
  return milliseconds * (0.5 + Math.random());
}

/** Follows until the function that it returns is called. */
export function follow(followed: Followed): () => void {
  let source: EventSource | null = null;
  let heardAt = Date.now();
  let askedAt = Date.now();
  let retry = FIRST_RETRY;
  let reconnecting: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let askAgain = false;
  let isClosed = false;

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
    askedAt = Date.now();
    try {
      await followed.ask();
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

  const connect = (): void => {
    if (isClosed) return;
    const opened = new EventSource(followed.url());
    source = opened;
    opened.addEventListener("open", () => {
      retry = FIRST_RETRY;
      void ask();
    });
    opened.addEventListener("heartbeat", hear);
    for (const event of EVENTS) {
      opened.addEventListener(event, (message: MessageEvent<string>) => {
        hear();
        if (!followed.told(event, JSON.parse(message.data))) void ask();
      });
    }
    opened.addEventListener("error", () => {
      // The browser's own retry has no jitter, and gives up on any answer but 200.
      opened.close();
      if (source !== opened || isClosed) return;
      source = null;
      reconnecting = setTimeout(connect, jittered(retry));
      retry = Math.min(retry * 2, LONGEST_RETRY);
    });
  };

  const watchdog = setInterval(() => {
    const now = Date.now();
    if (now - heardAt > followed.silence || now - askedAt > LONGEST_UNASKED) void ask();
  }, jittered(followed.silence / 2));
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
    clearInterval(watchdog);
    document.removeEventListener("visibilitychange", back);
    window.removeEventListener("online", back);
  };
}
