-- One generation of threads, a hundred at each location, and what was said in them: as
-- somebody posting would have left it, in the order of time, so that the messages of
-- a thread stand as far apart as they would. The first thread of them is a long
-- one. Numbers that are odd are the customer's; one thread in twenty is unread.
--
-- {generation}, {each} (messages a thread, on average), {first} and {count} (the
-- locations) are numbers.
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT
    'l-' || lpad(l::text, 4, '0') AS location,
    'b-' || lpad(t::text, 6, '0') AS booking,
    t,
    number,
    (number + 1) % 2 AS role,
    CASE number % 2 WHEN 1 THEN 'c-' || lpad(t::text, 6, '0') ELSE 'team' END AS author,
    rtrim(substr('Could we come an hour later and bring two dogs, or is the boat full by then? '
        'We would love to see the seals!', 1, 4 + (number * 7919 + t * 31) % 97)) AS body,
    1805112000000000 + ({generation} * ({each} + 100) + number) * 60000000::bigint + t % 100 * 100000
        AS sent_at
FROM (
    SELECT {first} + n % {count} AS l, {generation} * 100 + n / {count} % 100 AS t,
        n / {count} / 100 + 1 AS number
    FROM generate_series(0, ({each} - 1) * 100 * {count} - 1) AS n
    UNION ALL
    SELECT {first} + n % {count}, {generation} * 100, {each} + n / {count}
    FROM generate_series(0, 100 * {count} - 1) AS n
) AS numbers;

INSERT INTO {schema}.message
SELECT location, booking, number, (number + 1) / 2, role, author, NULL, body, sent_at FROM said;

INSERT INTO {schema}.idempotency_key
SELECT location, booking, role, author, md5(location || booking || number)::uuid::text, number
FROM said;

INSERT INTO {schema}.thread
SELECT
    location, booking, t + 1, number, -sent_at, NOT is_read,
    1805112000000000, 1, (number + 1) / 2, number / 2, role, sent_at,
    rtrim(substr(body, 1, 80)), length(body) > 80,
    number - role, number / 2 - role, number - role, sent_at,
    CASE WHEN is_read THEN number ELSE 0 END, CASE WHEN is_read THEN (number + 1) / 2 ELSE 0 END,
    CASE WHEN is_read THEN number ELSE 0 END, CASE WHEN is_read THEN sent_at END,
    'K7Q2-' || lpad(t::text, 6, '0'), 'Harbour tour', 1805112000000000, 3600, 'confirmed',
    'Ann Lee', NULL
FROM said, LATERAL (SELECT t % 20 <> 5 AS is_read) AS reading
WHERE number = {each} - 1 + CASE t % 100 WHEN 0 THEN 100 ELSE 0 END;
