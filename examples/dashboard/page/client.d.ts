// Types of client.js. The fields are those of docs/json.md.

export type Side = 'customer' | 'operator';
/** A time in RFC 3339, with up to six digits of a second and the UTC offset of the location. */
export type Time = string;
/** A status of a booking: one of the known words, or another word of the host application. */
export type Status =
  'pending' | 'confirmed' | 'cancelled' | 'complete' | 'no_show' | (string & {});
export type List = 'all' | 'unread' | 'waiting';

/** The body of a failed request (RFC 9457). */
export interface ProblemBody {
  type: string;
  title: string | null;
  status: number;
  detail: string;
  newerMessages?: OperatorConversation;
}

export interface Preview { text: string; cut: boolean }

export interface Row {
  booking: string;
  linkedBooking: string | null;
  customer: string;
  activity: string;
  shortCode: string;
  startsAt: Time | null;
  bookingDate: string | null;
  status: Status;
  statusLabel: string;
  preview: Preview | null;
  previewRemoved: boolean;
  lastFrom: Side | null;
  activeAt: Time;
  relative: string;
  unread: number;
  badge: string | null;
  waitingSince: Time | null;
  waiting: string | null;
}

export interface Totals { unread: number; badge: string | null; waiting: number }

export interface InboxPage extends Totals {
  rows: Row[];
  /** The parameter of `inboxAfter`, or null on the last page. */
  next: string | null;
  cursor: string;
}

export interface Entry {
  number: number;
  side: Side;
  sender: string;
  sentAt: Time;
  time: string;
  text: string | null;
  html: string | null;
  read: boolean;
  removed: string | null;
  automatic: string | null;
  /** The author's id, only for operators. */
  author?: string;
}

export interface Section { date: string; heading: string; entries: Entry[] }

export interface Header {
  booking: string;
  linkedBooking: string | null;
  code: string;
  activity: string;
  customer: string;
  startsAt: Time | null;
  date: string | null;
  time: string | null;
  endsAt: Time | null;
  lastDate: string | null;
  nights: number | null;
  duration: string | null;
  status: Status;
  statusLabel: string;
}

export interface Page {
  sections: Section[];
  firstNumber: number;
  shown: number;
  hasEarlier: boolean;
  hasLater: boolean;
  readTo: number;
  unread: number;
  badge: string | null;
  firstUnread: number | null;
  redacted: Entry[];
  /** Only for operators. Customers' cursors contain this number. */
  redactions?: number;
}

export interface OperatorConversation extends Header, Page {
  profile: string | null;
  redactions: number;
  waitingSince: Time | null;
  waiting: string | null;
  /** Two links of the dashboard, which polls leave out. */
  crm?: string | null;
  portal?: string;
}

export interface CustomerHistory extends Partial<Header>, Page {
  messaging: 'on' | 'off';
  messagingLabel: string | null;
}

export interface CustomerConversation extends CustomerHistory { cursor: string }

export interface OperatorUpdate extends Totals {
  kind: 'update';
  rows: Row[];
  erased: string[];
  conversation: OperatorConversation | null;
  cursor: string;
}
export type OperatorPoll = OperatorUpdate | { kind: 'startOver'; cursor: string };
export type CustomerPoll = (CustomerConversation & { kind: 'update' }) | { kind: 'startOver' };

export interface OpenThread { booking: string; shown: number; redactions?: number; read?: number }
export interface DraftBody { body: string; key?: string; seen?: number; onlyIfLatest?: boolean }
export interface Today { date: string; heading: string }
export interface Dates {
  today: string;
  times: Record<Time, string>;
  waits: Record<Time, string>;
  dates: Record<string, string>;
}

/** A failed request. `kind` is the last part of the problem's type, or `offline`. */
export class Problem extends Error {
  constructor(kind: string, status?: number, body?: ProblemBody | null);
  kind: string;
  status: number;
  body: ProblemBody | null;
  get newerMessages(): OperatorConversation | null;
  get isAboutCursor(): boolean;
  get isTemporary(): boolean;
}

export interface ApiOptions { parameters?: Record<string, string>; timeout?: number }

declare class Api {
  constructor(base: string, options?: ApiOptions);
  /** Both throw a `Problem` if the request fails. */
  get(path: string, query?: Record<string, string | number>): Promise<any>;
  post(path: string, body?: object): Promise<any>;
  dates(body: { times: Time[]; waits: Time[]; dates: string[] }): Promise<Dates>;
}

export class TeamApi extends Api {
  inbox(list?: List): Promise<InboxPage>;
  inboxAfter(next: string): Promise<InboxPage>;
  poll(cursor: string, open?: OpenThread | null): Promise<OperatorPoll>;
  bookings(): Promise<Header[]>;
  start(booking: string): Promise<Row>;
  open(booking: string): Promise<OperatorConversation>;
  messages(booking: string, before?: number | null): Promise<OperatorConversation>;
  later(booking: string, after: number): Promise<OperatorConversation>;
  reply(booking: string, draft: DraftBody): Promise<Entry>;
  markUnread(booking: string, from: number): Promise<Row>;
  markAnswered(booking: string, upTo: number): Promise<Row>;
  redact(booking: string, number: number): Promise<{ removed: boolean }>;
  setMessaging(messaging: 'on' | 'off'): Promise<{ messaging: 'on' | 'off' }>;
}

