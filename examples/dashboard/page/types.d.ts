// Types of the JSON, made from openapi.json by types/generate.mjs.

/**
 * A count as text: null at 0, the number up to 9, "9+" above (W7).
 */
export type Badge = string | null;
/**
 * The id that the host application uses for a booking (I1). At most 128 bytes in UTF-8, so at most as many characters.
 */
export type BookingId = string;
/**
 * The id that the host application uses for a CRM profile (I1). At most 128 bytes in UTF-8, so at most as many characters.
 */
export type ProfileId = string;
/**
 * A time in RFC 3339, in UTC.
 */
export type Timestamp = string;
/**
 * The status of a booking: a known word, or one of the host application. At most 512 bytes in UTF-8, so at most as many characters.
 */
export type BookingStatus = string;
/**
 * The id of an event, which stays the same if the event is delivered again (P5).
 */
export type EventId = string;
/**
 * The number of a commit of a location.
 */
export type Revision = number;
/**
 * The id that the host application uses for a location (I1). At most 128 bytes in UTF-8, so at most as many characters.
 */
export type LocationId = string;
/**
 * The confirmation code of a booking, which the customer knows, for example `K7Q2-XH41` (T6).
 */
export type ConfirmationCode = string;
/**
 * A time in RFC 3339, with the UTC offset of the location.
 */
export type LocalTime = string;
/**
 * A number from 1; 0 is no message.
 */
export type MessageNumber = number;
/**
 * The id that the host application uses for an author (I1). At most 128 bytes in UTF-8, so at most as many characters.
 */
export type ParticipantId = string;
/**
 * The side of a conversation that a participant belongs to.
 */
export type Role = 'customer' | 'operator';
/**
 * A date in the location's calendar.
 */
export type DateGroup = string;
/**
 * The position of a customer's poll. A client returns it unchanged.
 */
export type CustomerCursor = string;
/**
 * The switch that lets the customers of a location write (L4).
 */
export type Messaging = 'on' | 'off';
/**
 * The answer to a customer's poll. In JSON its `kind` is `"update"` or `"startOver"`.
 */
export type CustomerPollView =
  | {
      /**
       * The booked activity.
       */
      activity?: string;
      /**
       * The number of unread messages as a badge.
       */
      badge: Badge;
      /**
       * The booking.
       */
      booking?: BookingId;
      /**
       * The whole confirmation code.
       */
      code?: ConfirmationCode;
      /**
       * The position from which the next poll continues.
       */
      cursor: CustomerCursor;
      /**
       * The booking's customer name, or "Customer".
       */
      customer?: string;
      /**
       * The date of the start, as text; null without a start.
       */
      date?: string | null;
      /**
       * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
       */
      duration?: string | null;
      /**
       * The end of the booking; null if its start or its duration is unknown.
       */
      endsAt?: LocalTime | null;
      /**
       * The number of the thread's first message; the screen removes messages below this number (L3).
       */
      firstNumber: MessageNumber;
      /**
       * The first unread message of an operator as of before this answer, or null. A screen shows "new messages" above it (U3).
       */
      firstUnread: MessageNumber | null;
      /**
       * `true` if this part has messages and the thread has messages before them.
       */
      hasEarlier: boolean;
      /**
       * `true` if the thread has messages after this part. The next poll and `later` return those messages. This field has no meaning for a history answer without messages.
       */
      hasLater: boolean;
      kind: 'update';
      /**
       * The last date of a booking that spans nights, as text; null for other bookings (W8).
       */
      lastDate?: string | null;
      /**
       * The booking that was linked to the thread last, or null without linked bookings (I2).
       */
      linkedBooking?: BookingId | null;
      /**
       * The switch that lets customers write (L4).
       */
      messaging: Messaging;
      /**
       * The label to show instead of the composer if messaging is off, else null.
       */
      messagingLabel: string | null;
      /**
       * The number of nights; null if the booking spans no night (W8).
       */
      nights?: number | null;
      /**
       * The number up to which the operators have read. A screen shows "read" on the customer's messages up to this number.
       */
      readTo: MessageNumber;
      /**
       * In a poll's answer, the messages that were redacted since the last answer and that the screen may show with their texts (T9). The screen replaces the messages with these entries.
       */
      redacted: Entry[];
      /**
       * The messages by date.
       */
      sections: EntrySection[];
      /**
       * The last number up to which a screen shows every message after the screen has merged this part. The screen sends this number with the next poll, and in a draft as `seen`. Reading the history does not change this number.
       */
      shown: MessageNumber;
      /**
       * The start of the booking; null if it has no start yet.
       */
      startsAt?: LocalTime | null;
      /**
       * The status of the booking.
       */
      status?: BookingStatus;
      /**
       * The status, as text.
       */
      statusLabel?: string;
      /**
       * The time of day of the start, as text; null without a start.
       */
      time?: string | null;
      /**
       * The number of operators' messages that the customer has not read.
       */
      unread: number;
    }
  | {
      kind: 'startOver';
    };
