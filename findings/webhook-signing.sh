#!/usr/bin/env bash
# PyPI standardwebhooks 1.1.0 and svix 2.9.1; npm standardwebhooks 1.1.1 and svix 1.99.1.
#
# The four libraries implement one scheme, but the same call means different things:
#
# - `sign` of both Python libraries takes the clock reading of a `datetime` and ignores its zone.
#   The instant 2023-11-14 22:13:20 UTC, written as 03:13:20+05:00 of the next day, is signed as a
#   time that is five hours later. A receiver then reports that no signature matches, since the
#   sender writes the right number into the header.
# - `sign` of both Python libraries accepts bytes and signs their Python notation, `b'{}'`.
#   `verify` of the same libraries decodes bytes.
# - For one valid empty delivery (nothing between the last dot and the end of what is signed),
#   `verify` returns undefined (npm standardwebhooks), throws a SyntaxError (npm svix), raises a
#   JSONDecodeError (PyPI standardwebhooks), or returns None (PyPI svix).
# - PyPI svix returns None for every valid delivery; the three others return the parsed JSON.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the relay signs whole Unix seconds itself, signs exactly the bytes that it
# sends, and never sends an empty body.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install standardwebhooks==1.1.0 svix==2.9.1
npm --silent init -y >/dev/null
npm --silent install standardwebhooks@1.1.1 svix@1.99.1 >/dev/null

cat > table.py <<'PY'
import base64, hashlib, hmac, time
from datetime import datetime, timedelta, timezone
import standardwebhooks, svix.webhooks

KEY = b"findings-key-of-24-bytes"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOON = 1_700_000_000

def signature(id, seconds, body):
    signed = f"{id}.{seconds}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()

def verdict(hook, body):
    now = str(int(time.time()))
    headers = {"webhook-id": "e1", "webhook-timestamp": now, "webhook-signature": signature("e1", now, body)}
    try:
        return repr(hook.verify(body, headers))
    except Exception as error:
        return type(error).__name__

for name, library in (("standardwebhooks", standardwebhooks), ("svix", svix.webhooks)):
    hook = library.Webhook(SECRET)
    utc = datetime.fromtimestamp(NOON, timezone.utc)
    east = utc.astimezone(timezone(timedelta(hours=5)))
    assert utc == east
    expected = signature("e1", NOON, "{}")
    print("pypi", name, "utc", hook.sign("e1", utc, "{}") == expected)
    print("pypi", name, "same instant in +05:00", hook.sign("e1", east, "{}") == expected)
    print("pypi", name, "+05:00 signed 5 h later", hook.sign("e1", east, "{}") == signature("e1", NOON + 18000, "{}"))
    print("pypi", name, "bytes signed as notation", hook.sign("e1", utc, b"{}") == signature("e1", NOON, "b'{}'"))
    print("pypi", name, "verify", verdict(hook, '{"a":1}'))
    print("pypi", name, "verify empty", verdict(hook, ""))
PY

cat > table.cjs <<'JS'
const crypto = require('crypto');
const key = Buffer.from('findings-key-of-24-bytes');
const secret = 'whsec_' + key.toString('base64');
function verdict(hook, body) {
  const now = String(Math.floor(Date.now() / 1000));
  const mac = crypto.createHmac('sha256', key).update(`e1.${now}.${body}`).digest('base64');
  try {
    return JSON.stringify(hook.verify(body, {
      'webhook-id': 'e1', 'webhook-timestamp': now, 'webhook-signature': `v1,${mac}`,
    }));
  } catch (error) {
    return error.constructor.name;
  }
}
for (const name of ['standardwebhooks', 'svix']) {
  const hook = new (require(name).Webhook)(secret);
  console.log('npm', name, 'verify', verdict(hook, '{"a":1}'));
  console.log('npm', name, 'verify empty', verdict(hook, ''));
}
JS

{ venv/bin/python table.py; node table.cjs; } > seen
cat > expected <<'END'
pypi standardwebhooks utc True
pypi standardwebhooks same instant in +05:00 False
pypi standardwebhooks +05:00 signed 5 h later True
pypi standardwebhooks bytes signed as notation True
pypi standardwebhooks verify {'a': 1}
pypi standardwebhooks verify empty JSONDecodeError
pypi svix utc True
pypi svix same instant in +05:00 False
pypi svix +05:00 signed 5 h later True
pypi svix bytes signed as notation True
pypi svix verify None
pypi svix verify empty None
npm standardwebhooks verify {"a":1}
npm standardwebhooks verify empty undefined
npm svix verify {"a":1}
npm svix verify empty SyntaxError
END
diff -u expected seen || { echo "CHANGED: webhook libraries sign or verify differently now" >&2; exit 1; }
echo "OK: Python webhook libraries sign the wall clock of another zone, and four libraries answer an empty delivery in four ways"
