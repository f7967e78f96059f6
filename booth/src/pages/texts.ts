// Every text of the pages, by key, in English: `make pot` takes them into the catalogues of all languages
// (src/psephos/language), from which build.mjs makes the texts of a page. `{name}` stands for a value. A comment that
// begins with "Translators:" goes with its text.

/** A text in English; where other languages say one English text in two ways, with what tells the two apart. */
export interface Message {
  readonly english: string;
  readonly context?: string;
}

const msg = (english: string): Message => ({ english });
const msgIn = (context: string, english: string): Message => ({ english, context });

export const TEXTS = {
  language: msg("Language"),
  loading: msg("Reading the public record …"),
  back: msg("Back"),
  next: msg("Next"),
  again: msg("Start again"),
  problem: msg("That did not work"),
  saveFile: msg("Save as a file"),
  tryAgain: msg("Try again"),
  missing: msg("The server did not answer, or does not have this yet. Nothing is lost: try again."),
  unreadable: msg("This cannot be read: {detail}"),
  failed: msg("A check failed. Somebody, or some device, may be cheating. Keep this: {detail}"),
  notNow: msg("This cannot be done now: {detail}"),
  pinned: msg("This referendum in six words, the same for everybody"),
  about: msg("About this referendum"),
  publicPages: msg("Questions, times and result"),
  help: msg("Help: {contact}"),
  rehearsal: msg("This is a rehearsal: nothing is decided by it."),
  rehearsalTitle: msg("Rehearsal: {title}"),
  enrolTitle: msg("Get your voting cards"),
  voteTitle: msgIn("title", "Vote"),
  checkTitle: msg("Check"),
  alone: msg("Are you alone?"),
  aloneText: msg(
    "Getting your cards takes about ten minutes, and nobody may look on. If somebody is with you, or may come in, close this page and come back later: nothing is lost.",
  ),
  aloneNext: msg("I am alone: go on"),
  notResistant: msg("This vote does not protect against coercion: there is one card a voter."),
  camera: msg("Use the camera"),
  cameraNone: msg("The camera cannot be used. Choose a picture or a file instead."),
  file: msg("Choose a picture or a file"),
  noCode: msg("There is no code to be read in this picture."),
  paste: msg("Or paste its text"),
  use: msg("Use this"),

  explain1: msg("You get several voting cards"),
  explain1Text: msg("All of them can vote, and all look alike. Only one of them counts. Only you know which."),
  explain2: msg("Nobody can make you prove it"),
  explain2Text: msg("If somebody forces you to vote their way, or offers money, give them a card that does not count. It works like the other, and nobody can tell."),
  explain3: msg("There is always one more card"),
  explain3Text: msg("Nobody knows how many cards you have. Show as many as you like, and keep the one that counts to yourself."),
  explain4: msg("Keep the cards apart"),
  explain4Text: msg("You will keep each card by itself: printed, as a picture, or written down. Remember by its name and picture which one counts. This device forgets everything."),
  explainOne: msg("You get one voting card"),
  explainOneText: msg(
    "Whoever has it can vote in your place. Keep it where only you can find it: this device forgets everything.",
  ),
  inviteTitle: msg("Your invitation"),
  inviteText: msg(
    "Point the camera at the square on your letter, choose the file that you were sent, or paste its text. The invitation is used only at the end, when you activate your cards; whether somebody has used it before is known only then.",
  ),
  inviteFile: msg("Invitation"),
  notInvitation: msg(
    "This is not an invitation. Copy everything from “psephos-invitation/1” to the last line, or choose the attached file.",
  ),
  haveCards: msg("I have cards already"),
  spareStart: msg("I want more cards that do not count"),
  spareText: msg(
    "Choose the file of spare tokens that you kept. The file does not change, whether you use it or not.",
  ),
  spareFile: msg("Spare tokens"),
  numberTitle: msg("How many cards?"),
  numberText: msg("This number was drawn at random. You may take another. Tell nobody."),
  numberLabel: msg("Cards"),
  chooseTitle: msg("Choose the card that will count"),
  chooseText: msg(
    "Take any of them. Learn its name and picture by heart: nobody, not even we, can tell you later which one it was.",
  ),
  chooseLabel: msg("The card that counts"),
  auditTitle: msg("Is this device honest?"),
  // Translators: {address} is a web address, {button} the text of a button on the same page.
  auditText: msg(
    "You can check that with another phone, or simply go on. To check, open {address} on the other phone and scan this code with it. Only then press “{button}” here: the other phone sees whether the card that you chose counts. Those cards are then thrown away, and you make new ones.",
  ),
  auditStart: msg("Check these cards"),
  keepStart: msg("Keep these cards"),
  auditedText: msg(
    "Let the other phone scan these codes, one after the other. These cards are worth nothing now.",
  ),
  nextCode: msg("Show the next code"),
  newCards: msg("Make new cards"),
  keepTitle: msg("Keep this card"),
  keepNumber: msg("Card {number} of {all}"),
  keepText: msg("Print it, save its picture, or write the twelve words down. Keep it apart from the others."),
  keepDownloads: msg(
    "Pictures stay in this device’s Downloads, where others may find them. Write the card that counts down on paper.",
  ),
  keepPrint: msg("Print"),
  keepSave: msg("Save picture"),
  keepWritten: msg("I have written the twelve words down"),
  keepNext: msg("I have kept it"),
  words: msg("Twelve words"),
  sendTitle: msg("Last step: activate your cards"),
  sendText: msg("You have kept your cards, but they cannot vote yet."),
  sendDelay: msg(
    "Wait a random time, up to ten minutes: that makes it harder to find out which cards are yours. Leave this page open.",
  ),
  send: msg("Activate my cards"),
  sending: msg("Sending. Leave this page open …"),
  enrolledTitle: msg("Your cards are active"),
  enrolledText: msg("You can vote with each of them while voting is open."),
  enrolledReceipt: msg(
    "The registrar has signed a receipt. It shows that you got cards, not which of them counts.",
  ),
  saveReceipt: msg("Save receipt"),
  saveSpare: msg("Save spare tokens"),
  spareWhy: msg(
    "With spare tokens you can make more cards that do not count, any time until enrolment closes. Everybody is offered them. Do not show the file to anybody who forces you.",
  ),
  forget: msg("Close this page now. It has forgotten your cards."),

  cardTitle: msg("Your card, please"),
  cardText: msg(
    "Alone? Use the card that counts. Is somebody watching, or making you vote? Use another: it looks and works the same.",
  ),
  cardTextOne: msg("Use the voting card that you got when you enrolled."),
  // Translators: {time} is like “Friday 4 December at 18:00 (Eastern European Time)”.
  cardAgain: msg("You can vote again until {time}; only the last time counts."),
  cardAgainThen: msg("You can vote again until then; only the last time counts."),
  cardAgainOther: msg("You can vote again until voting ends in your region; only the last time counts."),
  votingUntil: msg("Voting is open until {time}."),
  votingBegins: msg("Voting begins on {time}."),
  votingEnded: msg("Voting ended on {time}."),
  // Translators: {time} is the time of day, {zone} what the time zone is called, as “Eastern European Time”.
  time: msg("{weekday} {date} at {time} ({zone})"),
  votingNotNow: msg("You cannot vote now"),
  votingOverTitle: msg("Voting is over"),
  votingKeep: msg("Keep your cards until then. No card is needed now."),
  votingOver: msg("No more ballots are taken. The result is on the referendum’s pages, once it is known."),
  cardWords: msg("Type or paste its twelve words"),
  region: msg("Region"),
  regionFirst: msg("Choose the region first: the words do not name it."),
  cardThis: msg("Is this your card?"),
  cardYes: msg("Vote with this card"),
  wording: msg(
    "If a neighbour’s phone, or the referendum’s pages, show the same six words, you are asked the same.",
  ),
  dayOf: msg("Day {day}"),
  blank: msg("Blank vote"),
  review: msg("Review my answers"),
  answer: msg("Your answer:"),
  answers: msg("Your answers"),
  seal: msg("Correct, go on"),
  sealedTitle: msg("Your ballot is ready, but not sent yet"),
  sealedText: msg("It is encrypted. With this tracker you can find it again:"),
  // Translators: {address} is a web address, {button} the text of a button on the same page.
  checkText: msg(
    "To see whether this device has encrypted what you chose, open {address} on another phone and scan this code with it. Only then press “{button}” here. A checked ballot is thrown away, and you make a new one.",
  ),
  checkThis: msg("Check this ballot"),
  castThis: msg("Cast this ballot"),
  castDelay: msg("Wait a random time before it is sent, up to ten minutes. Leave this page open."),
  openedTitle: msg("Show this to the other phone"),
  openedText: msg("Let the other phone scan these codes, one after the other. This ballot will not be cast."),
  newBallot: msg("Make a new ballot"),
  usedTitle: msg("Not sent yet: this card has already voted today"),
  usedText: msg("Send this ballot instead of the earlier one? It has a new tracker:"),
  usedSend: msg("Send this ballot instead"),
  castTitle: msg("Your ballot has been cast"),
  castText: msg(
    "There is nothing more to do: you can close this page. The server has signed a promise to publish your ballot by {time}.",
  ),
  tracker: msg("Tracker"),
  waiting: msg("If you want a receipt, wait here until your ballot is published …"),
  savePromise: msg("Save the promise: evidence, should your ballot not be published"),
  recordedTitle: msg("Your ballot is published"),
  // Translators: {witnesses} is how many of them there are.
  recordedText: msg(
    "It is number {index} in the public record. Witnesses who have signed that: {witnesses}.",
  ),
  receiptWhy: msg(
    "You do not need a receipt. It shows that you have voted once more; not how, and not whether it counts.",
  ),
  voteAgain: msg("Vote again, or with another card"),

  checkWhat: msg("What do you want to check?"),
  checkTracker: msg("A tracker"),
  checkTrackerText: msg("64 letters and digits. The whole record is read, which may take a while."),
  checkAsk: msg("Ask the server where it is. That is faster, but it learns which ballot you look for; what it says is checked."),
  checkOther: msg("A receipt, or another device"),
  checkOtherText: msg("Show a receipt, or scan the code on another phone that you want to check."),
  recorded: msg("The code is scanned"),
  // Translators: {button} is the text of a button on the other phone.
  recordedNext: msg("Now press “{button}” on the other phone, and scan here the codes that it shows."),
  countsName: msg("Which card did you choose on the other phone?"),
  countsNone: msg("None: they are all cards that do not count"),
  countsAsk: msg("Type its three words before you scan further."),
  countsWords: msg("The three words of its name"),
  countsUnknown: msg("No card has this name. It is three English words, such as “calm red otter”."),
  progress: msg("{done} of {all} codes scanned"),
  notFound: msg("The record does not have this ballot, or not yet."),
  auditGood: msg("The other phone is honest"),
  // Translators: {button} is the text of a button on the other phone.
  auditGroup: msg("It made the cards that you asked for. Go back to it and press “{button}”."),
  // Translators: {button} is the text of a button on the other phone.
  auditBallot: msg("It encrypted exactly these answers. Go back to it and press “{button}”."),
  counts: msg("counts"),
  countsNot: msg("does not count"),
  receiptGood: msg("This ballot is in the record"),

  saveRefusal: msg("Save the signed refusal"),
  refusedForm: msg("What was sent is not of this referendum."),
  refusedRoll: msg("This invitation is not on the list of voters."),
  refusedIssued: msg(
    "This invitation was used before. If that was you, use the cards that you made then. If it was not, say so today.",
  ),
  refusedClosed: msg("It is too late, or too early: this is closed."),
  refusedSpent: msg("This token was used before."),
  refusedCard: msg(
    "This card cannot vote: it was not activated before enrolment closed, or enrolment is not over yet.",
  ),
  refusedProof: msg("The proof does not hold: something was changed on its way, or made wrongly. Try again."),
  refusedToken: msg("The token is not right."),
  refusedSerial: msg("This card has voted too often today."),
  refusedOther: msg("It was refused: {reason}."),

  isInvitation: msg("This is an invitation."),
  isSpare: msg("This is a file of spare tokens."),
  isReceipt: msg("This is the receipt of a ballot."),
  isCard: msg("This is a voting card, or its words."),
  isCode: msg("This is a code for checking a device."),
  isTracker: msg("This is a tracker, or another number of 64 digits."),
  isFor: msg("It belongs on the page “{page}”."),
  isName: msg("This is the name of a card. Its twelve words are needed, or its code."),
  isSix: msg("These are six words, such as show which referendum this is. A card has twelve."),
  isEnrolment: msg(
    "This is the receipt for your cards, signed by the registrar. Keep it: if a card is said to be unknown, it shows that you got cards.",
  ),
  isPromise: msg(
    "This is the promise to record a ballot. Keep it until the ballot is recorded; to look for the ballot, its tracker is needed.",
  ),
  isRefusal: msg("This is a signed refusal. Show it to those who run the vote."),
  isAddress: msg("There is nothing secret in this address. Copy all of it, to its last letter."),
  isDocument: msg("This is a document of another program. Open it, copy its text and paste it here."),
  isLarge: msg("This file is too large to be what is needed here."),
  isNothing: msg("There is nothing in it. Choose a file, or paste a text."),
  isUnknown: msg("This is not what is needed here. Copy all of it from where you got it, or choose its file."),
  pastedSeveral: msg("There are several different ones in it. Give one of them alone."),
  pastedCut: msg(
    "A part of it is missing, or was changed. Copy it again from the first letter to the last, or choose its file.",
  ),
  // Translators: a word between quotation marks, as your language has them.
  quoted: msg("“{word}”"),
  slip: msg("Word {place}, “{typed}”, is not in the list. Did you mean {meant}?"),
  slipUnknown: msg("Word {place}, “{typed}”, is not in the list, nor is any that is like it."),
  slipCount: msg("A card has twelve words. Words here: {count}."),
  slipOrder: msg(
    "Each word is in the list, but together they are no card: one is another word, or they are in another order. Compare them with the card.",
  ),
  countsNearest: msg("No card has this name. Did you mean “{name}”?"),
  overTitle: msg("Enrolment is over"),
  over: msg("Enrolment is over."),
  overSince: msg("Enrolment is over, since {time} at the latest."),
  enrolUntil: msg("Enrolment ends on {time} at the latest."),
  overText: msg(
    "No more cards are made. If you have cards, vote with them. If you have none, ask those who run the vote.",
  ),
  otherReferendum: msg("This belongs to another vote. Look for what you were given for this one."),
  notBegunTitle: msg("It has not begun yet"),
  notBegun: msg(
    "This vote is still being prepared: nobody can get cards or vote. Try again in a while. You have missed nothing.",
  ),
  notListed: msg(
    "This invitation is not on the list of voters: it was changed on its way, or is of another vote. Take it again from where you got it. If that does not help, ask those who run the vote today.",
  ),
  notEnrolled: msg(
    "This card is not active, or not yet. If its name here is not the name on your card, go back and choose the right region. If it was never activated, it cannot vote: take another. If it was activated lately, try again when enrolment is over. If no card of yours works, show those who run the vote the receipt for your cards.",
  ),
  silentRegistrar: msg(
    "The registrar does not answer. Nothing is lost: your cards are kept, and this page goes on asking. Leave it open, or stop waiting and try again here later.",
  ),
  silentBoard: msg(
    "The server does not answer. Nothing is lost: your ballot is ready, and this page goes on asking. Leave it open, or stop waiting and cast the same ballot here later.",
  ),
  stop: msg("Stop waiting"),
  leaveTitle: msg("Throw these cards away?"),
  leaveText: msg(
    "You have seen cards that are not active yet. If you go back, you make others, and these can never vote: destroy what you printed, saved or wrote down of them.",
  ),
  leaveStay: msg("Go on with these cards"),
  leaveDiscard: msg("Throw them away and make others"),
  uselessTitle: msg("These cards cannot be activated"),
  uselessText: msg(
    "They will never vote, though they look like any other. Destroy what you printed, saved or wrote down of them, so that you do not take one for a card that works.",
  ),
} as const satisfies Readonly<Record<string, Message>>;

export type Key = keyof typeof TEXTS;