/**
 * A key that makes a retry safe (I4). At most 128 bytes in UTF-8, so at most as many characters.
 */
export type IdempotencyKey = string;
/**
 * An event (P5). The fields of a thread are as of the delivery.
 */
export type Event =
  ThreadEvent | MessageEvent | MarkEvent | BookingEvent | LinkEvent | ErasureEvent;
/**
 * The position of an operator's poll. A client returns it unchanged.
 */
export type PollCursor = string;
/**
 * The position of a page in a list of threads. A client returns it unchanged.
 */
export type PageCursor = string;
/**
 * The answer to an operator's poll. In JSON its `kind` is `"update"` or `"startOver"`.
 */
export type OperatorPollView =
  | {
      /**
       * The number of unread threads as a badge.
       */
      badge: Badge;
      /**
       * The open conversation with its new messages; `PageInfo` says how to merge the messages.
       */
      conversation: OperatorConversationView | null;
      /**
       * The position from which the next poll continues.
       */
      cursor: PollCursor;
      /**
       * The bookings whose threads were erased.
       */
      erased: BookingId[];
      kind: 'update';
      /**
       * The changed rows. Each row occurs once.
       */
      rows: InboxRow[];
      /**
       * The number of the location's threads with unread customer messages (U4).
       */
      unread: number;
      /**
       * The number of the location's threads that wait for an operator's answer (U5).
       */
      waiting: number;
    }
  | {
      /**
       * The position from which the next poll continues.
       */
      cursor: PollCursor;
      kind: 'startOver';
    };

/**
 * A change of the booking's snapshot.
 */
export interface BookingEvent {
  /**
   * The booking before the change.
   */
  before: BookingRecord;
  /**
   * The booking of the thread's snapshot.
   */
  booking: BookingRecord;
  /**
   * The name of the customer who wrote the message or booked.
   */
  customer: string | null;
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'bookingUpdated';
  /**
   * The preview of the message, else of the thread's last message; null for a redacted or a missing message.
   */
  preview: Preview | null;
  /**
   * The number of redacted messages.
   */
  redactions: number;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
  /**
   * The number of unread messages of each side.
   */
  unread: {
    /**
     * The value of the customers.
     */
    customer: number;
    /**
     * The value of the operators.
     */
    operator: number;
  };
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: Timestamp | null;
}
/**
 * A `Booking` as plain values. `Debug` shows only the id.
 */
export interface BookingRecord {
  activity: string;
  code: string;
  customerName?: string;
  durationSecs: number;
  id: BookingId;
  profile?: ProfileId;
  shortCode?: string;
  startsAt?: Timestamp;
  status: BookingStatus;
  version?: number;
}
/**
 * The beginning of a message on a single line, for lists (T7).
 */
export interface Preview {
  cut: boolean;
  text: string;
}
/**
 * Id of a thread: its location and its booking (I2).
 */
export interface ThreadId {
  /**
   * The booking that the thread is about.
   */
  booking: BookingId;
  /**
   * The location of the booking.
   */
  location: LocationId;
}
/**
 * A conversation with two links of the host application: to the customer's profile in the CRM, and to the customer's page.
 */
