// The ways to say no. Pages show their words to people; nothing in them is secret.

/** Bytes or text of another form than the specification's: says what and where. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** A card or an invitation of another referendum than this one. */
export class OtherReferendum extends FormatError {}

/** Something of the right form that does not hold: which check, and through whom. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";
  readonly check: string;
  readonly culprit: string;

  constructor(check: string, culprit: string, message: string) {
    super(message);
    this.check = check;
    this.culprit = culprit;
  }
}

/** Evidence that is not there, or not yet: never passed, and nobody's proven fault. */
export class EvidenceMissing extends Error {
  override readonly name: string = "EvidenceMissing";
}

/** Evidence that the server says it does not have. */
export class NotThere extends EvidenceMissing {}

/** What is done at the wrong time: a ballot cast after it was opened, an enrolment that is closed. */
export class PhaseError extends Error {
  override readonly name = "PhaseError";
}

/** Nobody can enrol or vote yet: the trustees have not made their key. */
export class NotBegun extends PhaseError {}

/** What a registrar refused, did not answer, or answered wrongly: `cause` says what. */
export class OfRegistrar extends Error {
  override readonly name = "OfRegistrar";
  readonly number: number;
  readonly registrar: string;

  constructor(number: number, registrar: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.number = number;
    this.registrar = registrar;
  }
}

/** Something of the enrolment of cards stays out of the record, or stands there otherwise. */
export class LeftOut extends Error {
  override readonly name = "LeftOut";
}

/** A card that not all registrars had accepted when enrolment closed: it stays out of the record, as nobody promised else. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}
