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
  explanations: msg("Explanation and arguments"),
  explanation: msg("Explanation"),
  // Translators: {option} is an answer, as “Yes”.
  argument: msg("Argument for “{option}”"),
  // Translators: {name} is who wrote an explanation or argument.
  explainedBy: msg("By {name}"),
  explanationWrong: msg("The server’s file is not the text that the definition names, so it is not shown: {detail}"),
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
  explain4Text: msg(
    "You will keep each card by itself: printed, as a picture, or written down. Remember by its name and picture which one counts: this device forgets that.",
  ),
  explainOne: msg("You get one voting card"),
  explainOneText: msg(
    "Whoever has it can vote in your place. Keep it where only you can find it: this device does not keep it.",
  ),
  inviteTitle: msg("Your invitation"),
  inviteText: msg(
    "Point the camera at the square on your letter, choose the file that you were sent, or paste its text. It is checked at once, and used only at the end, when you activate your cards.",
  ),
  inviteFile: msg("Invitation"),
  notInvitation: msg(
    "This is not an invitation. Copy everything from “psephos-invitation/1” to the last line, or choose the attached file.",
  ),
  invitesTitle: msg("Your invitations"),
  invitesText: msg(
    "You need an invitation from each of these. Give them in any order: point the camera at the square on a letter, choose a file that you were sent, or paste its text. Each is checked at once, and used only at the end, when you activate your cards.",
  ),
  // Translators: {name} is a registrar, an office that sends invitations.
  inviteAwaited: msg("{name}: not here yet"),
  // Translators: {name} is a registrar, an office that sends invitations.
  inviteThere: msg("{name}: checked, and good"),
  // Translators: {name} is a registrar, an office that sends invitations.
  inviteNext: msg("The next invitation comes from {name}."),
  inviteLost: msg("An invitation is missing, or somebody else had it"),
  // Translators: {names} are registrars, offices that send invitations.
  inviteLostText: msg(
    "If one is lost, ask for it again before enrolment closes, from whoever sends it: {names}.",
  ),
  inviteUsedText: msg(
    "If one is said to be used and it was not you, tell the registrar that sent it today. Keep the letter, and save the refusal here.",
  ),
  inviteOneText: msg(
    "Whoever has one invitation without the others gets no cards in your place, but can keep you from getting any.",
  ),
  otherRegion: msg("This invitation is for a different region from the others that you have given."),
  numberTitle: msg("How many cards?"),
  numberText: msg(
    "This number was drawn at random. You may take another. It is your secret: tell nobody.",
  ),
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
  sendTitleOne: msg("Last step: activate your card"),
  sendText: msg("You have kept your cards, but they cannot vote yet."),
  sendTextOne: msg("You have kept your card, but it cannot vote yet."),
  sendPrivate: msg(
    "The next minutes, until your cards are made, are for a place where nobody watches. After that nothing on this device tells which card counts.",
  ),
  // Translators: {names} are organisations that run relays.
  sendRelays: msg(
    "Your cards go through one of these, drawn at random, so that registrars do not see whose they are: {names}.",
  ),
  sendDirect: msg(
    "In this vote your cards go straight to the registrars. They can see which cards are yours, all of them, but not which one counts.",
  ),
  sendDirectOne: msg("In this vote your card goes straight to the registrars. They can see that it is yours."),
  // Translators: {count} is a number from 0 to 15.
  sendFew: msg(
    "Few people are getting cards at this time, so far: {count}. Yours would hide among theirs only. If you can, come back later.",
  ),
  send: msg("Activate my cards"),
  sendOne: msg("Activate my card"),
  sending: msg("Sending. Leave this page open …"),
  // Translators: {names} are registrars.
  silentRegistrars: msg(
    "No answer yet from: {names}. This page goes on asking. Leave it open: if it is closed before your cards are made, they are lost, and your invitations are used. You can stop waiting, keep the page open and try again here.",
  ),
  // Translators: {name} is a registrar, {why} a sentence that says what it refused.
  ofRegistrar: msg("{name}: {why}"),
  pendingTitle: msg("Your cards are made, but not active yet"),
  pendingText: msg(
    "They can vote once the public record has them. Until then hand no card to anybody: a card that stays out of the record could give away the others after the count.",
  ),
  pendingTitleOne: msg("Your card is made, but not active yet"),
  pendingTextOne: msg("Your card can vote once the public record has it."),
  pendingKept: msg(
    "You can close this page and come back to it on this device. Until the record has your cards, this browser keeps what activates them: it tells whose they are and how many, but not which one counts. Then it is deleted.",
  ),
  pendingKeptOne: msg(
    "You can close this page and come back to it on this device. Until the record has your card, this browser keeps what activates it. Then it is deleted.",
  ),
  pendingNotKept: msg(
    "This browser keeps nothing. Leave this page open until the registrars have taken all your cards: otherwise those that have not arrived are lost.",
  ),
  // Translators: {time} is like “Friday 4 December at 18:00 (Eastern European Time)”.
  pendingRelay: msg("They are with a relay, and reach the registrars by {time}. Come back then."),
  // Translators: {time} is like “Friday 4 December at 18:00 (Eastern European Time)”.
  pendingClosed: msg(
    "Enrolment closed on {time}, and relays take nothing more. Only cards that all registrars had before can still come into the record.",
  ),
  // Translators: {time} is like “Friday 4 December at 18:00 (Eastern European Time)”.
  pendingWhen: msg("Enrolment closes on {time}. Your cards will be in the record soon after that, if not before."),
  // Translators: {time} is like “Friday 4 December at 18:00 (Eastern European Time)”.
  pendingWhenOne: msg("Enrolment closes on {time}. Your card will be in the record soon after that, if not before."),
  // Translators: {name} is a registrar.
  admittedBy: msg("{name} has accepted all that was sent."),
  // Translators: {name} is a registrar.
  notAdmitted: msg("{name} has not answered yet."),
  // Translators: {name} is a registrar.
  refusedBy: msg("{name} has refused a card. Save the signed refusal, and ask there why."),
  sendAgain: msg("Send again what has no answer"),
  pendingOthers: msg("Somebody else wants cards on this device"),
  pendingOthersText: msg("What is kept here stays, and goes on being sent."),
  pendingBegin: msg("Get other cards"),
  // Translators: {name} is a registrar.
  silentTooLong: msg("{name} gave no answer in time."),
  tooLateTitle: msg("A card was not accepted before enrolment closed"),
  tooLateText: msg(
    "It cannot vote. The list below shows which registrar had not accepted it. Hand no card of yours to anybody: one that stays out of the record could give away the others after the count. If you sent it in good time, save the receipts and show them to those who watch this vote.",
  ),
  tooLateTitleOne: msg("Your card was not accepted before enrolment closed"),
  tooLateTextOne: msg(
    "It cannot vote. The list below shows which registrar had not accepted it. If you sent it in good time, show this page and the receipts, if there are any, to those who watch this vote.",
  ),
  leftOutTitle: msg("A card is not in the record where it should be"),
  leftOutText: msg(
    "Hand no card of yours to anybody. Save the receipts and show them to those who watch this vote. If all registrars have accepted it, the receipts prove who has left it out.",
  ),
  enrolledTitleOne: msg("Your card is active"),
  enrolledTextOne: msg("You can vote with it while voting is open."),
  enrolledReceiptOne: msg("The registrars have signed receipts. You do not need them."),
  enrolledHand: msg("From now on you may hand cards that do not count to whoever asks for them."),
  // Translators: {names} are registrars.
  waitsFor: msg("voting waits for {names}"),
  enrolledTitle: msg("Your cards are active"),
  enrolledText: msg("You can vote with each of them while voting is open."),
  enrolledReceipt: msg(
    "The registrars have signed receipts. You do not need them. They show which cards are yours, not which of them counts.",
  ),
  saveReceipt: msg("Save receipt"),
  saveReceipts: msg("Save receipts"),
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
  votingSoon: msg("Voting is about to begin. Look again in a minute."),
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
  regionTitle: msg("Which region do you vote in?"),
  regionText: msg("Its name is on your card."),
  regionNone: msg("No region has this name. Type its first letters, and choose it from the list."),
  // Translators: {names} are names of regions that begin with the letters that somebody typed.
  regionSeveral: msg("Type more of the name. These regions begin with the same letters: {names}"),
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
    "You do not need a receipt. It shows once more that you have voted; not how, and not whether it counts.",
  ),
  voteAgain: msg("Vote again, or with another card"),

  checkWhat: msg("What do you want to check?"),
  checkTracker: msg("A tracker"),
  checkTrackerText: msg("64 letters and digits. The whole record is read, which may take a while."),
  checkAsk: msg("Ask the server where it is. That is faster, but it learns which ballot you look for; what it says is checked."),
  checkOther: msg(
    "A receipt, or another device",
  ),
  checkOtherText: msg("Show a receipt, or scan the code on another phone that you want to check."),
  recorded: msg("The code is scanned"),
  // Translators: {button} is the text of a button on the other phone.
  recordedNext: msg("Now press “{button}” on the other phone, and scan here the codes that it shows."),
  countsName: msg("Which card did you choose on the other phone?"),
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
  receiptsTitle: msg("Receipts of your cards"),
  receiptsText: msg("Each is signed by a registrar, and compared here with the public record."),
  // Translators: {name} is a registrar.
  receiptThere: msg("The record has this card exactly as {name} took it."),
  // Translators: {name} is a registrar.
  receiptWaits: msg("{name} has taken this card. The record does not have it yet, and need not."),
  // Translators: {name} is a registrar.
  receiptMissing: msg("{name} has taken this card, but the record does not have it, though it should. This receipt is evidence: keep it."),
  // Translators: {name} is a registrar.
  receiptOther: msg("{name} has taken this card, but the record has another in its place. This receipt is evidence: keep it."),
  // Translators: {name} is a registrar.
  tokenThere: msg("{name} lists you among those who got cards."),
  // Translators: {name} is a registrar.
  tokenWaits: msg("{name} has not published yet who got cards."),
  // Translators: {name} is a registrar.
  tokenMissing: msg("{name} does not list you, though you got cards. This receipt is evidence: keep it."),

  saveRefusal: msg("Save the signed refusal"),
  refusedForm: msg("What was sent is not of this referendum."),
  refusedRoll: msg("This invitation is not on the list of voters."),
  refusedIssued: msg(
    "This invitation was used before. If you began here and the page was closed before your cards were made, they are lost: ask the registrar. If it was somebody else, tell the registrar today. If you have made your cards, use them.",
  ),
  refusedClosed: msg("It is too late, or too early: this is closed."),
  refusedLimit: msg("Too much was asked for. Try again later."),
  refusedAdmission: msg("The registrar says that this card is not in order."),
  refusedKnown: msg("The registrar has another card with the same key."),
  refusedUnshown: msg(
    "It says that this invitation was used before, but does not show by what request. Keep it as one that is unused, save the signed refusal, and say so today.",
  ),
  refusedCard: msg(
    "This card cannot vote: it was not activated before enrolment closed, or enrolment is not over yet.",
  ),
  refusedProof: msg("The proof does not hold: something was changed on its way, or made wrongly. Try again."),
  refusedSerial: msg("This card has voted too often today."),
  refusedOther: msg("It was refused: {reason}."),

  isInvitation: msg("This is an invitation."),
  isReceipt: msg("This is the receipt of a ballot."),
  isCard: msg("This is a voting card, or its words."),
  isCode: msg("This is a code for checking a device."),
  isTracker: msg("This is a tracker, or another number of 64 digits."),
  isFor: msg("It belongs on the page “{page}”."),
  isName: msg("This is the name of a card. Its twelve words are needed, or its code."),
  isSix: msg("These are six words, such as show which referendum this is. A card has twelve."),
  isEnrolment: msg(
    "This is a receipt for your cards, signed by a registrar. If a card is said to be unknown, it shows that you got it.",
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
  overSince: msg(
    "Enrolment is over, since {time}.",
  ),
  enrolUntil: msg(
    "Enrolment closes on {time}.",
  ),
  overText: msg(
    "No more cards are made. If you have cards, vote with them while voting is open. If you have none, ask those who run the vote.",
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
    "This card is not active, or not yet. If its name here is not the name on your card, go back and choose the right region. If it was never activated, it cannot vote: take another. If it was activated lately, try again when enrolment is over. If no card of yours works, show those who run the vote the receipts for your cards.",
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