export interface ConversationResponse {
  /**
   * The booked activity.
   */
  activity: string;
  /**
   * The number of unread messages as a badge.
   */
  badge: Badge;
  /**
   * The booking.
   */
  booking: BookingId;
  /**
   * The whole confirmation code.
   */
  code: ConfirmationCode;
  /**
   * The address of the customer's CRM profile.
   */
  crm: string | null;
  /**
   * The booking's customer name, or "Customer".
   */
  customer: string;
  /**
   * The date of the start, as text; null without a start.
   */
  date: string | null;
  /**
   * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
   */
  duration: string | null;
  /**
   * The end of the booking; null if its start or its duration is unknown.
   */
  endsAt: LocalTime | null;
  /**
   * The number of the thread's first message; the screen removes messages below this number (L3).
   */
  firstNumber: MessageNumber;
  /**
   * The first unread customer message as of before this answer, or null. A screen shows "new messages" above it (U3).
   */
  firstUnread: MessageNumber | null;
  /**
   * `true` if this part has messages and the thread has messages before them.
   */
  hasEarlier: boolean;
  /**
   * `true` if the thread has messages after this part. The next poll and `later` return those messages. This field has no meaning for a history answer without messages.
   */
  hasLater: boolean;
  /**
   * The last date of a booking that spans nights, as text; null for other bookings (W8).
   */
  lastDate: string | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking: BookingId | null;
  /**
   * The number of nights; null if the booking spans no night (W8).
   */
  nights: number | null;
  /**
   * The path of the customer's page.
   */
  portal: string;
  /**
   * The customer's CRM profile, if there is one.
   */
  profile: ProfileId | null;
  /**
   * The number up to which the customer has read. A screen shows "read" on replies up to this number.
   */
  readTo: MessageNumber;
  /**
   * In a poll's answer, the messages that were redacted since the last answer and that the screen may show with their texts (T9). The screen replaces the messages with these entries.
   */
  redacted: OperatorEntry[];
  /**
   * The number of redacted messages that the screen knows, for the next poll's `OpenThread`. The number of a smaller answer never replaces a higher one of the same `firstNumber`.
   */
  redactions: number;
  /**
   * The messages by date.
   */
  sections: OperatorEntrySection[];
  /**
   * The last number up to which a screen shows every message after the screen has merged this part. The screen sends this number with the next poll, and in a draft as `seen`. Reading the history does not change this number.
   */
  shown: MessageNumber;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt: LocalTime | null;
  /**
   * The status of the booking.
   */
  status: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel: string;
  /**
   * The time of day of the start, as text; null without a start.
   */
  time: string | null;
  /**
   * The number of customer messages that no operator has read.
   */
  unread: number;
  /**
   * The time for which the thread has waited, as text. This text becomes outdated.
   */
  waiting: string | null;
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: LocalTime | null;
}
/**
 * The view of one message for operators.
 */
export interface OperatorEntry {
  /**
   * The id that the host application uses for the author.
   */
  author: ParticipantId;
  /**
   * The label of a message that a program wrote, else null.
   */
  automatic: string | null;
  /**
   * The text encoded for pages that a server renders (T5); null if the message is redacted or the context leaves it out.
   */
  html: string | null;
  /**
   * The number of the message.
   */
  number: MessageNumber;
  /**
   * `true` if the other side has read the message (U1).
   */
  read: boolean;
  /**
   * The label to show instead of the text if the message is redacted, else null (T9).
   */
  removed: string | null;
  /**
   * The author's name, or the label for an author without a name.
   */
  sender: string;
  /**
   * The time when the message was sent.
   */
  sentAt: LocalTime;
  /**
   * The author's side: screens show the customer's messages on the left and replies on the right.
   */
  side: Role;
  /**
   * The raw text, for `textContent`; null if the message is redacted.
   */
  text: string | null;
  /**
   * The time of day when the message was sent, as text.
   */
  time: string;
}
/**
 * The messages of one date under its heading (W5).
 */
export interface OperatorEntrySection {
  /**
   * The date.
   */
  date: DateGroup;
  /**
   * The messages, oldest first; never empty.
   */
  entries: OperatorEntry[];
  /**
   * The date as text: "Today", "Yesterday", "Monday, Mar 15".
   */
  heading: string;
}
/**
 * The view of a conversation for customers, with the position from which the next poll continues.
 */
