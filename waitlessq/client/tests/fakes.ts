// A browser for tests: its page, its streams, its time.

import { mock } from "node:test";

class FakePage extends EventTarget {
  visibilityState = "visible";
}

export class FakeEventSource extends EventTarget {
  static all: FakeEventSource[] = [];
  static get last(): FakeEventSource {
    return FakeEventSource.all.at(-1)!;
  }

  readonly url: string;
  isClosed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.all.push(this);
  }

  open(): void {
    this.dispatchEvent(new Event("open"));
  }

  fail(): void {
    this.dispatchEvent(new Event("error"));
  }

  say(event: string, data: unknown = {}): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Puts the fakes where browsers have them; jitter takes nothing and adds nothing. */
export function fakeBrowser(): FakePage {
  const page = new FakePage();
  FakeEventSource.all = [];
  Object.assign(globalThis, { document: page, window: page, EventSource: FakeEventSource });
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  mock.method(Math, "random", () => 0.5);
  return page;
}

export function restoreBrowser(): void {
  mock.timers.reset();
  mock.restoreAll();
}

/** Lets what was answered be taken in. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Lets time pass in steps of a second, with what happens on the way. */
export async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    mock.timers.tick(1000);
    await settle();
  }
}
