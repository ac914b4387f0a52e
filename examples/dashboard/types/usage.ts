// A program that uses the client with its types. The tests compile it.

import {
  CustomerApi, CustomerClient, Drafts, Poller, Problem, TeamApi, TeamClient,
  type AnyEntry, type DraftBody, type Entry, type InboxRow, type OperatorPollView,
} from '../page/client.js';

const api = new TeamApi('/api/desk/harbour');

/** Returns the line of a row, which has a badge, a preview and a start only if they are not null. */
function line(row: InboxRow): string {
  const badge: string | null = row.badge;
  return [row.customer, row.preview?.text ?? '', row.startsAt ?? '', badge ?? ''].join(' ');
}

/** Returns the cursor of the next poll. Only an update has rows. */
function nextCursor(poll: OperatorPollView): string {
  if (poll.kind === 'update') console.log(poll.rows.map(line), poll.conversation?.redacted.length);
  return poll.cursor;
}

const textOf = (entry: AnyEntry): string => entry.text ?? entry.removed ?? '';

const drafts = new Drafts((booking, draft: DraftBody) => api.reply(booking, draft));
const team = new TeamClient(api, {
  drafts,
  onList: () => console.log(team.inbox.visible().map(line)),
  onOpen: (view) => console.log(view.portal, view.crm, view.sections.map((it) => it.heading)),
  onMerge: (_, added) => console.log(added.map((entry) => `${entry.author}: ${textOf(entry)}`)),
});
const poller = new Poller(() => team.poll(), { onStatus: (error) => {
  if (error instanceof Problem && error.isTemporary) console.log(error.kind, error.body?.detail);
} });

const customer = new CustomerClient(new CustomerApi('/api/portal/harbour/b-1/signature'), {
  onOpen: (view) => console.log(view.messaging === 'off' ? view.messagingLabel : view.cursor),
  onMerge: (_, added: AnyEntry[]) => console.log(added.map(textOf)),
});

export async function run(): Promise<void> {
  const page = await api.inbox('waiting');
  console.log(nextCursor(await api.poll(page.cursor, { booking: 'b-1', shown: 2 })));
  const sent: Entry = await new CustomerApi('/api').send({ body: 'Hello', key: crypto.randomUUID() });
  console.log(textOf(sent), customer.conversation.entries.length);
  // @ts-expect-error a draft has no such field
  await api.reply('b-1', { body: 'Hello', automatic: true });
  // @ts-expect-error a badge can be null
  const badge: string = page.badge;
  poller.stop();
  return void badge;
}
