/** Saves what is typed when the typing pauses. */

const PAUSE_MS = 300;

export class DraftKeeper {
  #unsaved: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly save: (text: string) => void) {}

  note(text: string): void {
    this.#unsaved = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Now: nobody may come back. */
  flush(): void {
    const text = this.#unsaved;
    this.drop();
    if (text !== null) this.save(text);
  }

  /** It was sent, which clears the draft: saving it now would bring it back. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#unsaved = null;
  }
}
