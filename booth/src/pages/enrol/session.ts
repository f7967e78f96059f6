// One visit to the page: its state, what the log tells, and what is done between the screens.
import {
  type Card,
  CardsDraft,
  drawCards,
  Enrolling,
  Enrolments,
  type Entitled,
  namesIn,
  numbersOf,
  type Pending,
  type Referendum,
} from "../../core.ts";
import { Wait } from "../wait.ts";
import { pause, randomBetween, randomBytes, seed } from "../random.ts";
import type { Screen, Shell } from "../shell.ts";
import { type Event, type Given, type Right, START, type State, step } from "./state.ts";
import { store } from "./store.ts";

export type Drawing = readonly (Node | undefined | false)[];
/** How a state is drawn. */
export type Screens<A extends State["at"]> = {
  readonly [K in A]: (session: Session, screen: Screen, state: Extract<State, { at: K }>) => Drawing;
};

/** Seconds that a voter waits for the log to be looked into. */
const LONGEST_LOOK = 15;

export class Session {
  state: State = START;
  readonly referendum: Referendum;
  readonly enrolments: Enrolments;
  readonly shell: Shell;
  /** Invitations that were found good, whatever screen is shown. */
  given: Given = new Map();
  /** Whether an invitation came with the address of the page, before there was a screen for it. */
  offered = false;
  waiting: Wait | undefined;
  /** What is pending of others who got their cards here before. */
  others: readonly Pending[] = [];

  constructor(referendum: Referendum, shell: Shell) {
    this.referendum = referendum;
    this.enrolments = new Enrolments(referendum);
    this.shell = shell;
  }

  /** The state after an event; the page shows it when it is drawn next. */
  step(event: Event): void {
    this.state = step(this.state, event);
  }

  /** The same, shown at once. */
  go(event: Event): void {
    this.step(event);
    this.shell.redraw();
  }

  /** Read what the log says, or as much of it as so many seconds suffice for. */
  look(seconds = LONGEST_LOOK): Promise<void> {
    return Promise.race([this.enrolments.update().catch(() => undefined), pause(seconds)]);
  }

  nameOf(registrar: number): string {
    return this.referendum.definition.registrars[registrar - 1]!.name;
  }

  namesOf(registrars: readonly number[]): string {
    return registrars.map((number) => this.nameOf(number)).join(", ");
  }

  /** Whether voters have several cards of which one counts. */
  get several(): boolean {
    return this.referendum.definition.decoys > 0;
  }

  /** A number of cards, drawn. */
  propose(): number {
    return randomBetween(...numbersOf(this.referendum.definition).proposed);
  }

  /** New cards in random order: their order tells nothing. Those that are pending here have other names. */
  draw(region: number, count: number): Card[] {
    return drawCards(this.referendum.election, region, count, () => randomBytes(16), namesIn(this.others));
  }

  /** Encrypt what the cards weigh: from here they are audited or enrolled. */
  makeCards(right: Right, cards: readonly Card[], counts: Card): void {
    const { definition, jointKey } = this.referendum;
    const draft = CardsDraft.make(definition, jointKey, cards, counts, seed);
    const enrolling = new Enrolling(this.referendum, right.entitled, draft, seed);
    this.step({ type: "made", made: { right, cards, draft, enrolling } });
  }

  /** All invitations are there: on to the cards. */
  entitle(): void {
    const entitled: Entitled[] = [...this.given.values()].sort((one, other) => one.registrar - other.registrar);
    const right = { region: entitled[0]!.region, entitled };
    this.step({ type: "entitled", right, proposed: this.propose() });
    if (!this.several) this.single(right);
  }

  anew(right: Right): void {
    this.step({ type: "anew", proposed: this.propose() });
    if (!this.several) this.single(right);
  }

  /** Where everybody has a single card there is no number and no card to choose. */
  single(right: Right): void {
    const cards = this.draw(right.region, 1);
    this.step({ type: "drawn", cards });
    this.makeCards(right, cards, cards[0]!);
  }

  /** Let somebody else begin; what is pending stays. */
  begin(): void {
    if (this.state.at === "pending") this.others = this.state.pendings;
    this.go({ type: "begin" });
  }

  /** Keep what is known of cards that are made, and show it when the page is drawn next. */
  keep(pendings: readonly Pending[]): void {
    this.step({ type: "pending", pendings, stored: store(this.referendum.election, pendings) });
  }
}
