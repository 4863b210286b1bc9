// A screen that nobody knows shows a code, until somebody has typed it.

const ASK_EVERY = 3_000;
// A screen that is left alone does not ask for codes for ever.
const GIVE_UP_AFTER = 3_600_000;

/** Shows a code, a new one whenever it expires, and loads the page anew once it is paired. */
export function pairScreen(root: HTMLElement): void {
  const started = Date.now();
  const code = document.getElementById("code")!;
  const problem = document.getElementById("problem")!;
  const lives = Number(root.dataset["lives"]) * 1000;
  let expiresAt = 0;

  const renew = async (): Promise<void> => {
    const token = root.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")!.value;
    const answer = await fetch(root.dataset["pair"]!, {
      method: "POST",
      headers: { "X-CSRFToken": token },
    });
    if (!answer.ok) throw new Error(`A code was refused: ${answer.status}.`);
    const told = (await answer.json()) as { code: string };
    code.textContent = `${told.code.slice(0, 4)}-${told.code.slice(4)}`;
    expiresAt = Date.now() + lives;
  };
  const step = async (): Promise<void> => {
    if (Date.now() >= expiresAt) await renew();
    const answer = await fetch(root.dataset["asks"]!);
    if (answer.ok) location.reload();
  };
  const go = async (): Promise<void> => {
    if (Date.now() - started > GIVE_UP_AFTER) {
      code.textContent = "";
      document.getElementById("over")!.hidden = false;
      return;
    }
    try {
      await step();
      problem.hidden = true;
    } catch {
      problem.hidden = false;
    }
    setTimeout(() => void go(), ASK_EVERY);
  };
  document.getElementById("again")!.addEventListener("click", () => location.reload());
  void go();
}
