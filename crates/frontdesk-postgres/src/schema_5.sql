-- Moves the keys that `migrate` has not moved yet.
LOCK TABLE schema.idempotency_key IN ACCESS EXCLUSIVE MODE;
UPDATE schema.message AS m SET key_digest = /* digest of k */
FROM schema.idempotency_key AS k
WHERE m.location = k.location AND m.booking = k.booking AND m.number = k.number;
DROP TABLE schema.idempotency_key;