export interface CustomerConversationView {
  /**
   * The booked activity.
   */
  activity?: string;
  /**
   * The number of unread messages as a badge.
   */
  badge: Badge;
  /**
   * The booking.
   */
  booking?: BookingId;
  /**
   * The whole confirmation code.
   */
  code?: ConfirmationCode;
  /**
   * The position from which the next poll continues.
   */
  cursor: CustomerCursor;
  /**
   * The booking's customer name, or "Customer".
   */
  customer?: string;
  /**
   * The date of the start, as text; null without a start.
   */
  date?: string | null;
  /**
   * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
   */
  duration?: string | null;
  /**
   * The end of the booking; null if its start or its duration is unknown.
   */
  endsAt?: LocalTime | null;
  /**
   * The number of the thread's first message; the screen removes messages below this number (L3).
   */
  firstNumber: MessageNumber;
  /**
   * The first unread message of an operator as of before this answer, or null. A screen shows "new messages" above it (U3).
   */
  firstUnread: MessageNumber | null;
  /**
   * `true` if this part has messages and the thread has messages before them.
   */
  hasEarlier: boolean;
  /**
   * `true` if the thread has messages after this part. The next poll and `later` return those messages. This field has no meaning for a history answer without messages.
   */
  hasLater: boolean;
  /**
   * The last date of a booking that spans nights, as text; null for other bookings (W8).
   */
  lastDate?: string | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking?: BookingId | null;
  /**
   * The switch that lets customers write (L4).
   */
  messaging: Messaging;
  /**
   * The label to show instead of the composer if messaging is off, else null.
   */
  messagingLabel: string | null;
  /**
   * The number of nights; null if the booking spans no night (W8).
   */
  nights?: number | null;
  /**
   * The number up to which the operators have read. A screen shows "read" on the customer's messages up to this number.
   */
  readTo: MessageNumber;
  /**
   * In a poll's answer, the messages that were redacted since the last answer and that the screen may show with their texts (T9). The screen replaces the messages with these entries.
   */
  redacted: Entry[];
  /**
   * The messages by date.
   */
  sections: EntrySection[];
  /**
   * The last number up to which a screen shows every message after the screen has merged this part. The screen sends this number with the next poll, and in a draft as `seen`. Reading the history does not change this number.
   */
  shown: MessageNumber;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt?: LocalTime | null;
  /**
   * The status of the booking.
   */
  status?: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel?: string;
  /**
   * The time of day of the start, as text; null without a start.
   */
  time?: string | null;
  /**
   * The number of operators' messages that the customer has not read.
   */
  unread: number;
}
/**
 * The view of one message, for customers and for operators.
 */
export interface Entry {
  /**
   * The label of a message that a program wrote, else null.
   */
  automatic: string | null;
  /**
   * The text encoded for pages that a server renders (T5); null if the message is redacted or the context leaves it out.
   */
  html: string | null;
  /**
   * The number of the message.
   */
  number: MessageNumber;
  /**
   * `true` if the other side has read the message (U1).
   */
  read: boolean;
  /**
   * The label to show instead of the text if the message is redacted, else null (T9).
   */
  removed: string | null;
  /**
   * The author's name, or the label for an author without a name.
   */
  sender: string;
  /**
   * The time when the message was sent.
   */
  sentAt: LocalTime;
  /**
   * The author's side: screens show the customer's messages on the left and replies on the right.
   */
  side: Role;
  /**
   * The raw text, for `textContent`; null if the message is redacted.
   */
  text: string | null;
  /**
   * The time of day when the message was sent, as text.
   */
  time: string;
}
/**
 * The messages of one date under its heading (W5).
 */
export interface EntrySection {
  /**
   * The date.
   */
  date: DateGroup;
  /**
   * The messages, oldest first; never empty.
   */
  entries: Entry[];
  /**
   * The date as text: "Today", "Yesterday", "Monday, Mar 15".
   */
  heading: string;
}
/**
 * The view of a conversation for customers, without a cursor. It contains no CRM profile and no operator's id (A2).
 */
