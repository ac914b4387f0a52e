CREATE SCHEMA frontdesk;

CREATE TABLE frontdesk.idempotency_key (
    location text NOT NULL COLLATE pg_catalog."C",
    booking text NOT NULL COLLATE pg_catalog."C",
    role integer NOT NULL,
    author text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL
);

CREATE TABLE frontdesk.location (
    location text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    unread bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE frontdesk.message (
    location text NOT NULL COLLATE pg_catalog."C",
    booking text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    ordinal integer NOT NULL,
    role integer NOT NULL,
    author text NOT NULL COLLATE pg_catalog."C",
    name text,
    body text NOT NULL,
    sent_at bigint NOT NULL
);

CREATE TABLE frontdesk.schema_version (
    version integer NOT NULL,
    partitions integer NOT NULL
);

CREATE TABLE frontdesk.thread (
    location text NOT NULL COLLATE pg_catalog."C",
    booking text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    last_number integer NOT NULL,
    newest_first bigint,
    awaits boolean,
    created_at bigint,
    first_number integer,
    by_customer integer,
    by_operator integer,
    last_role integer,
    last_at bigint,
    preview text,
    preview_cut boolean,
    customer_number integer,
    customer_covered integer,
    customer_furthest integer,
    customer_set_at bigint,
    operator_number integer,
    operator_covered integer,
    operator_furthest integer,
    operator_set_at bigint,
    code text,
    activity text,
    starts_at bigint,
    duration_secs bigint,
    status text,
    customer_name text,
    profile text
);

INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-101', 0, 'c-9', 'k-1', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-101', 0, 'c-9', 'k-2', 2);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-101', 1, 'u-7', 'k-1', 3);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-101', 0, 'c-10', 'k-1', 4);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-103', 0, 'c-12', '3f0c-aa', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-103', 0, 'c-12', '3f0c-ab', 2);
INSERT INTO frontdesk.idempotency_key VALUES ('harbour', 'b-106', 0, 'c-14', 'again', 3);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'k-1', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-0', 2);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-1', 3);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-2', 4);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-3', 5);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-4', 6);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-5', 7);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-6', 8);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-7', 9);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-8', 10);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-9', 11);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-10', 12);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-11', 13);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-12', 14);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-13', 15);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-14', 16);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-15', 17);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-16', 18);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-17', 19);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-18', 20);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-19', 21);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-20', 22);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 1, 'u-9', 'op-21', 23);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-22', 24);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'b-101', 0, 'c-9', 'cu-23', 25);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-0', 0, 'c-0', 'only', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-1', 0, 'c-1', 'only', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-2', 0, 'c-2', 'only', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-3', 0, 'c-3', 'only', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-4', 0, 'c-4', 'only', 1);
INSERT INTO frontdesk.idempotency_key VALUES ('old-town/élan', 'w-5', 0, 'c-5', 'only', 1);

INSERT INTO frontdesk.location VALUES ('harbour', 22, 3);
INSERT INTO frontdesk.location VALUES ('old-town/élan', 34, 4);
INSERT INTO frontdesk.location VALUES ('Zoo', 2, 0);

INSERT INTO frontdesk.message VALUES ('harbour', 'b-101', 1, 1, 0, 'c-9', 'Ann Lee', 'Is there parking at the pier?

We come with two cars.', 1805097661000140);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-101', 2, 2, 0, 'c-9', 'Ann Lee', 'And can we bring a dog? 🐕‍🦺', 1805097722000157);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-101', 3, 1, 1, 'u-7', 'Kim', 'Yes:
	- parking behind the office
	- dogs are welcome 👍🏽', 1805097757000160);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-101', 4, 3, 0, 'c-10', NULL, 'Great, thanks! <b>See you</b> &amp; bye', 1805097818000177);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-102', 1, 1, 0, 'c-11', 'José', 'مرحبا، هل الرحلة ملغاة؟', 1805097879000194);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-102', 2, 1, 1, 'u-8', NULL, 'We are sorry: the sail is cancelled.', 1805097914000197);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-103', 1, 1, 0, 'c-12', NULL, 'été 👩‍👩‍👧‍👦 が', 1805097980000214);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-103', 2, 2, 0, 'c-12', NULL, 'A long one: the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog. the quick brown fox jumps over the lazy dog.', 1805098041000231);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-106', 3, 1, 0, 'c-14', 'Cy', 'Second generation', 1805098365000302);
