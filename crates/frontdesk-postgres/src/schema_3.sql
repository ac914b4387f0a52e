-- The number of the last transaction that committed at the location, divided by 256, so that most
-- commits of a busy location change no index.
ALTER TABLE schema.location ADD COLUMN changed bigint NOT NULL DEFAULT 0;
CREATE INDEX location_changed ON schema.location (changed);