export interface CustomerHistoryView {
  /**
   * The booked activity.
   */
  activity?: string;
  /**
   * The number of unread messages as a badge.
   */
  badge: Badge;
  /**
   * The booking.
   */
  booking?: BookingId;
  /**
   * The whole confirmation code.
   */
  code?: ConfirmationCode;
  /**
   * The booking's customer name, or "Customer".
   */
  customer?: string;
  /**
   * The date of the start, as text; null without a start.
   */
  date?: string | null;
  /**
   * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
   */
  duration?: string | null;
  /**
   * The end of the booking; null if its start or its duration is unknown.
   */
  endsAt?: LocalTime | null;
  /**
   * The number of the thread's first message; the screen removes messages below this number (L3).
   */
  firstNumber: MessageNumber;
  /**
   * The first unread message of an operator as of before this answer, or null. A screen shows "new messages" above it (U3).
   */
  firstUnread: MessageNumber | null;
  /**
   * `true` if this part has messages and the thread has messages before them.
   */
  hasEarlier: boolean;
  /**
   * `true` if the thread has messages after this part. The next poll and `later` return those messages. This field has no meaning for a history answer without messages.
   */
  hasLater: boolean;
  /**
   * The last date of a booking that spans nights, as text; null for other bookings (W8).
   */
  lastDate?: string | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking?: BookingId | null;
  /**
   * The switch that lets customers write (L4).
   */
  messaging: Messaging;
  /**
   * The label to show instead of the composer if messaging is off, else null.
   */
  messagingLabel: string | null;
  /**
   * The number of nights; null if the booking spans no night (W8).
   */
  nights?: number | null;
  /**
   * The number up to which the operators have read. A screen shows "read" on the customer's messages up to this number.
   */
  readTo: MessageNumber;
  /**
   * In a poll's answer, the messages that were redacted since the last answer and that the screen may show with their texts (T9). The screen replaces the messages with these entries.
   */
  redacted: Entry[];
  /**
   * The messages by date.
   */
  sections: EntrySection[];
  /**
   * The last number up to which a screen shows every message after the screen has merged this part. The screen sends this number with the next poll, and in a draft as `seen`. Reading the history does not change this number.
   */
  shown: MessageNumber;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt?: LocalTime | null;
  /**
   * The status of the booking.
   */
  status?: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel?: string;
  /**
   * The time of day of the start, as text; null without a start.
   */
  time?: string | null;
  /**
   * The number of operators' messages that the customer has not read.
   */
  unread: number;
}
export interface CustomerPollRequest {
  /**
   * The `cursor` of the last poll or of the opened page.
   */
  cursor: CustomerCursor;
}
/**
 * The instants and the dates that a page shows.
 */
export interface DatesRequest {
  dates: string[];
  times: string[];
  /**
   * The instants since which threads wait for a reply.
   */
  waits?: string[];
}
/**
 * The current texts for these instants and dates. Invalid instants and dates are left out.
 */
export interface DatesResponse {
  dates: {
    /**
     * A single-line text (T6). At most 512 bytes in UTF-8, so at most as many characters.
     */
    [k: string]: string;
  };
  times: {
    /**
     * A single-line text (T6). At most 512 bytes in UTF-8, so at most as many characters.
     */
    [k: string]: string;
  };
  today: DateGroup;
  waits: {
    /**
     * A single-line text (T6). At most 512 bytes in UTF-8, so at most as many characters.
     */
    [k: string]: string;
  };
}
/**
 * A message to be sent: the text as typed, not validated yet.
 */
export interface Draft {
  /**
   * The text as typed.
   */
  body: string;
  /**
   * The idempotency key, which makes a retry safe (I4). The key is unique per thread, role and author; see `IdempotencyKey`.
   */
  key?: IdempotencyKey | null;
  /**
   * `true` if an operator's reply is refused when the thread has a message after `seen` (L6). Without `seen`, any message refuses the reply. A customer's draft ignores this field.
   */
  onlyIfLatest?: boolean;
  /**
   * The number up to which the sender's screen showed every message. If the other side wrote after this number, sending marks messages as read only up to this number (U3). If this field is null, or the number is not below the thread's last number, sending marks all messages as read.
   */
  seen?: MessageNumber | null;
}
/**
 * The body of a request without parameters.
 */
export interface EmptyRequest {}
/**
 * The erasure of a thread.
 */
export interface ErasureEvent {
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'threadErased';
  /**
   * The last number of the erased messages.
   */
  last: MessageNumber;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
}
/**
 * An event of a thread that is not erased, with the part of the thread that a notification needs.
 */
export interface ThreadEvent {
  /**
   * The booking of the thread's snapshot.
   */
  booking: BookingRecord;
  /**
   * The name of the customer who wrote the message or booked.
   */
  customer: string | null;
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'threadStarted' | 'markedAnswered' | 'threadChanged';
  /**
   * The preview of the message, else of the thread's last message; null for a redacted or a missing message.
   */
  preview: Preview | null;
  /**
   * The number of redacted messages.
   */
  redactions: number;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
  /**
   * The number of unread messages of each side.
   */
  unread: {
    /**
     * The value of the customers.
     */
    customer: number;
    /**
     * The value of the operators.
     */
    operator: number;
  };
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: Timestamp | null;
}
/**
 * A message that was sent or redacted.
 */
