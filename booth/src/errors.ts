// The ways to say no. Pages show their words to people; nothing in them is secret.

/** Bytes or text of another form than the specification's: says what and where. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** A card, an invitation or spare tokens of another referendum than this one. */
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
  override readonly name = "EvidenceMissing";
}

/** What is done at the wrong time: a ballot cast after it was opened, an enrolment that is closed. */
export class PhaseError extends Error {
  override readonly name = "PhaseError";
}

/** Nobody can enrol or vote yet: the trustees have not made their key. */
export class NotBegun extends PhaseError {}
