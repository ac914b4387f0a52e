// All tests of the client, in one process. Two of these files change the same conversations, so they
// must not run at the same time.

import './order.test.mjs';
import './conversation.test.mjs';
import './drafts.test.mjs';
import './poller.test.mjs';
import './problems.test.mjs';
import './model.test.mjs';
