// A button of a booking that says why, if it could not be done.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { NoAnswerError } from "../app/api.ts";
import { whyNot } from "../app/booking_words.ts";
import { Problem } from "../app/parts.tsx";

/** `otherwise` keeps it for later where nobody answers; without it that is told as well. */
export function Do(props: {
  label: string;
  notDone: string;
  look: string;
  work: () => Promise<void>;
  otherwise?: () => Promise<void>;
}): JSX.Element {
  const [isRunning, setIsRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (): Promise<void> => {
    if (isRunning) return;
    setIsRunning(true);
    setProblem(null);
    try {
      await props.work();
    } catch (error) {
      if (error instanceof NoAnswerError && props.otherwise) await props.otherwise();
      else setProblem(whyNot(error));
    }
    setIsRunning(false);
  };
  return (
    <div class="leave">
      {problem !== null && <Problem title={props.notDone}>{problem}</Problem>}
      <button type="button" class={props.look} aria-disabled={isRunning} onClick={() => void act()}>
        {props.label}
      </button>
    </div>
  );
}