export class CustomerApi extends Api {
  open(): Promise<CustomerConversation>;
  messages(before?: number | null): Promise<CustomerHistory>;
  later(after: number): Promise<CustomerConversation>;
  poll(cursor: string): Promise<CustomerPoll>;
  unread(): Promise<{ unread: number; badge: string | null }>;
  send(draft: DraftBody): Promise<Entry>;
}

export function compareTimes(one: Time, other: Time): number;
export function compareBytes(one: string, other: string): number;

export class InboxState {
  constructor(api: TeamApi, options?: { isOpen?: (booking: string) => boolean });
  rows: Map<string, Row>;
  cursor: string | undefined;
  list: List;
  totals: Totals;
  get isDue(): boolean;
  get hasMore(): boolean;
  get newestActivity(): Time | null;
  choose(list: List): void;
  startOver(): void;
  load(): Promise<void>;
  loadMore(): Promise<void>;
  store(row: Row): void;
  merge(update: OperatorUpdate, from?: string): Row[];
  visible(): Row[];
}

export class ConversationState {
  constructor(ownSide: Side, booking?: string | null);
  ownSide: Side;
  booking: string | null;
  shown: number;
  redactions: number;
  firstNumber: number;
  readTo: number;
  firstUnread: number | null;
  hasEarlier: boolean;
  hasLater: boolean;
  get entries(): Entry[];
  get sections(): Section[];
  get newestFromOtherSide(): number;
  open(view: Page): void;
  merge(view: Page): Entry[];
  addEarlier(view: Page): void;
  addSent(entry: Entry, today: Today): boolean;
  updateHeadings(headings: Record<string, string>): void;
  has(number: number): boolean;
  isRead(entry: Entry): boolean;
}

export class Draft {
  constructor(booking: string);
  booking: string;
  text: string;
  nextText: string;
  problem: Problem | null;
  key: string | null;
  keyText: string | null;
  seen: number;
  sending: Promise<void> | null;
  sendNext: boolean;
  attempts: number;
  get isRefused(): boolean;
  resetKey(): void;
}

export interface DraftsOptions {
  storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
  prefix?: string;
  isConditional?: boolean;
}

export interface DraftEvents {
  onSending?: (draft: Draft) => void;
  onSettled?: (draft: Draft, entry: Entry | null, problem: Problem | null) => void;
  onChange?: (draft: Draft) => void;
}

export class Drafts {
  constructor(send: (booking: string, draft: DraftBody) => Promise<Entry>, options?: DraftsOptions);
  listen(events: DraftEvents): void;
  of(booking: string): Draft;
  hasText(booking: string): boolean;
  isSending(booking: string | null): boolean;
  whenSent(booking: string | null): Promise<void>;
  loadIfSettled<T>(booking: string, load: () => Promise<T>): Promise<T | null>;
  loadSettled<T>(booking: string, load: () => Promise<T>): Promise<T>;
  edit(booking: string, text: string): void;
  submit(booking: string, seen: number, isUnconditional?: boolean): void;
  takeOver(key: string | null): string | null;
}

export interface PollerOptions {
  interval?: number;
  maxDelay?: number;
  onStatus?: (error: unknown) => void;
}

export class Poller {
  constructor(poll: () => Promise<void>, options?: PollerOptions);
  pollNow(): Promise<void>;
  stop(): void;
}

export interface TeamClientOptions {
  drafts?: Drafts | null;
  isAttended?: () => boolean;
  readTo?: () => number | null;
  /** The rows or the totals changed. */
  onList?: () => void;
  /** These rows of other conversations have new messages of customers. */
  onNews?: (rows: Row[]) => void;
  /** These conversations were erased. */
  onErased?: (bookings: string[]) => void;
  /** A conversation was opened. `isRead` is true if its messages were marked as read. */
  onOpen?: (view: OperatorConversation, info: { isRead: boolean; asked: string }) => void;
  /** A poll was merged into the open conversation. */
  onMerge?: (view: OperatorConversation, added: Entry[]) => void;
  /** The conversation could not be opened. Polls try again. */
  onOpenFailed?: (problem: Problem) => void;
  /** The conversation does not exist, or was erased (null). */
  onGone?: (problem: Problem | null) => void;
}

export class TeamClient {
  constructor(api: TeamApi, options?: TeamClientOptions);
  inbox: InboxState;
  conversation: ConversationState;
  state: 'none' | 'loading' | 'open';
  isUnattended: boolean;
  open(booking: string): Promise<void>;
  close(): void;
  poll(): Promise<void>;
  loadMore(): Promise<void>;
  loadEarlier(): Promise<boolean>;
}

export interface CustomerClientOptions {
  drafts?: Drafts | null;
  isVisible?: () => boolean;
  onUnread?: (answer: { unread: number; badge: string | null }) => void;
  onOpen?: (view: CustomerConversation) => void;
  onMerge?: (view: CustomerConversation, added: Entry[]) => void;
}

export class CustomerClient {
  constructor(api: CustomerApi, options?: CustomerClientOptions);
  conversation: ConversationState;
  cursor: string | undefined;
  poll(): Promise<void>;
  loadEarlier(): Promise<boolean>;
}
