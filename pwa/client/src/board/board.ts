// The board: what it knows, what it announces, and what keeps it going for weeks.

import { follow } from "../../../../waitlessq/client/stream.ts";
import type { Snapshot } from "../shared/types.ts";
import { Announcer, LIT } from "./announcer.ts";
import { Calls, visitOf } from "./calls.ts";
import { draw, drawSetUp } from "./draw.ts";
import { pictureOf } from "./picture.ts";
import { Sound, spelled, voiceless } from "../../../../waitlessq/client/sound.ts";
import type { BoardDocument, Call, Texts } from "./types.ts";

const SILENCE = 10_000;
const TICK = 1_000;
const WARN_FOR = 60_000;
// A page so young is not loaded anew: while a release is rolled out, answers may differ.
const RELOAD_AFTER = 10 * 60_000;

class NotPairedError extends Error {}

export class BoardPage {
  #root: HTMLElement;
  #texts: Record<string, Texts>;
  #calls = new Calls();
  #sound = new Sound();
  #lit = new Map<string, number>();
  #board: BoardDocument | null = null;
  #tag = "";
  /** How far the server's clock is ahead of this screen's, which nobody may have set. */
  #ahead = 0;
  #loadedAt = Date.now();
  #heardAt = Date.now();
  #setUp = "";
  #drawn = "";
  #followed = "";
  #unfollow = (): void => undefined;
  #announcer = new Announcer({
    next: () => this.#next(),
    show: (call) => this.#light(call),
    chime: () => this.#sound.chime(),
    speak: (call) => this.#speak(call),
    hush: () => this.#sound.hush(),
  });

  constructor(root: HTMLElement, texts: Record<string, Texts>) {
    this.#root = root;
    this.#texts = texts;
  }

  async start(): Promise<void> {
    this.#offerSound();
    keepAwake();
    setInterval(() => this.#tick(), TICK);
    // Which channels there are, only the first answer says.
    while (this.#board === null) {
      await this.#ask().catch(() => undefined);
      if (this.#board === null) await new Promise((resolve) => setTimeout(resolve, SILENCE / 2));
    }
    this.#heard();
    this.#follow();
  }

  /** Follows the queues of the board as it is set up now. */
  #follow(): void {
    this.#unfollow();
    this.#followed = this.#channels();
    this.#unfollow = follow({
      url: () => `${this.#root.dataset["streams"]}${this.#followed}`,
      ask: () => this.#ask(),
      told: (event, data) => {
        if (event === "snapshot") this.#take([data as Snapshot]);
      },
      heard: () => this.#heard(),
      silence: SILENCE,
    });
  }

  #channels(): string {
    const queues = this.#board!.queues.map(({ queue }) => `queues-${queue}`);
    return [...queues, this.#root.dataset["heartbeat"]].join(",");
  }

  async #ask(): Promise<void> {
    const answer = await fetch(this.#root.dataset["asks"]!, {
      headers: this.#tag === "" ? {} : { "If-None-Match": this.#tag },
      cache: "no-store",
      signal: AbortSignal.timeout(SILENCE),
    });
    if (answer.status === 403) {
      this.#end();
      throw new NotPairedError();
    }
    this.#ahead = Date.parse(answer.headers.get("Date") ?? "") - Date.now() || 0;
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(`The board was answered ${answer.status}.`);
    const board = (await answer.json()) as BoardDocument;
    this.#tag = answer.headers.get("ETag") ?? "";
    this.#set(board);
  }

  #set(board: BoardDocument): void {
    this.#board = board;
    this.#calls.keep(board.queues.map(({ queue }) => queue));
    const setUp = JSON.stringify({ ...board, queues: board.queues.map(({ queue }) => queue) });
    if (setUp !== this.#setUp) {
      this.#setUp = setUp;
      drawSetUp(board, this.#texts);
      this.#warnOfVoices();
    }
    this.#take(board.queues);
    if (this.#followed !== "" && this.#followed !== this.#channels()) this.#follow();
  }

  #take(snapshots: Snapshot[]): void {
    for (const snapshot of snapshots) this.#calls.take(snapshot);
    this.#announcer.wake();
    this.#tick();
  }

  #heard(): void {
    this.#heardAt = Date.now();
    this.#tick();
  }

  #next(): { call: Call; waiting: number } | undefined {
    const call = this.#calls.next();
    return call && { call, waiting: this.#calls.due.length };
  }

  #light(call: Call): void {
    if (call.isMistake) return;
    const now = Date.now();
    for (const [visit, until] of this.#lit) if (until <= now) this.#lit.delete(visit);
    this.#lit.set(visitOf(call), now + LIT);
    this.#tick();
  }

  async #speak(call: Call): Promise<void> {
    for (const language of this.#board!.languages) {
      const texts = this.#texts[language]!;
      const sentence = (call.isMistake ? texts.mistaken : texts.spoken)
        .replace("{code}", spelled(call.code))
        .replace("{counter}", call.counter);
      await this.#sound.say(sentence, language);
    }
  }

  #tick(): void {
    if (this.#board === null) return;
    const now = Date.now();
    const patience = Number(this.#root.dataset["cutOffSeconds"]) * 1000;
    const picture = pictureOf(this.#board, this.#calls, this.#texts, {
      now: now + this.#ahead,
      heardAt: this.#heardAt + this.#ahead,
      isCutOff: now - this.#heardAt > patience,
      lit: new Map([...this.#lit].map(([visit, until]) => [visit, until + this.#ahead])),
    });
    const stamp = JSON.stringify(picture) + this.#setUp;
    if (stamp !== this.#drawn) draw(picture, this.#board, this.#texts);
    this.#drawn = stamp;
    const isOld = this.#board.release !== this.#root.dataset["release"];
    if (picture.isClosed && isOld && now - this.#loadedAt > RELOAD_AFTER) location.reload();
  }

  #end(): void {
    this.#unfollow();
    document.getElementById("unpaired")!.hidden = false;
    document.getElementById("start")!.hidden = true;
    this.#root.hidden = true;
  }

  #offerSound(): void {
    const panel = document.getElementById("start")!;
    const hide = (): void => {
      panel.hidden = true;
    };
    document.getElementById("start-button")!.addEventListener("click", () => {
      void this.#sound.start().then(() => {
        hide();
        return this.#sound.chime();
      });
    });
    // A browser that was set up for this lets sound be heard without a click; then the panel only
    // warns, for whoever stands there and sets up the board.
    setTimeout(() => this.#sound.isOn && hide(), WARN_FOR);
    globalThis.speechSynthesis?.addEventListener("voiceschanged", () => this.#warnOfVoices());
  }

  #warnOfVoices(): void {
    if (this.#board === null) return;
    const missing = voiceless(this.#board.languages);
    const names = missing.map((code) => new Intl.DisplayNames([code], { type: "language" }).of(code));
    document.getElementById("voiceless")!.textContent = names.join(", ");
    document.getElementById("voices")!.hidden = missing.length === 0;
    if (this.#sound.isOn && missing.length === 0) document.getElementById("start")!.hidden = true;
  }
}

/** Keeps the screen on; the browser takes that back whenever the page is hidden. */
function keepAwake(): void {
  const request = (): void => {
    if (document.visibilityState !== "visible") return;
    navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", request);
  request();
}
