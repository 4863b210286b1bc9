import assert from "node:assert/strict";
import { test } from "node:test";

import { createStore } from "../src/app/storage.ts";
import { ticket } from "./made.ts";

class FakeStorage {
  readonly kept = new Map<string, string>();
  isFull = false;

  getItem(name: string): string | null {
    return this.kept.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    if (this.isFull) throw new Error("Quota exceeded");
    this.kept.set(name, value);
  }

  removeItem(name: string): void {
    this.kept.delete(name);
  }
}

const held = { ticket: ticket(), heardAt: 5 };

function storage(): FakeStorage & Storage {
  return new FakeStorage() as unknown as FakeStorage & Storage;
}

test("a ticket is kept until it is forgotten", () => {
  const browser = storage();
  createStore("clinic", browser).held.write(held);
  const again = createStore("clinic", browser);
  assert.deepEqual(again.held.read(), held);
  again.held.clear();
  assert.equal(again.held.read(), null);
});

test("each provider's ticket is its own", () => {
  const browser = storage();
  createStore("clinic", browser).held.write(held);
  assert.equal(createStore("salon", browser).held.read(), null);
});

test("where the browser refuses storage, it remembers until the page closes", () => {
  const full = storage();
  full.isFull = true;
  for (const store of [createStore("clinic", full), createStore("clinic", null)]) {
    store.held.write(held);
    assert.deepEqual(store.held.read(), held);
    store.held.clear();
    assert.equal(store.held.read(), null);
  }
});

test("what is not readable is nothing", () => {
  const browser = storage();
  browser.setItem("waitlessq:clinic:ticket", "{broken");
  assert.equal(createStore("clinic", browser).held.read(), null);
});
