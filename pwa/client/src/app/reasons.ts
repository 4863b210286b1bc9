// Why something was not done, in the reader's words.

import type { Said } from "../shared/texts.ts";
import { NoAnswerError, ProblemError } from "./api.ts";

type Reason =
  | "noAnswer"
  | "isPaused"
  | "isFull"
  | "atPlace"
  | "serviceNotTaken"
  | "groupTooLarge"
  | "notFound"
  | "tooMany"
  | "notUsable"
  | "failed";

const BY_CODE = new Map<string, Reason>([
  ["queue-not-open", "isPaused"],
  ["queue-full", "isFull"],
  ["remote-join-off", "atPlace"],
  ["service-not-taken", "serviceNotTaken"],
  ["group-too-large", "groupTooLarge"],
  ["not-found", "notFound"],
  ["throttled", "tooMany"],
  ["invalid-input", "notUsable"],
  ["request-running", "noAnswer"],
]);

export function reasonFor(texts: Said, error: unknown): string {
  if (error instanceof NoAnswerError) return texts.noAnswer;
  const reason = error instanceof ProblemError ? BY_CODE.get(error.code) : undefined;
  return texts[reason ?? "failed"];
}

/** Whether it may have been done all the same. */
export function isUncertain(error: unknown): boolean {
  return (
    !(error instanceof ProblemError) || error.status >= 500 || error.code === "request-running"
  );
}
