#!/usr/bin/env bash
# PyPI asgi-idempotency-header 0.2.0 and fastapi-idempotency 0.1.1 with starlette 1.10.0; npm
# express-idempotency 1.0.6 with express 4.22.3.
#
# Three middlewares for the header Idempotency-Key, in front of an application that stores messages:
#
# - Another text with a key that was used (I4): asgi-idempotency-header answers with the first message
#   and status 200, also on another path, and the second text is lost. fastapi-idempotency refuses with
#   422 and express-idempotency with 417.
# - A request that failed with status 500: asgi-idempotency-header repeats the failure for every retry.
#   The two others run the application again.
# - Two equal requests without a key: fastapi-idempotency stores only the first, by default for ten
#   seconds. A customer who writes "Yes" twice, to two questions, has written once.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: I4. The key belongs to the draft and is compared with the text in the commit itself,
# so a host needs no such middleware. The same text without a key is another message.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install asgi-idempotency-header==0.2.0 fastapi-idempotency==0.1.1 \
  starlette==1.10.0 fastapi==0.165.0 httpx==0.28.1 redis==8.1.0
npm --silent init -y >/dev/null
npm --silent install express-idempotency@1.0.6 express@4.22.3 >/dev/null

cat > table.py <<'PY'
import asyncio, json
import httpx
from fastapi_idempotency import IdempotencyMiddleware, MemoryStore
from idempotency_header_middleware import IdempotencyHeaderMiddleware
from idempotency_header_middleware.backends import MemoryBackend
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

KEYS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(4)]

async def trial(name, wrap):
    stored = []

    async def send(request):
        stored.append((await request.json())["text"])
        return JSONResponse({"number": len(stored)}, 500 if stored[-1] == "fails" else 200)

    application = Starlette(routes=[Route(path, send, methods=["POST"]) for path in ("/send", "/reply")])
    transport = httpx.ASGITransport(app=wrap(application))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        async def post(case, path, text, key):
            answer = await client.post(path, json={"text": text}, headers={"Idempotency-Key": KEYS[key]} if key else {})
            print(name, case, answer.status_code, answer.json().get("number"), sep=" | ")

        await post("first", "/send", "Hello", 1)
        await post("retry", "/send", "Hello", 1)
        await post("other text", "/send", "Nine?", 1)
        await post("other path", "/reply", "Hello", 1)
        await post("failure", "/send", "fails", 2)
        await post("retry of the failure", "/send", "fails", 2)
        await post("without a key", "/send", "Yes", 0)
        await post("without a key again", "/send", "Yes", 0)

async def main():
    await trial("asgi-idempotency-header", lambda app: IdempotencyHeaderMiddleware(app, backend=MemoryBackend()))
    await trial("fastapi-idempotency", lambda app: IdempotencyMiddleware(app, store=MemoryStore()))

asyncio.run(main())
PY
cat > table.cjs <<'JS'
const express = require('express');
const { getSharedIdempotencyService, idempotency } = require('express-idempotency');

const stored = [];
const application = express().use(express.json(), idempotency());
application.post(['/send', '/reply'], (request, response) => {
  if (getSharedIdempotencyService().isHit(request)) return;
  stored.push(request.body.text);
  response.status(request.body.text === 'fails' ? 500 : 200).json({ number: stored.length });
});
application.use((error, request, response, next) => response.json({}));
const server = application.listen(0, async () => {
  const post = async (name, path, text, key) => {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': `key-${key}` }) };
    const answer = await fetch(`http://localhost:${server.address().port}${path}`, { method: 'POST', headers, body: JSON.stringify({ text }) });
    console.log(`express-idempotency | ${name} | ${answer.status} | ${(await answer.json()).number ?? 'None'}`);
  };
  await post('first', '/send', 'Hello', 1);
  await post('retry', '/send', 'Hello', 1);
  await post('other text', '/send', 'Nine?', 1);
  await post('other path', '/reply', 'Hello', 1);
  await post('failure', '/send', 'fails', 2);
  await post('retry of the failure', '/send', 'fails', 2);
  await post('without a key', '/send', 'Yes');
  await post('without a key again', '/send', 'Yes');
  process.exit(0);
});
JS

{ venv/bin/python table.py; node table.cjs; } > seen
cat > expected <<'END'
asgi-idempotency-header | first | 200 | 1
asgi-idempotency-header | retry | 200 | 1
asgi-idempotency-header | other text | 200 | 1
asgi-idempotency-header | other path | 200 | 1
asgi-idempotency-header | failure | 500 | 2
asgi-idempotency-header | retry of the failure | 500 | 2
asgi-idempotency-header | without a key | 200 | 3
asgi-idempotency-header | without a key again | 200 | 4
fastapi-idempotency | first | 200 | 1
fastapi-idempotency | retry | 200 | 1
fastapi-idempotency | other text | 422 | None
fastapi-idempotency | other path | 422 | None
fastapi-idempotency | failure | 500 | 2
fastapi-idempotency | retry of the failure | 500 | 3
fastapi-idempotency | without a key | 200 | 4
fastapi-idempotency | without a key again | 200 | 4
express-idempotency | first | 200 | 1
express-idempotency | retry | 200 | 1
express-idempotency | other text | 417 | None
express-idempotency | other path | 417 | None
express-idempotency | failure | 500 | 2
express-idempotency | retry of the failure | 500 | 3
express-idempotency | without a key | 200 | 4
express-idempotency | without a key again | 200 | 5
END
diff -u expected seen || { echo "CHANGED: a middleware treats idempotency keys differently now" >&2; exit 1; }
echo "OK: one of three middlewares answers another text with the first message, one drops an equal text without a key"
