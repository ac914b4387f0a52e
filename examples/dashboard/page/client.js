// A client of the dashboard's JSON API, for any kind of page. It uses no DOM. `client.d.ts` has the
// types, and docs/json.md describes the JSON.

export { CustomerApi, Problem, TeamApi } from './client/api.js';
export { CustomerClient } from './client/customer.js';
export { ConversationState } from './client/conversation.js';
export { Draft, Drafts } from './client/drafts.js';
export { InboxState } from './client/inbox.js';
export { compareBytes, compareTimes } from './client/order.js';
export { Poller } from './client/poller.js';
export { TeamClient } from './client/team.js';