export interface MessageEvent {
  /**
   * The booking of the thread's snapshot.
   */
  booking: BookingRecord;
  /**
   * The name of the customer who wrote the message or booked.
   */
  customer: string | null;
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'messageReceived' | 'replySent' | 'messageRedacted';
  /**
   * The message.
   */
  message: MessageRecord;
  /**
   * The preview of the message, else of the thread's last message; null for a redacted or a missing message.
   */
  preview: Preview | null;
  /**
   * The number of redacted messages.
   */
  redactions: number;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
  /**
   * The number of unread messages of each side.
   */
  unread: {
    /**
     * The value of the customers.
     */
    customer: number;
    /**
     * The value of the operators.
     */
    operator: number;
  };
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: Timestamp | null;
}
/**
 * A `Message` as plain values.
 */
export interface MessageRecord {
  /**
   * The author's id.
   */
  author: ParticipantId;
  automatic?: boolean;
  body?: string;
  imported?: boolean;
  /**
   * The author's name.
   */
  name?: string;
  number: number;
  ordinal: number;
  redacted?: number;
  role: Role;
  sentAt: Timestamp;
}
/**
 * A read mark that was moved.
 */
export interface MarkEvent {
  /**
   * The booking of the thread's snapshot.
   */
  booking: BookingRecord;
  /**
   * The name of the customer who wrote the message or booked.
   */
  customer: string | null;
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'markedRead' | 'markedUnread';
  /**
   * The preview of the message, else of the thread's last message; null for a redacted or a missing message.
   */
  preview: Preview | null;
  /**
   * The side whose mark moved.
   */
  reader: Role;
  /**
   * The number of redacted messages.
   */
  redactions: number;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
  /**
   * The number of unread messages of each side.
   */
  unread: {
    /**
     * The value of the customers.
     */
    customer: number;
    /**
     * The value of the operators.
     */
    operator: number;
  };
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: Timestamp | null;
}
/**
 * Another booking that was linked to the thread (I2).
 */
export interface LinkEvent {
  /**
   * The booking of the thread's snapshot.
   */
  booking: BookingRecord;
  /**
   * The name of the customer who wrote the message or booked.
   */
  customer: string | null;
  /**
   * The id of the event; null in a listener's event of a kind that followers do not get.
   */
  id: EventId | null;
  kind: 'threadLinked';
  /**
   * The linked booking.
   */
  linked: BookingId;
  /**
   * The preview of the message, else of the thread's last message; null for a redacted or a missing message.
   */
  preview: Preview | null;
  /**
   * The number of redacted messages.
   */
  redactions: number;
  /**
   * The revision of the commit; null in a listener's event.
   */
  revision: Revision | null;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The location and the booking for which the thread was started.
   */
  thread: ThreadId;
  /**
   * The number of unread messages of each side.
   */
  unread: {
    /**
     * The value of the customers.
     */
    customer: number;
    /**
     * The value of the operators.
     */
    operator: number;
  };
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: Timestamp | null;
}
/**
 * The header of a conversation, for customers and for operators.
 */
export interface Header {
  /**
   * The booked activity.
   */
  activity: string;
  /**
   * The booking.
   */
  booking: BookingId;
  /**
   * The whole confirmation code.
   */
  code: ConfirmationCode;
  /**
   * The booking's customer name, or "Customer".
   */
  customer: string;
  /**
   * The date of the start, as text; null without a start.
   */
  date: string | null;
  /**
   * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
   */
  duration: string | null;
  /**
   * The end of the booking; null if its start or its duration is unknown.
   */
  endsAt: LocalTime | null;
  /**
   * The last date of a booking that spans nights, as text; null for other bookings (W8).
   */
  lastDate: string | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking: BookingId | null;
  /**
   * The number of nights; null if the booking spans no night (W8).
   */
  nights: number | null;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt: LocalTime | null;
  /**
   * The status of the booking.
   */
  status: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel: string;
  /**
   * The time of day of the start, as text; null without a start.
   */
  time: string | null;
}
export interface Health {
  locations: LocationHealth[];
  unicode: string;
}
export interface LocationHealth {
  location: string;
  zone: string;
  zoneSource: string;
}
/**
 * One row of the operators' Conversations panel.
 */
