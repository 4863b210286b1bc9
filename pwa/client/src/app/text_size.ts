// How large text is: the whole app is laid out in rem.

import type { TextSize } from "./storage.ts";

export const TEXT_SIZES: readonly TextSize[] = ["normal", "large", "larger"];

export function showTextSize(size: TextSize | null): void {
  document.documentElement.dataset["size"] = size ?? "normal";
}
