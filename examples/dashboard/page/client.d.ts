// Types of client.js. The types of the JSON are in types.d.ts, which is made from openapi.json.

import type {
  ConversationResponse, CustomerConversationView, CustomerHistoryView, CustomerPollView,
  DatesRequest, DatesResponse, Draft as DraftBody, Entry, EntrySection, Header, InboxRow, InboxView,
  LocalTime, Messaging, MessagingResponse, OpenThread, OperatorConversationView, OperatorEntry,
  OperatorEntrySection, OperatorPollView, OperatorUpdateView, ProblemBody, RedactResponse, Role,
  UnreadResponse,
} from './types.js';

export type * from './types.js';
/** A message to be sent. `Draft` of this module is the unsent text of a conversation. */
export type { DraftBody };

export type List = 'all' | 'unread' | 'waiting';
export type Totals = Pick<InboxView, 'unread' | 'badge' | 'waiting'>;
/** An entry of either side. Only operators see the author's id. */
export type AnyEntry = Entry | OperatorEntry;
export type AnySection = EntrySection | OperatorEntrySection;
/** A conversation of either side. Only the answers to `open` and `messages` have links. */
export type AnyConversation =
  | ConversationResponse | OperatorConversationView
  | CustomerConversationView | CustomerHistoryView;
export interface Today { date: string; heading: string }

/** A failed request. `kind` is the last part of the problem's type, or `offline`. */
export class Problem extends Error {
  constructor(kind: string, status?: number, body?: ProblemBody | null);
  kind: string;
  status: number;
  body: ProblemBody | null;
  get newerMessages(): OperatorConversationView | null;
  get isAboutCursor(): boolean;
  get isTemporary(): boolean;
}

export interface ApiOptions { parameters?: Record<string, string>; timeout?: number }

declare class Api {
  constructor(base: string, options?: ApiOptions);
  /** Both throw a `Problem` if the request fails. */
  get(path: string, query?: Record<string, string | number>): Promise<any>;
  post(path: string, body?: object): Promise<any>;
  dates(body: DatesRequest): Promise<DatesResponse>;
}

export class TeamApi extends Api {
  inbox(list?: List): Promise<InboxView>;
  inboxAfter(next: string): Promise<InboxView>;
  poll(cursor: string, open?: OpenThread | null): Promise<OperatorPollView>;
  bookings(): Promise<Header[]>;
  start(booking: string): Promise<InboxRow>;
  open(booking: string): Promise<ConversationResponse>;
  messages(booking: string, before?: number | null): Promise<ConversationResponse>;
  later(booking: string, after: number): Promise<OperatorConversationView>;
  reply(booking: string, draft: DraftBody): Promise<OperatorEntry>;
  markUnread(booking: string, from: number): Promise<InboxRow>;
  markAnswered(booking: string, upTo: number): Promise<InboxRow>;
  redact(booking: string, number: number): Promise<RedactResponse>;
  setMessaging(messaging: Messaging): Promise<MessagingResponse>;
}

export class CustomerApi extends Api {
  open(): Promise<CustomerConversationView>;
  messages(before?: number | null): Promise<CustomerHistoryView>;
  later(after: number): Promise<CustomerConversationView>;
  poll(cursor: string): Promise<CustomerPollView>;
  unread(): Promise<UnreadResponse>;
  send(draft: DraftBody): Promise<Entry>;
}

export function compareTimes(one: LocalTime, other: LocalTime): number;
export function compareBytes(one: string, other: string): number;

export class InboxState {
  constructor(api: TeamApi, options?: { isOpen?: (booking: string) => boolean });
  rows: Map<string, InboxRow>;
  cursor: string | undefined;
  list: List;
  totals: Totals;
  get isDue(): boolean;
  get hasMore(): boolean;
  get newestActivity(): LocalTime | null;
  choose(list: List): void;
  startOver(): void;
  load(): Promise<void>;
  loadMore(): Promise<void>;
  store(row: InboxRow): void;
  merge(update: OperatorUpdateView, from?: string): InboxRow[];
  visible(): InboxRow[];
}

export class ConversationState {
  constructor(ownSide: Role, booking?: string | null);
  ownSide: Role;
  booking: string | null;
  shown: number;
  redactions: number;
  firstNumber: number;
  readTo: number;
  firstUnread: number | null;
  hasEarlier: boolean;
  hasLater: boolean;
  get entries(): AnyEntry[];
  get sections(): AnySection[];
  get newestFromOtherSide(): number;
  open(view: AnyConversation): void;
  merge(view: AnyConversation): AnyEntry[];
  addEarlier(view: AnyConversation): void;
  addSent(entry: AnyEntry, today: Today): boolean;
  updateHeadings(headings: Record<string, string>): void;
  has(number: number): boolean;
  isRead(entry: AnyEntry): boolean;
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
  onSettled?: (draft: Draft, entry: AnyEntry | null, problem: Problem | null) => void;
  onChange?: (draft: Draft) => void;
}

export class Drafts {
  constructor(send: (booking: string, draft: DraftBody) => Promise<AnyEntry>, options?: DraftsOptions);
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
  onNews?: (rows: InboxRow[]) => void;
  /** These conversations were erased. */
  onErased?: (bookings: string[]) => void;
  /** A conversation was opened. `isRead` is true if its messages were marked as read. */
  onOpen?: (view: ConversationResponse, info: { isRead: boolean; asked: string }) => void;
  /** A poll was merged into the open conversation. */
  onMerge?: (view: OperatorConversationView, added: OperatorEntry[]) => void;
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
  onUnread?: (answer: UnreadResponse) => void;
  onOpen?: (view: CustomerConversationView) => void;
  onMerge?: (view: CustomerConversationView, added: Entry[]) => void;
}

export class CustomerClient {
  constructor(api: CustomerApi, options?: CustomerClientOptions);
  conversation: ConversationState;
  cursor: string | undefined;
  poll(): Promise<void>;
  loadEarlier(): Promise<boolean>;
}