export interface InboxRow {
  /**
   * The time of the last activity.
   */
  activeAt: LocalTime;
  /**
   * The booked activity.
   */
  activity: string;
  /**
   * The number of unread messages as a badge.
   */
  badge: Badge;
  /**
   * The booking whose conversation the row opens: the booking for which the thread was started.
   */
  booking: BookingId;
  /**
   * The date of the start, as text; null without a start.
   */
  bookingDate: string | null;
  /**
   * The booking's customer name, or "Customer".
   */
  customer: string;
  /**
   * The side that wrote the last message; null without messages.
   */
  lastFrom: Role | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking: BookingId | null;
  /**
   * The preview of the last message; null without messages. If the last message is redacted, this is the label that says so.
   */
  preview: Preview | null;
  /**
   * `true` if the last message is redacted (T9).
   */
  previewRemoved: boolean;
  /**
   * The time that has passed since the last activity, as text. This text becomes outdated, so a screen that keeps rows formats `activeAt` again.
   */
  relative: string;
  /**
   * The booking's short code, or the confirmation code before its first hyphen.
   */
  shortCode: string;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt: LocalTime | null;
  /**
   * The status of the booking.
   */
  status: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel: string;
  /**
   * The number of customer messages that no operator has read.
   */
  unread: number;
  /**
   * The time for which the thread has waited, as text. This text becomes outdated.
   */
  waiting: string | null;
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: LocalTime | null;
}
/**
 * The view of an inbox page, for the operators' Conversations panel.
 */
export interface InboxView {
  /**
   * The number of unread threads as a badge.
   */
  badge: Badge;
  /**
   * The position from which polling continues.
   */
  cursor: PollCursor;
  /**
   * The position of the next page; null on the last page.
   */
  next: PageCursor | null;
  /**
   * The rows, in inbox order.
   */
  rows: InboxRow[];
  /**
   * The number of the location's threads with unread customer messages (U4).
   */
  unread: number;
  /**
   * The number of the location's threads that wait for an operator's answer (U5).
   */
  waiting: number;
}
export interface LaterRequest {
  /**
   * The number up to which the page shows every message.
   */
  after: MessageNumber;
}
export interface MarkAnsweredRequest {
  /**
   * The number of the last message that needs no reply.
   */
  upTo: MessageNumber;
}
export interface MarkUnreadRequest {
  /**
   * The number of the first message to mark as unread.
   */
  from: MessageNumber;
}
export interface MessagingRequest {
  /**
   * The position of the switch.
   */
  messaging: Messaging;
}
export interface MessagingResponse {
  messaging: Messaging;
}
/**
 * The conversation that a screen has open.
 */
export interface OpenThread {
  /**
   * The booking. Use the `booking` of the conversation's view: with a linked id (I2), each poll needs two reads more.
   */
  booking: BookingId;
  /**
   * The number of the last message that was in view while the window had the focus, or null if the host application does not know it. With this number, a poll marks messages as read only up to the number, even if the poll returns no message (U3). A message that somebody marked as unread stays unread.
   */
  read?: MessageNumber | null;
  /**
   * The number of redacted messages that the screen knows, from `redactions` of the last answer. The poll returns the messages that were redacted later (T9).
   */
  redactions?: number;
  /**
   * The last number up to which the screen shows every message, as of the last `open` or poll. Do not use the number of a message that was just sent, because earlier messages may be missing on the screen.
   */
  shown: MessageNumber;
}
/**
 * The view of a conversation for operators.
 */
