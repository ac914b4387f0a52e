-- New digests have 12 bytes, and older ones keep their 16 bytes. The statements of older stores would
-- not find the shorter digests. The column has another name, so older stores that are still open get
-- errors.
ALTER TABLE message RENAME COLUMN digest TO key_digest;
