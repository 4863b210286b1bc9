// A screen in the waiting room: the board, or the code to pair it with one.

import "./board.css";
import { BoardPage } from "./board.ts";
import { pairScreen } from "../shared/pairing.ts";
import type { Texts } from "./types.ts";

const pairing = document.getElementById("pair");
if (pairing !== null) {
  pairScreen(pairing);
} else {
  const texts = JSON.parse(document.getElementById("texts")!.textContent) as Record<string, Texts>;
  void new BoardPage(document.getElementById("board")!, texts).start();
}