export interface OperatorConversationView {
  /**
   * The booked activity.
   */
  activity: string;
  /**
   * The number of unread messages as a badge.
   */
  badge: Badge;
  /**
   * The booking.
   */
  booking: BookingId;
  /**
   * The whole confirmation code.
   */
  code: ConfirmationCode;
  /**
   * The booking's customer name, or "Customer".
   */
  customer: string;
  /**
   * The date of the start, as text; null without a start.
   */
  date: string | null;
  /**
   * The duration of the booking, or its nights if it spans nights, as text; null if it is unknown.
   */
  duration: string | null;
  /**
   * The end of the booking; null if its start or its duration is unknown.
   */
  endsAt: LocalTime | null;
  /**
   * The number of the thread's first message; the screen removes messages below this number (L3).
   */
  firstNumber: MessageNumber;
  /**
   * The first unread customer message as of before this answer, or null. A screen shows "new messages" above it (U3).
   */
  firstUnread: MessageNumber | null;
  /**
   * `true` if this part has messages and the thread has messages before them.
   */
  hasEarlier: boolean;
  /**
   * `true` if the thread has messages after this part. The next poll and `later` return those messages. This field has no meaning for a history answer without messages.
   */
  hasLater: boolean;
  /**
   * The last date of a booking that spans nights, as text; null for other bookings (W8).
   */
  lastDate: string | null;
  /**
   * The booking that was linked to the thread last, or null without linked bookings (I2).
   */
  linkedBooking: BookingId | null;
  /**
   * The number of nights; null if the booking spans no night (W8).
   */
  nights: number | null;
  /**
   * The customer's CRM profile, if there is one.
   */
  profile: ProfileId | null;
  /**
   * The number up to which the customer has read. A screen shows "read" on replies up to this number.
   */
  readTo: MessageNumber;
  /**
   * In a poll's answer, the messages that were redacted since the last answer and that the screen may show with their texts (T9). The screen replaces the messages with these entries.
   */
  redacted: OperatorEntry[];
  /**
   * The number of redacted messages that the screen knows, for the next poll's `OpenThread`. The number of a smaller answer never replaces a higher one of the same `firstNumber`.
   */
  redactions: number;
  /**
   * The messages by date.
   */
  sections: OperatorEntrySection[];
  /**
   * The last number up to which a screen shows every message after the screen has merged this part. The screen sends this number with the next poll, and in a draft as `seen`. Reading the history does not change this number.
   */
  shown: MessageNumber;
  /**
   * The start of the booking; null if it has no start yet.
   */
  startsAt: LocalTime | null;
  /**
   * The status of the booking.
   */
  status: BookingStatus;
  /**
   * The status, as text.
   */
  statusLabel: string;
  /**
   * The time of day of the start, as text; null without a start.
   */
  time: string | null;
  /**
   * The number of customer messages that no operator has read.
   */
  unread: number;
  /**
   * The time for which the thread has waited, as text. This text becomes outdated.
   */
  waiting: string | null;
  /**
   * The time since which the thread waits for an operator's answer, or null (U5).
   */
  waitingSince: LocalTime | null;
}
/**
 * The changes that a dashboard merges with the rows and messages that it shows.
 */
export interface OperatorUpdateView {
  /**
   * The number of unread threads as a badge.
   */
  badge: Badge;
  /**
   * The open conversation with its new messages; `PageInfo` says how to merge the messages.
   */
  conversation: OperatorConversationView | null;
  /**
   * The position from which the next poll continues.
   */
  cursor: PollCursor;
  /**
   * The bookings whose threads were erased.
   */
  erased: BookingId[];
  /**
   * The changed rows. Each row occurs once.
   */
  rows: InboxRow[];
  /**
   * The number of the location's threads with unread customer messages (U4).
   */
  unread: number;
  /**
   * The number of the location's threads that wait for an operator's answer (U5).
   */
  waiting: number;
}
/**
 * The bodies of requests that the handlers read field by field.
 */
export interface PollRequest {
  /**
   * The `cursor` of the last poll or of the first page.
   */
  cursor: PollCursor;
  /**
   * The conversation on the screen.
   */
  open?: OpenThread | null;
}
/**
 * The body of an error response (RFC 9457).
 */
export interface ProblemBody {
  /**
   * A text for developers.
   */
  detail: string;
  /**
   * The newer messages because of which a conditional reply was refused (L6).
   */
  newerMessages?: OperatorConversationView;
  /**
   * The status of the response.
   */
  status: number;
  /**
   * The standard text of the status.
   */
  title: string | null;
  /**
   * `urn:frontdesk:problem:` and the kind of the problem.
   */
  type: string;
}
export interface RedactRequest {
  /**
   * The number of the message to remove.
   */
  number: MessageNumber;
}
export interface RedactResponse {
  /**
   * `false` if the message was removed before.
   */
  removed: boolean;
}
export interface StartRequest {
  /**
   * The booking for which the thread is started.
   */
  booking: BookingId;
}
export interface UnreadResponse {
  badge: Badge;
  unread: number;
}