INSERT INTO frontdesk.message VALUES ('harbour', 'b-107', 1, 1, 0, 'c-15', NULL, 'Line one
Line two

Line four  with  spaces', 1805098444000319);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 1, 1, 0, 'c-9', 'Ann Lee', 'Hello from the other location', 1805098505000336);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 2, 1, 1, 'u-9', 'Ria ✨', 'Message 0 of many', 1805098540000339);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 3, 2, 0, 'c-9', 'Ann Lee', 'Message 1 of many
xxx', 1805098601000356);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 4, 3, 0, 'c-9', 'Ann Lee', 'Message 2 of many
xxxxxx', 1805098662000373);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 5, 2, 1, 'u-9', 'Ria ✨', 'Message 3 of many
xxxxxxxxx', 1805098697000376);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 6, 4, 0, 'c-9', 'Ann Lee', 'Message 4 of many
xxxxxxxxxxxx', 1805098758000393);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 7, 5, 0, 'c-9', 'Ann Lee', 'Message 5 of many
xxxxxxxxxxxxxxx', 1805098819000410);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 8, 3, 1, 'u-9', 'Ria ✨', 'Message 6 of many
xxxxxxxxxxxxxxxxxx', 1805098854000413);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 9, 6, 0, 'c-9', 'Ann Lee', 'Message 7 of many
xxxxxxxxxxxxxxxxxxxxx', 1805098915000430);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 10, 7, 0, 'c-9', 'Ann Lee', 'Message 8 of many
xxxxxxxxxxxxxxxxxxxxxxxx', 1805098976000447);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 11, 4, 1, 'u-9', 'Ria ✨', 'Message 9 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099011000450);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 12, 8, 0, 'c-9', 'Ann Lee', 'Message 10 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099072000467);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 13, 9, 0, 'c-9', 'Ann Lee', 'Message 11 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099133000484);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 14, 5, 1, 'u-9', 'Ria ✨', 'Message 12 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099168000487);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 15, 10, 0, 'c-9', 'Ann Lee', 'Message 13 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099229000504);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 16, 11, 0, 'c-9', 'Ann Lee', 'Message 14 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099290000521);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 17, 6, 1, 'u-9', 'Ria ✨', 'Message 15 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099325000524);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 18, 12, 0, 'c-9', 'Ann Lee', 'Message 16 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099386000541);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 19, 13, 0, 'c-9', 'Ann Lee', 'Message 17 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099447000558);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 20, 7, 1, 'u-9', 'Ria ✨', 'Message 18 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099482000561);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 21, 14, 0, 'c-9', 'Ann Lee', 'Message 19 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099543000578);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 22, 15, 0, 'c-9', 'Ann Lee', 'Message 20 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099604000595);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 23, 8, 1, 'u-9', 'Ria ✨', 'Message 21 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099639000598);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 24, 16, 0, 'c-9', 'Ann Lee', 'Message 22 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099700000615);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'b-101', 25, 17, 0, 'c-9', 'Ann Lee', 'Message 23 of many
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1805099761000632);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-0', 1, 1, 0, 'c-0', NULL, 'Question 0?', 1805099823000650);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-0', 2, 1, 1, 'u-9', NULL, 'Answered.', 1805099858000653);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-1', 1, 1, 0, 'c-1', NULL, 'Question 1?', 1805099919000670);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-2', 1, 1, 0, 'c-2', NULL, 'Question 2?', 1805099980000687);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-2', 2, 1, 1, 'u-9', NULL, 'Answered.', 1805100015000690);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-3', 1, 1, 0, 'c-3', NULL, 'Question 3?', 1805100076000707);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-4', 1, 1, 0, 'c-4', NULL, 'Question 4?', 1805100137000724);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-4', 2, 1, 1, 'u-9', NULL, 'Answered.', 1805100172000727);
INSERT INTO frontdesk.message VALUES ('old-town/élan', 'w-5', 1, 1, 0, 'c-5', NULL, 'Question 5?', 1805100233000744);

INSERT INTO frontdesk.schema_version VALUES (1, 0);

INSERT INTO frontdesk.thread VALUES ('harbour', 'b-101', 4, 4, -1805097818000177, true, 1805097661000140, 1, 3, 1, 0, 1805097818000177, 'Great, thanks! <b>See you</b> &amp; bye', false, 4, 1, 4, 1805097818000177, 3, 2, 3, 1805097757000160, 'K7Q2-XH41-0001', 'Harbour tour', 1805533200000000, 7200, 'confirmed', 'Ann Lee', 'crm-88');
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-102', 7, 2, -1805097914000197, false, 1805097879000194, 1, 1, 1, 1, 1805097914000197, 'We are sorry: the sail is cancelled.', false, 2, 1, 2, 1805097919000197, 2, 1, 2, 1805097914000197, 'M3', 'Sunset <sail> & dinner', 1805650200250000, 0, 'cancelled', 'José Müller-Łukasz', NULL);
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-103', 11, 2, -1805098041000231, true, 1805097980000214, 1, 2, 0, 0, 1805098041000231, 'A long one: the quick brown fox jumps over the lazy dog. the quick brown fox jum', true, 2, 0, 2, 1805098041000231, 1, 1, 2, 1805098059000231, '', '', -1, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-104', 12, 0, -1805098068000231, false, 1805098068000231, 1, 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, 0, 0, 0, NULL, 'P9-77', 'Whale watching 🐋', 1924992000000000, 2147483647, 'complete', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-105', 15, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-106', 20, 3, -1805098365000302, false, 1805098365000302, 3, 1, 0, 0, 1805098365000302, 'Second generation', false, 3, 0, 3, 1805098365000302, 3, 1, 3, 1805098374000302, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('harbour', 'b-107', 22, 1, -1805098444000319, true, 1805098444000319, 1, 1, 0, 0, 1805098444000319, 'Line one Line two Line four with spaces', false, 1, 0, 1, 1805098444000319, 0, 0, 0, NULL, 'Z-9', 'Walking tour, moved', 1806055200000000, 0, 'confirmed', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'b-101', 25, 25, -1805099761000632, true, 1805098505000336, 1, 17, 8, 0, 1805099761000632, 'Message 23 of many xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', true, 25, 8, 25, 1805099761000632, 23, 15, 23, 1805099639000598, 'K7Q2-XH41-0001', 'Harbour tour', 1805533200000000, 7200, 'confirmed', 'Ann Lee', 'crm-88');
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-0', 27, 2, -1805099858000653, false, 1805099823000650, 1, 1, 1, 1, 1805099858000653, 'Answered.', false, 1, 0, 1, 1805099823000650, 2, 1, 2, 1805099858000653, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-1', 28, 1, -1805099919000670, true, 1805099919000670, 1, 1, 0, 0, 1805099919000670, 'Question 1?', false, 1, 0, 1, 1805099919000670, 0, 0, 0, NULL, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-2', 30, 2, -1805100015000690, false, 1805099980000687, 1, 1, 1, 1, 1805100015000690, 'Answered.', false, 1, 0, 1, 1805099980000687, 2, 1, 2, 1805100015000690, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-3', 31, 1, -1805100076000707, true, 1805100076000707, 1, 1, 0, 0, 1805100076000707, 'Question 3?', false, 1, 0, 1, 1805100076000707, 0, 0, 0, NULL, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-4', 33, 2, -1805100172000727, false, 1805100137000724, 1, 1, 1, 1, 1805100172000727, 'Answered.', false, 1, 0, 1, 1805100137000724, 2, 1, 2, 1805100172000727, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('old-town/élan', 'w-5', 34, 1, -1805100233000744, true, 1805100233000744, 1, 1, 0, 0, 1805100233000744, 'Question 5?', false, 1, 0, 1, 1805100233000744, 0, 0, 0, NULL, 'Z-9', 'Walking tour', 1805968800000000, 0, 'pending', NULL, NULL);
INSERT INTO frontdesk.thread VALUES ('Zoo', 'b-1', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

ALTER TABLE ONLY frontdesk.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (location, booking, role, author, key);

ALTER TABLE ONLY frontdesk.location
    ADD CONSTRAINT location_pkey PRIMARY KEY (location);

ALTER TABLE ONLY frontdesk.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (location, booking, number);

ALTER TABLE ONLY frontdesk.thread
    ADD CONSTRAINT thread_pkey PRIMARY KEY (location, booking);

CREATE UNIQUE INDEX thread_feed ON frontdesk.thread USING btree (location, revision);

CREATE INDEX thread_inbox ON frontdesk.thread USING btree (location, newest_first, booking) WHERE (newest_first IS NOT NULL);

CREATE INDEX thread_unread ON frontdesk.thread USING btree (location, newest_first, booking) WHERE awaits;
